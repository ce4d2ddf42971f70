"""A bound on the model calls under way, since servers queue without one. Knows nothing of turns or deadlines."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.errors import ModelBusy
from app.llm.base import ChatMessage, Chunk, Health, Model, Sampling


@dataclass(frozen=True, slots=True)
class Slot:
    """A held place: use ``model`` for every call inside it; the clock of a turn starts when it is handed out."""

    model: Model
    waited: float
    """Seconds in the queue."""


class SlottedModel:
    """At most ``slots`` holders at once and ``queue`` waiting, first come first served; more get ModelBusy at once.

    A turn holds one slot for all its calls (``async with slotted.slot() as slot: slot.model.stream(...)``). A bare
    ``stream`` takes a slot for that call; inside a held slot it would wait for a second one, so use ``slot.model``.
    """

    def __init__(self, model: Model, slots: int, queue: int) -> None:
        self.inner = model
        self.waiting = 0
        self.running = 0
        self._queue = queue
        self._slots = slots
        self._free = asyncio.Semaphore(slots)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        if self._free.locked() and self.waiting >= self._queue:
            raise ModelBusy("Every model slot is taken and the queue is full; try again in a moment.")
        asked = time.monotonic()
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield Slot(self.inner, time.monotonic() - asked)
        finally:
            self.running -= 1
            self._free.release()

    @property
    def backend(self) -> str:
        return self.inner.backend

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def context_tokens(self) -> int:
        return self.inner.context_tokens

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    async def health(self) -> Health:
        """The inner health with ``running`` and ``waiting`` among its facts."""
        health = await self.inner.health()
        facts = health.facts | {"running": self.running, "waiting": self.waiting, "max_running": self._slots}
        return Health(health.state, health.backend, health.model, health.detail, facts)

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling(), schema: dict[str, Any] | None = None
    ) -> AsyncGenerator[Chunk, None]:
        async with self.slot(), aclosing(self.inner.stream(messages, sampling, schema)) as chunks:
            async for chunk in chunks:
                yield chunk

    def count_tokens(self, text: str) -> int:
        return self.inner.count_tokens(text)
