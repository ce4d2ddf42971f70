"""How often somebody may ask: per conversation, per network address, and for the whole shop.

Counts in this process (package ``limits``, moving windows); with several replicas each counts its own share. The
owner's shell, and a caller without an address, is not limited. Tries to prove an identity have durable limits of their
own in ``identity``.
"""

import time
from collections.abc import Iterable

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.errors import TooManyTries
from app.identity import SHELL

Keyed = tuple[RateLimitItem, tuple[str, ...]]
_UNLIMITED = ("", SHELL)


class Limits:
    """Limits written as ``"20 per minute"``. Each method raises TooManyTries with the seconds to wait."""

    def __init__(self, *, conversation: str, address: str, shop: str, starts: str) -> None:
        self._conversation, self._address = parse(conversation), parse(address)
        self._shop, self._starts = parse(shop), parse(starts)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def count_message(self, conversation_id: str, address: str) -> None:
        """A message, or a photo, of a conversation."""
        if address not in _UNLIMITED:
            per_address = (self._address, ("messages", address))
            await self._count([(self._conversation, (conversation_id,)), per_address, (self._shop, ("messages",))])

    async def count_start(self, address: str) -> None:
        """A new conversation."""
        if address not in _UNLIMITED:
            await self._count([(self._starts, ("starts", address))])

    async def _count(self, keyed: Iterable[Keyed]) -> None:
        for limit, key in keyed:
            if not await self._limiter.hit(limit, *key):
                reset_at = (await self._limiter.get_window_stats(limit, *key)).reset_time
                raise TooManyTries(max(1, int(reset_at - time.time()) + 1))
