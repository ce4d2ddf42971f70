"""A real database for each test: a SQLite file, or the PostgreSQL that KAUNTER_TEST_DATABASE_URL names.

The PostgreSQL database is emptied before each test: give it one of its own.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.store import Store

POSTGRES = os.environ.get("KAUNTER_TEST_DATABASE_URL", "")


class Clock:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 28, 23, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def url(tmp_path: Path) -> str:
    if not POSTGRES:
        return f"sqlite:///{tmp_path / 'folder' / 'kaunter.db'}"
    engine = create_async_engine(POSTGRES.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return POSTGRES


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    store = Store(url, clock=clock)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def conversation_id(store: Store) -> str:
    conversation = await store.create_conversation(language="th", locale="th", token_hash="ab" * 32)
    return conversation.id
