"""I1: a message is durable before any model is called and gets exactly one final outcome, also across a crash."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app import turns
from app.errors import DatabaseUnusable, ModelUnavailable
from app.llm.base import ChatMessage
from app.llm.scripted import ScriptedModel
from app.models import Author, Outcome
from app.store import TurnLease
from tests.conftest import MakeCounter

UNCLEAR = "hmm, it is about that one thing again, you know which, the usual"


async def test_the_message_is_committed_before_the_model_is_called(make_counter: MakeCounter, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look(messages: Sequence[ChatMessage], schema: dict[str, Any] | None) -> ModelUnavailable:
        with sqlite3.connect(f"file:{tmp_path}/data/kaunter.db?mode=ro", uri=True) as other:
            seen.append([text for (text,) in other.execute("select text from messages")])
        return ModelUnavailable("away")

    counter = await make_counter(ScriptedModel(["warm"], default=look))
    visitor = await counter.visit("en")
    await visitor.say(UNCLEAR)
    assert seen
    assert all(UNCLEAR in texts for texts in seen)


async def test_a_message_before_any_text_was_shown_is_answered_together_with_the_one_before(
    make_counter: MakeCounter,
) -> None:
    gate = asyncio.Event()
    asked: asyncio.Queue[None] = asyncio.Queue()

    class SlowModel(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.calls:
                asked.put_nowait(None)
                await gate.wait()
            async for chunk in super().stream(*arguments, **options):
                yield chunk

    model = SlowModel(["warm"], default={"tool": "offer_topics"})
    counter = await make_counter(model)
    visitor = await counter.visit("en")
    talk = counter.conversations
    first = await talk.receive_message(visitor.id, "1", UNCLEAR)
    await asyncio.wait_for(asked.get(), 5)
    second = await talk.receive_message(visitor.id, "2", "I mean the other one, really, the one from before")
    await asyncio.wait_for(asked.get(), 5)  # begun again, with both
    gate.set()
    async for _ in talk.follow(visitor.id, second.message.seq):
        pass
    stored = await talk.messages(visitor.id)
    outcomes = {m.seq: m.outcome for m in stored if m.author is Author.CUSTOMER}
    assert outcomes == {first.message.seq: Outcome.SUPERSEDED, second.message.seq: Outcome.CLARIFIED}
    assert [m.author for m in stored].count(Author.ASSISTANT) == 1
    assert await talk.reply_to(visitor.id, first.message.seq) == await talk.reply_to(visitor.id, second.message.seq)


async def test_a_turn_that_a_crash_cut_off_is_answered_by_the_next_start(make_counter: MakeCounter) -> None:
    stuck = asyncio.Event()

    class StuckModel(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.calls:
                stuck.set()
                await asyncio.Event().wait()
            async for chunk in super().stream(*arguments, **options):
                yield chunk

    counter = await make_counter(StuckModel(["warm"], default="never"))
    visitor = await counter.visit("fil")
    receipt = await counter.conversations.receive_message(visitor.id, "1", "yung ano, yung dati, alam mo na yun po")
    await asyncio.wait_for(stuck.wait(), 5)
    for live in counter.conversations.turns._live.values():
        assert live.task is not None
        live.task.cancel()

    again = await make_counter(fresh=False)
    again.conversations.turns.begin(visitor.id)
    async for _ in again.conversations.follow(visitor.id, receipt.message.seq):
        pass
    stored = await again.conversations.messages(visitor.id)
    assert [m.author for m in stored] == [Author.CUSTOMER, Author.ASSISTANT]
    assert stored[0].outcome is not None


async def test_twenty_messages_at_once_get_one_outcome_each(make_counter: MakeCounter) -> None:
    counter = await make_counter()
    visitor = await counter.visit("vi")
    talk = counter.conversations
    texts = ["xin chào shop", "shop ơi", "phí ship bao nhiêu", "cảm ơn"] * 5
    receipts = await asyncio.gather(*(talk.receive_message(visitor.id, str(n), text) for n, text in enumerate(texts)))
    for receipt in receipts:
        async for _ in talk.follow(visitor.id, receipt.message.seq):
            pass
    stored = await talk.messages(visitor.id)
    asked = [m for m in stored if m.author is Author.CUSTOMER]
    assert len(asked) == 20
    assert all(m.outcome is not None for m in asked)
    replies = [m for m in stored if m.author is Author.ASSISTANT]
    assert len(replies) == sum(m.outcome is not Outcome.SUPERSEDED for m in asked)
    assert len({m.reply_to for m in replies}) == len(replies)


@pytest.mark.parametrize("locked", [True, False])
async def test_a_lease_that_is_being_extended_costs_no_reply(
    make_counter: MakeCounter, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    begun, ended, model_may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class SlowModel(ScriptedModel):
        async def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.calls:
                await model_may_end.wait()
            async for chunk in super().stream(*arguments, **options):
                yield chunk

    counter = await make_counter(SlowModel(["warm"], default={"tool": "offer_topics"}))
    store, extend = counter.services.store, counter.services.store.extend_lease

    async def extend_slowly(lease: TurnLease, seconds: float) -> TurnLease | None:
        begun.set()
        model_may_end.set()
        await asyncio.sleep(0.05)
        if locked:
            raise DatabaseUnusable("The database is locked by another program.")
        extended = await extend(lease, seconds)
        ended.set()
        return extended

    monkeypatch.setattr(turns, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(store, "extend_lease", extend_slowly)
    visitor = await counter.visit("th")
    reply = await visitor.say(UNCLEAR)
    assert begun.is_set()
    assert ended.is_set() is not locked
    assert reply.outcome is Outcome.CLARIFIED
