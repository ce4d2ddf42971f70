"""``kaunter conversation`` and ``kaunter agent``: the owner's look at a conversation, on a hostile one too."""

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from app.cli import app
from app.llm.scripted import ScriptedModel
from app.terminal import tame
from tests.conftest import MakeCounter
from tests.counter import LAN, RETURNS, Counter

EVIL = "\x1b[2J\x1b]0;owned\x07 \u202eevil\u2066 <b>[red]x[/red]</b> ขอบคุณ \u200dक्\u200dष"

Run = Callable[..., Any]


@pytest.fixture
def kaunter(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a counter's data; in a thread, because a command has an event loop of its own."""

    async def run(counter: Counter, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("KAUNTER_DATA_DIR", str(counter.services.settings.data_dir))
        monkeypatch.setenv("COLUMNS", "200")
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        return result.exit_code, result.output

    return run


async def test_a_reply_shows_how_it_came_to_be(make_counter: MakeCounter, kaunter: Run) -> None:
    model = ScriptedModel(default="Anh/chị có thể trả hàng trong vòng 30 ngày.")
    counter = await make_counter(model, translated=False)
    visitor = await counter.visit("vi")
    await visitor.say(RETURNS)
    code, shown = await kaunter(counter, "conversation", "show", visitor.id)
    assert code == 0
    for part in (
        "#1 customer",
        "answered",
        "#2 assistant to #1",
        "claim ",
        "from ",
        "cites returns",
        "spoke: first_try",
    ):
        assert part in shown
    assert "model: scripted" in shown


async def test_rejected_tries_are_told(make_counter: MakeCounter, kaunter: Run) -> None:
    counter = await make_counter(ScriptedModel(default="Anh/chị có thể trả hàng trong vòng 77 ngày."), translated=False)
    visitor = await counter.visit("vi")
    await visitor.say(RETURNS)
    _, shown = await kaunter(counter, "conversation", "show", visitor.id)
    assert "spoke: canned, regenerated 1x, rejected: claim, claim" in shown


async def test_as_json_everything_that_is_kept_of_a_reply_is_there(counter: Counter, kaunter: Run) -> None:
    visitor = await counter.visit("vi")
    await visitor.say(f"{LAN.order_number} {LAN.contact}")
    code, printed = await kaunter(counter, "conversation", "show", visitor.id, "--json")
    assert code == 0
    data = json.loads(printed)
    assert data["identity"]["order_number"] == LAN.order_number
    reply = data["messages"][1]
    assert reply["metrics"]["total_ms"] > 0
    assert {"claims", "citations", "metrics", "outcome", "reply_to", "handoff_reason"} <= reply.keys()
    assert visitor.started.token not in printed


async def test_what_a_customer_wrote_cannot_steer_the_owners_terminal(counter: Counter, kaunter: Run) -> None:
    visitor = await counter.visit("en")
    await visitor.say(EVIL)
    await counter.conversations.request_handoff(visitor.id, EVIL)
    for command in (("conversation", "show", visitor.id), ("conversation", "list"), ("agent", "inbox")):
        code, shown = await kaunter(counter, *command)
        assert code == 0
        assert not set(shown) & set("\x1b\x07\u202e\u2066")
    _, shown = await kaunter(counter, "conversation", "show", visitor.id)
    assert "<b>[red]x[/red]</b> ขอบคุณ" in shown


async def test_the_list_begins_with_what_changed_last(counter: Counter, kaunter: Run) -> None:
    first, second = await counter.visit("en"), await counter.visit("th")
    await second.say("สวัสดีค่ะ")
    await first.say("hello")
    code, printed = await kaunter(counter, "conversation", "list", "--json")
    assert code == 0
    assert [(c["conversation_id"], c["messages"]) for c in json.loads(printed)] == [(first.id, 2), (second.id, 2)]


async def test_an_unknown_conversation_is_one_sentence(counter: Counter, kaunter: Run) -> None:
    code, _ = await kaunter(counter, "conversation", "show", "nothing")
    assert code == 1


def test_joiners_and_letters_stay_and_controls_go() -> None:
    assert tame("क्\u200dष\tก\n\x1b[0m\u202e\ud800") == "क्\u200dष\tก\n\\u001b[0m\\u202e\\ud800"


async def test_an_agent_saves_the_photos_of_a_customer(counter: Counter, kaunter: Run, tmp_path: Path) -> None:
    visitor = await counter.visit("vi")
    for colour in ("red", "blue"):
        file = io.BytesIO()
        Image.new("RGB", (40, 30), colour).save(file, "PNG")
        await counter.conversations.add_photo(visitor.id, file.getvalue())
    code, shown = await kaunter(counter, "agent", "photos", visitor.id, str(tmp_path / "photos"))
    saved = sorted((tmp_path / "photos").iterdir())
    assert (code, shown.split()) == (0, [str(path) for path in saved])
    assert [Image.open(io.BytesIO(path.read_bytes())).size for path in saved] == [(40, 30), (40, 30)]
    assert (await kaunter(counter, "agent", "photos", "nobody", str(tmp_path)))[0] != 0
