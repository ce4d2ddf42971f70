"""The logs of a whole, bad day hold nothing that a customer wrote, no contact, no token and no webhook's address."""

import json
from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.errors import InvalidMessage, ModelUnavailable, TooManyTries
from app.identity import Proof
from app.llm.scripted import ScriptedModel
from app.logs import trace_without_words
from tests.conftest import MakeCounter
from tests.counter import LAN

WORDS = 'zebra-7731\n{"event":"fake"}\u202e<b>ลับ</b>\u2028'
CONTACT = "very.private@example.org"
PHONE = "+84 90 555 0199"


def text_of(logs: Any) -> str:
    return json.dumps(logs, ensure_ascii=False, default=repr)


async def test_a_conversation_that_goes_wrong_leaves_no_word_in_the_logs(
    make_counter: MakeCounter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("INFO")
    model = ScriptedModel(default="ready")
    secret = "http://127.0.0.1:9/hook/T0KEN-of-the-hook"
    with capture_logs(processors=[trace_without_words]) as logs:
        counter = await make_counter(model, webhook_urls=secret, webhook_secret="s" * 32)
        model.default = ModelUnavailable(f"the model said {WORDS}")
        visitor = await counter.visit("en")
        for text in (f"hmm {WORDS}", f"12345 {CONTACT}", f"my number is {PHONE}, where is 12345?", WORDS):
            await visitor.say(text)
        with pytest.raises(InvalidMessage):
            await visitor.say(WORDS * 400)
        with suppress(TooManyTries):
            for _ in range(9):
                await counter.conversations.verify_contact(visitor.id, Proof("12345", CONTACT), address="a")
        for sender in counter.services.senders():
            await sender.send_next()
            await sender.close()
        await counter.conversations.request_handoff(visitor.id, WORDS)
    assert logs, "something was worth a line"
    written = text_of(logs) + "".join(record.getMessage() for record in caplog.records) + "".join(capfd.readouterr())
    for private in ("zebra", "7731", "ลับ", "fake", CONTACT, "555", LAN.contact, visitor.started.token, "s" * 32):
        assert private not in written
    assert "T0KEN" not in text_of(logs)


async def test_an_error_that_quotes_the_customer_is_logged_by_kind_and_place(make_counter: MakeCounter) -> None:
    model = ScriptedModel(default="ready")
    counter = await make_counter(model)
    model.default = RuntimeError(f"cannot digest {WORDS}")
    visitor = await counter.visit("en")
    with capture_logs(processors=[trace_without_words]) as logs:
        await visitor.say("hmm it is about that one thing again, the usual, you know")
    [failed] = [each for each in logs if each["event"] == "turn.failed"]
    assert failed["exception"] == "RuntimeError"
    assert any("assistant.py" in frame for frame in failed["frames"])
    assert "zebra" not in text_of(logs)
