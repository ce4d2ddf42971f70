"""I10: when the model is slow, down or wrong, the customer still gets a true answer in her language, or a human."""

import asyncio
from typing import Any

import pytest

from app.errors import ModelBusy, ModelMissing, ModelUnavailable, PromptTooLong, ReplyBroken
from app.llm.scripted import ScriptedModel
from app.models import Outcome
from tests.conftest import MakeCounter
from tests.counter import RETURNS

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
@pytest.mark.parametrize("text", [RETURNS, UNCLEAR])
async def test_every_failure_of_the_model_still_ends_in_an_answer(
    make_counter: MakeCounter, failure: Exception, text: str
) -> None:
    counter = await make_counter(ScriptedModel(["warm"], default=failure), translated=False)
    visitor = await counter.visit("vi")
    reply = await visitor.say(text)
    assert reply.text
    assert reply.outcome in {Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.HANDED_OFF}
    if isinstance(failure, RuntimeError):
        assert reply.outcome is Outcome.HANDED_OFF
    elif text == RETURNS:
        assert "30" in reply.text


async def test_a_model_that_never_ends_is_cut_off_at_the_turns_deadline(make_counter: MakeCounter) -> None:
    class Endless(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.calls:
                await asyncio.Event().wait()
            async for chunk in super().stream(*arguments, **options):
                yield chunk

    counter = await make_counter(Endless(["warm"]), translated=False, turn_seconds=0.05)
    visitor = await counter.visit("vi")
    reply = await visitor.say(RETURNS)
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

    model = Breaking(["warm"], default="Dạ, anh/chị có thể trả hàng trong vòng 30 ngày. Và sau đó")
    counter = await make_counter(model, translated=False)
    visitor = await counter.visit("vi")
    reply = await visitor.say(RETURNS)
    assert reply.text.startswith("Dạ, anh/chị có thể trả hàng trong vòng 30 ngày.")
    assert "Và sau đó" not in reply.text
    assert reply.metrics is not None
    assert reply.metrics.spoke == "canned"


async def test_while_the_model_loads_customers_are_answered_from_the_catalogue(make_counter: MakeCounter) -> None:
    counter = await make_counter(ScriptedModel(["warm"], default="never"), translated=False)
    counter.services.lender.warmed.clear()
    visitor = await counter.visit("vi")
    assert "30" in (await visitor.say(RETURNS)).text
