"""The store as the settings want it, for the server and the commands alike."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.config import Settings
from app.store.store import Store


def make_store(settings: Settings) -> Store:
    targets = [name_target(url) for url in settings.webhook_urls]
    return Store(settings.database, targets=targets, events=settings.webhook_events)


def name_target(url: str) -> str:
    """What stands for a webhook's URL in the database; the URL may hold a secret."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store, open inside the block. Raises DatabaseUnusable."""
    store = make_store(settings)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
