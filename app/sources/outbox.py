"""Sends confirmed changes to the shop's own order system until it has answered for good.

At least once, in the order of confirmation where nothing fails, always with the same idempotency key. Leaves what is
durable to ``store``.
"""

import asyncio
from datetime import timedelta

import structlog

from app.errors import DatabaseUnusable, ShopUnavailable
from app.sources.http import HttpShop
from app.store import Request, Store

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
CLAIM = timedelta(seconds=60)
"""Longer than a whole batch of sends may take to fail."""
DELAYS = (5, 15, 60, 300, 900)
"""Seconds until the next try; the last one again and again."""
REFUSED = "shop_refused"
"""The reason of the hand-off when the other system says no."""


class Outbox:
    """One sender; several processes may each have one."""

    def __init__(self, store: Store, shop: HttpShop, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._store = store
        self._shop = shop
        self._pause = pause_seconds

    async def run(self) -> None:
        """Send for ever; a failure of ours is told and does not end it."""
        while True:
            try:
                await self.send_due()
            except DatabaseUnusable as error:
                log.error("outbox.failed", error=type(error).__name__)
            await asyncio.sleep(self._pause)

    async def send_due(self) -> None:
        """One try for every change whose time has come."""
        requests = await self._store.claim_requests(self._store.clock() + CLAIM)
        await asyncio.gather(*(self._send(request) for request in requests))

    async def _send(self, request: Request) -> None:
        try:
            status = await self._shop.send_change(request.payload, request.idempotency_key)
        except ShopUnavailable:
            status = 503
        if 200 <= status < 300:
            await self._store.settle_request(request.id, "done")
        elif 400 <= status < 500 and status not in (401, 403, 404, 408, 425, 429):
            log.warning("outbox.refused", status=status)
            await self._store.settle_request(request.id, "refused")
            if request.conversation_id:
                await self._store.request_handoff(request.conversation_id, REFUSED)
        else:
            delay = DELAYS[min(request.attempts, len(DELAYS)) - 1]
            log.warning("outbox.delayed", status=status, attempts=request.attempts)
            await self._store.delay_request(request.id, self._store.clock() + timedelta(seconds=delay))
