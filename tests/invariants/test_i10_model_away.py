"""I10: when the model is slow, down or wrong, the customer still gets a true answer in her language, or a human."""

import asyncio
from typing import Any

import pytest

from app.errors import ModelBusy, ModelMissing, ModelUnavailable, PromptTooLong, ReplyBroken
from app.llm.scripted import ScriptedModel
from app.models import Outcome
from tests.conftest import MakeCounter

QUESTION = "How long do I have to return it and who pays for the label?"
UNCLEAR = "hmm, it is about that one thing again, you know which, the usual"


@pytest.mark.parametrize(
    "failure",
    [
        ModelUnavailable("down"),
        ModelMissing("gone"),
        ModelBusy("full"),
        PromptTooLong(9000, 8192),
        ReplyBroken("cut"),
        RuntimeError("a defect"),
    ],
)
@pytest.mark.parametrize("text", [QUESTION, UNCLEAR])
async def test_every_failure_of_the_model_still_ends_in_an_answer(
    make_counter: MakeCounter, failure: Exception, text: str
) -> None:
    counter = await make_counter(ScriptedModel(["warm"], default=failure))
    visitor = await counter.visit("en")
    reply = await visitor.say(text)
    assert reply.text
    assert reply.outcome in {Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.HANDED_OFF}
    if isinstance(failure, RuntimeError):
        assert reply.outcome is Outcome.HANDED_OFF
    elif text == QUESTION:
        assert "30" in reply.text


async def test_a_model_that_never_ends_is_cut_off_at_the_turns_deadline(make_counter: MakeCounter) -> None:
    class Endless(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.calls:
                await asyncio.Event().wait()
            async for chunk in super().stream(*arguments, **options):
                yield chunk

    counter = await make_counter(Endless(["warm"]), turn_seconds=0.05)
    visitor = await counter.visit("en")
    reply = await visitor.say(QUESTION)
    assert reply.metrics is not None
    assert reply.metrics.spoke == "canned"
    assert "30" in reply.text


async def test_what_was_verified_before_a_failure_stays_and_the_canned_response_completes_it(
    make_counter: MakeCounter,
) -> None:
    class Breaking(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            async for chunk in super().stream(*arguments, **options):
                if len(self.calls) > 1 and chunk.usage:
                    raise ReplyBroken("cut")
                yield chunk

    model = Breaking(["warm"], default="Yes, you can return it within 30 days. And then")
    counter = await make_counter(model)
    visitor = await counter.visit("en")
    reply = await visitor.say(QUESTION)
    assert reply.text.startswith("Yes, you can return it within 30 days.")
    assert "And then" not in reply.text
    assert reply.metrics is not None
    assert reply.metrics.spoke == "canned"


async def test_while_the_model_loads_customers_are_answered_from_the_catalogue(make_counter: MakeCounter) -> None:
    counter = await make_counter(ScriptedModel(["warm"], default="never"))
    counter.services.lender.warmed.clear()
    visitor = await counter.visit("en")
    assert "30" in (await visitor.say(QUESTION)).text
