"""I9: nothing leaves the machine."""

import re
import socket
from pathlib import Path

import pytest

from tests.conftest import MakeCounter

ROOT = Path(__file__).parents[2]
OUTSIDE = re.compile(
    r"https?://(?!127\.0\.0\.1|localhost|\[::1\]|ollama\b|www\.w3\.org/|json-schema\.org/)[a-z0-9.-]+", re.I
)


def test_no_page_style_or_script_of_ours_names_an_outside_host() -> None:
    ours = [
        p
        for p in ROOT.glob("app/**/*")
        if p.suffix in {".css", ".js", ".html", ".svg", ".j2"} and "static" not in p.parts
    ]
    assert ours
    found = {(p.name, m) for p in ours for m in OUTSIDE.findall(p.read_text(encoding="utf-8"))}
    assert not found


async def test_a_whole_conversation_opens_no_connection(
    make_counter: MakeCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise AssertionError(f"connected to {address}")

    counter = await make_counter()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    visitor = await counter.visit("th")
    for text in ("สวัสดีค่ะ", "ค่าส่งเท่าไหร่คะ", "12345 lan.nguyen@example.com", "มีเสื้อไหมคะ"):
        assert (await visitor.say(text)).text
