"""A small cache with an age limit, in which simultaneous questions share one answer, or one failure."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.errors import ShopUnavailable

T = TypeVar("T")

MAX_ENTRIES = 1000
FAILURE_SECONDS = 2.0
"""Those who waited for a question that failed do not ask it again, one after the other."""


@dataclass(frozen=True, slots=True)
class _Entry:
    asked_at: float
    value: Any = None
    failure: ShopUnavailable | None = None


class Cache:
    """Ages are in seconds of ``clock``. One event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: dict[Hashable, _Entry] = {}
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    async def get(self, key: Hashable, seconds: float, since: float, fetch: Callable[[], Awaitable[T]]) -> T:
        """The value of ``key``, asked for at most ``seconds`` ago and not before ``since``, else fetched now.

        Raises ShopUnavailable as ``fetch`` did.
        """
        lock, waiting = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, waiting + 1)
        try:
            async with lock:
                entry = self._entries.get(key)
                if entry is None or entry.asked_at < max(self._clock() - seconds, since) or self._has_failed(entry):
                    entry = await self._fetch(key, fetch)
        finally:
            lock, waiting = self._locks.pop(key)
            if waiting > 1:
                self._locks[key] = (lock, waiting - 1)
        if entry.failure is not None:
            raise entry.failure
        value: T = entry.value
        return value

    def _has_failed(self, entry: _Entry) -> bool:
        return entry.failure is not None and entry.asked_at < self._clock() - FAILURE_SECONDS

    async def _fetch(self, key: Hashable, fetch: Callable[[], Awaitable[Any]]) -> _Entry:
        try:
            entry = _Entry(self._clock(), await fetch())
        except ShopUnavailable as error:
            entry = _Entry(self._clock(), failure=error)
        self._entries.pop(key, None)
        self._entries[key] = entry
        while len(self._entries) > MAX_ENTRIES:
            del self._entries[next(iter(self._entries))]
        return entry
