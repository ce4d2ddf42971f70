"""Tells the owner's webhooks what happened: at least once, signed, only the configured URLs, no redirect followed.

One sender a URL and process; a claim in the store keeps several processes from sending the same at once. What is
durable is the business of ``store``. Logs name a URL by its place in the settings: it may hold a secret.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

import httpx
import orjson
import structlog

from app.errors import DatabaseUnusable
from app.store import Announcement, Store
from app.store.opening import name_target
from app.webhooks.signing import sign

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 10.0
"""For a whole delivery."""
CLAIM = timedelta(seconds=30)
"""Longer than a delivery may take to fail."""
DELAYS = (5, 30, 120, 600, 1800, 3600)
"""Seconds until the next try; the last one again and again."""
JITTER = 0.2
MOST_TRIES = 29
"""A day of them. Then the event is given up: logged, counted, and kept for ``kaunter webhook retry``."""
KEPT = timedelta(days=30)
FORGET_SECONDS = 3600.0

Count = Callable[[str, str], None]
"""Counts a try by the event's type and ``delivered``, ``delayed`` or ``given_up``."""


class Sender:
    """The deliveries to one URL, the ``place``-th of the settings."""

    def __init__(self, store: Store, url: str, key: bytes, count: Count, *, place: int = 1) -> None:
        self._store = store
        self._url = url
        self._target = name_target(url)
        self._key = key
        self._count = count
        self._place = place
        # trust_env: a proxy of the environment would be a host that the owner did not configure here.
        self._http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, follow_redirects=False)

    async def run(self) -> None:
        """Send for ever; a failure of ours is told and does not end it."""
        try:
            while True:
                try:
                    while await self.send_next():
                        pass
                except Exception as error:
                    log.exception("webhook.failed", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def send_next(self) -> bool:
        """One try for the oldest event whose time has come; False when there is none."""
        found = await self._store.claim_announcement(self._target, self._store.clock() + CLAIM)
        if found is None:
            return False
        problem = await self._post(found)
        if problem is None:
            await self._store.end_announcement(found)
            self._count(found.type, "delivered")
        else:
            await self._put_off(found, problem)
        return True

    async def _put_off(self, found: Announcement, problem: str) -> None:
        seconds = DELAYS[min(found.attempts, len(DELAYS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
        until = self._store.clock() + timedelta(seconds=seconds) if found.attempts < MOST_TRIES else None
        ending = "delayed" if until else "given_up"
        tell = log.warning if until else log.error
        what = {"id": found.id, "type": found.type, "attempts": found.attempts}
        tell(f"webhook.{ending}", url=self._place, problem=problem, **what)
        self._count(found.type, ending)
        await self._store.delay_announcement(found, until)

    async def _post(self, found: Announcement) -> str | None:
        """What was wrong; None when the receiver took it. Every answer but 2xx is wrong, its body is not read."""
        stamp = found.created_at.isoformat()
        body = orjson.dumps({"type": found.type, "timestamp": stamp, "data": found.data})
        headers = sign(self._key, found.id, int(self._store.clock().timestamp()), body)
        headers |= {"Content-Type": "application/json", "User-Agent": "Kaunter"}
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._http.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                return None if answer.is_success else f"status {answer.status_code}"
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return type(error).__name__


async def forget(store: Store) -> None:
    """Remove, every hour for ever, what was given up or belongs to no configured URL, once it is ``KEPT`` old."""
    while True:
        await asyncio.sleep(FORGET_SECONDS)
        try:
            await store.prune_announcements(store.clock() - KEPT)
        except DatabaseUnusable as error:
            log.error("webhook.not_forgotten", error=type(error).__name__)
