"""The store as the settings want it, for the server and the commands alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.config import Settings
from app.store.store import Store


def make_store(settings: Settings) -> Store:
    return Store(settings.database)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store, open inside the block. Raises DatabaseUnusable."""
    store = make_store(settings)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
