"""Whole turns with the real small model: whatever it says or however it dies, the customer reads something true."""

import os
import signal

import pytest

from app.events import Progress
from app.llm.calls import wait_until_ready
from app.llm.embedded import EmbeddedModel
from app.models import Message, Outcome
from tests.conftest import MakeCounter
from tests.counter import RETURNS, Counter
from tests.live.conftest import NAME, find_model

pytestmark = pytest.mark.live


@pytest.fixture
def model() -> EmbeddedModel:
    return EmbeddedModel(find_model(), NAME, 4096, slots=1)


async def open_counter(make_counter: MakeCounter, model: EmbeddedModel) -> Counter:
    """The policies are in English only, so that the model phrases what they say to a Vietnamese customer."""
    return await make_counter(model, translated=False, model_languages="vi", turn_seconds=90, warm_seconds=120)


async def test_a_real_model_answers_a_policy_question_and_every_number_traces(
    make_counter: MakeCounter, model: EmbeddedModel
) -> None:
    counter = await open_counter(make_counter, model)
    reply = await (await counter.visit("vi")).say(RETURNS)
    assert reply.outcome in {Outcome.ANSWERED, Outcome.CLARIFIED}
    assert all(claim.source for claim in reply.claims)
    assert reply.metrics is not None
    assert reply.metrics.model_calls >= 1
    assert reply.metrics.cached_tokens > 0, "the static prefix was read before the first customer came"


async def test_killed_in_mid_reply_the_customer_still_reads_the_truth_and_the_next_turn_works(
    make_counter: MakeCounter, model: EmbeddedModel
) -> None:
    counter = await open_counter(make_counter, model)
    visitor = await counter.visit("vi")
    talk = counter.conversations
    receipt = await talk.receive_message(visitor.id, "1", RETURNS)
    killed, reply = False, None
    async for event in talk.follow(visitor.id, receipt.message.seq):
        if isinstance(event, Progress) and event.stage == "writing" and model.pid:
            os.kill(model.pid, signal.SIGKILL)
            killed = True
        reply = event if isinstance(event, Message) else None
    assert killed
    assert reply is not None
    assert reply.metrics is not None
    assert reply.metrics.spoke == "canned"
    assert "30" in reply.text

    health = await wait_until_ready(model, 60)
    assert health.state == "ready"
    again = await (await counter.visit("vi")).say(RETURNS)
    assert again.metrics is not None
    assert again.metrics.model_calls >= 1
    assert again.text
