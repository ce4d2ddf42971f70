"""The model is never asked by more callers than it has slots, and nobody waits in a line without end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from app.errors import ModelBusy, ReplyBroken
from app.llm.base import ChatMessage, Chunk
from app.llm.calls import complete
from app.llm.scripted import ScriptedModel
from app.llm.slots import SlottedModel

ASKED = [ChatMessage("user", "di mana pesanan saya?")]


class GatedModel(ScriptedModel):
    """Streams its first piece, then waits for the gate; counts how many do so at once."""

    def __init__(self) -> None:
        super().__init__(default="pesanan Anda sedang diproses")
        self.gate = asyncio.Event()
        self.running = 0
        self.most = 0

    async def stream(self, *args: Any, **options: Any) -> AsyncGenerator[Chunk, None]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.gate.wait()
            async for chunk in super().stream(*args, **options):
                yield chunk
        finally:
            self.running -= 1


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_calls_than_slots_run_at_once() -> None:
    inner = GatedModel()
    model = SlottedModel(inner, slots=2, queue=10)
    calls = [asyncio.create_task(complete(model, ASKED)) for _ in range(6)]
    await settle()
    assert (inner.running, model.running, model.waiting) == (2, 2, 4)
    inner.gate.set()
    assert len({text for text, _, _ in await asyncio.gather(*calls)}) == 1
    assert inner.most == 2
    assert (model.running, model.waiting) == (0, 0)


async def test_who_finds_the_queue_full_is_told_at_once() -> None:
    inner = GatedModel()
    model = SlottedModel(inner, slots=1, queue=1)
    calls = [asyncio.create_task(complete(model, ASKED)) for _ in range(2)]
    await settle()
    with pytest.raises(ModelBusy):
        await complete(model, ASKED)
    inner.gate.set()
    await asyncio.gather(*calls)


async def test_without_a_queue_a_free_slot_is_still_given() -> None:
    model = SlottedModel(ScriptedModel(default="ໂອເຄ"), slots=1, queue=0)
    assert (await complete(model, ASKED))[0] == "ໂອເຄ"
    assert (await complete(model, ASKED))[0] == "ໂອເຄ"


async def test_the_first_to_come_is_the_first_to_be_served() -> None:
    model = SlottedModel(ScriptedModel(), slots=1, queue=9)
    served: list[int] = []

    async def take(number: int) -> None:
        async with model.slot():
            served.append(number)
            await settle()

    await asyncio.gather(*(take(number) for number in range(5)))
    assert served == [0, 1, 2, 3, 4]


async def test_a_turn_holds_one_slot_for_all_its_calls_and_learns_how_long_it_waited() -> None:
    model = SlottedModel(ScriptedModel(default="ok"), slots=1, queue=3)
    async with model.slot() as slot:
        await complete(slot.model, ASKED)
        await complete(slot.model, ASKED)
        assert slot.waited >= 0
        assert model.running == 1


async def test_a_slot_comes_back_from_a_failure_a_cancellation_and_an_early_end() -> None:
    model = SlottedModel(ScriptedModel([ReplyBroken("x"), "lama sekali"], default="ok"), slots=1, queue=0)
    with pytest.raises(ReplyBroken):
        await complete(model, ASKED)
    async with aclosing(model.stream(ASKED)) as chunks:
        await anext(chunks)
    assert model.running == 0

    gated = GatedModel()
    model = SlottedModel(gated, slots=1, queue=1)
    calls = [asyncio.create_task(complete(model, ASKED)) for _ in range(2)]
    await settle()
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert (model.running, model.waiting) == (0, 0)
    gated.gate.set()
    assert (await complete(model, ASKED))[0].startswith("pesanan")


async def test_health_tells_the_load() -> None:
    model = SlottedModel(ScriptedModel(), slots=3, queue=2)
    async with model.slot():
        facts = (await model.health()).facts
    assert (facts["running"], facts["waiting"], facts["max_running"]) == (1, 0, 3)
