"""I7: from the moment an agent takes over, nothing that the assistant started earlier can be posted."""

import asyncio
from typing import Any

from app.llm.scripted import ScriptedModel
from app.models import Author, Outcome
from tests.conftest import MakeCounter


async def test_a_reply_under_way_is_dropped_when_an_agent_takes_over(make_counter: MakeCounter) -> None:
    started, gate = asyncio.Event(), asyncio.Event()

    class SlowModel(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.calls:
                started.set()
                await gate.wait()
            async for chunk in super().stream(*arguments, **options):
                yield chunk

    counter = await make_counter(SlowModel(["warm"], default={"tool": "offer_topics"}))
    visitor = await counter.visit("en")
    await counter.conversations.receive_message(visitor.id, "1", "hmm, that one thing again, you know which, the usual")
    await asyncio.wait_for(started.wait(), 5)
    await counter.services.store.add_agent_message(visitor.id, "Mai", "Hello, Mai here.")
    gate.set()
    async for _ in counter.conversations.turns.listen(visitor.id):
        pass
    stored = await counter.conversations.messages(visitor.id)
    assert [m.author for m in stored] == [Author.CUSTOMER, Author.AGENT]
    assert stored[0].outcome is Outcome.TO_AGENT


async def test_after_handing_back_the_assistant_answers_again(make_counter: MakeCounter) -> None:
    counter = await make_counter()
    visitor = await counter.visit("th")
    await counter.conversations.request_handoff(visitor.id)
    quiet = await counter.conversations.receive_message(visitor.id, "1", "สวัสดีค่ะ")
    assert quiet.message.outcome is Outcome.TO_AGENT
    await counter.services.store.hand_back(visitor.id)
    assert (await visitor.say("สวัสดีค่ะ")).author is Author.ASSISTANT
