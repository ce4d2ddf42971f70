"""docs/widget.md: the token that each example makes opens an account; what it names exists in the element."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.models import Identity
from app.storefront.routes import POLICY
from tests.conftest import MakeCounter
from tests.storefront.test_storefront import LAN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/widget.md").read_text(encoding="utf-8")
SECRET = "the shop's own secret, at least 32 bytes"
CALLS = {
    "python": ([sys.executable, "-c"], "\nprint(identity_token('{id}'))"),
    "php": (["php", "-r"], "\necho identity_token('{id}');"),
    "js": (["node", "-e"], "\nconsole.log(identityToken('{id}'));"),
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def run(command: list[str]) -> str:
    environment = os.environ | {"KAUNTER_IDENTITY_SECRET": SECRET}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("language", CALLS)
async def test_the_token_of_the_example_opens_the_customers_account(make_counter: MakeCounter, language: str) -> None:
    command, call = CALLS[language]
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} here")
    (source,) = [block for block in blocks(language) if re.search("identity_token|identityToken", block)]
    token = run([*command, source + call.format(id=LAN.id)])
    counter = await make_counter(identity_secret=SECRET)
    started = await counter.conversations.start("vi", identity_token=token)
    found = await counter.conversations.get(started.conversation.id)
    assert found.identity == Identity("customer", LAN.id)


def test_the_page_names_every_attribute_event_property_and_part_of_the_element() -> None:
    source = "".join(path.read_text() for path in sorted((ROOT / "app/widget").glob("*.ts")))
    style = (ROOT / "app/widget/style.css").read_text()
    attributes = set(re.findall(r'this\.(?:get|has|toggle)Attribute\("([a-z-]+)"', source))
    events = {f"support-chat:{name}" for name in re.findall(r'this\.tell\("([a-z]+)"', source)}
    properties = set(re.findall(r"--support-chat-[a-z]+(?:-[a-z]+)*", style)) - {"--support-chat"}
    parts = {part for parts in re.findall(r'part: "([a-z -]+)"', source) for part in parts.split()}
    for name in attributes | properties | events | parts:
        assert f"`{name}`" in PAGE, name
    assert {"locale", "identity-url", "open"} <= attributes
    assert set(re.findall(r"--support-chat-[a-z]+(?:-[a-z]+)*", PAGE)) <= properties


def test_the_policy_of_the_page_is_enough_for_the_demo() -> None:
    for directive in ("script-src", "connect-src", "img-src"):
        assert directive in PAGE
        assert directive in POLICY
    assert "unsafe" not in POLICY
