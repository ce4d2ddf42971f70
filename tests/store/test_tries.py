"""Counting tries of a proof of identity, and tokens that open an account once."""

import asyncio
from datetime import timedelta

from app.store import Store
from tests.store.conftest import Clock


async def test_tries_are_counted_by_kind_key_and_time(store: Store, clock: Clock) -> None:
    for kind, key in (("order", "a"), ("order", "a"), ("order", "b"), ("address", "a")):
        await store.add_try(kind, key, clock.now)
        clock.advance(60)
    start = clock.now - timedelta(minutes=4)
    assert await store.count_tries("order", "a", start) == 2
    assert await store.count_tries("order", "a", start + timedelta(seconds=1)) == 1
    assert await store.count_tries("order", "c", start) == 0
    await store.prune_tries(start + timedelta(minutes=2))
    assert await store.count_tries("order", "a", start) == 0
    assert await store.count_tries("address", "a", start) == 1


async def test_added_first_and_counted_then_no_more_than_the_limit_pass(store: Store, clock: Clock) -> None:
    async def attempt() -> bool:
        await store.add_try("order", "key", clock.now)
        return await store.count_tries("order", "key", clock.now) <= 5

    passed = await asyncio.gather(*(attempt() for _ in range(30)))
    assert sum(passed) <= 5


async def test_a_token_opens_an_account_once(store: Store, clock: Clock) -> None:
    used = await asyncio.gather(*(store.use_jti("hash", clock.now) for _ in range(10)))
    assert sum(used) == 1
    assert await store.use_jti("hash", clock.now) is False
    assert await store.use_jti("other", clock.now) is True
    await store.prune_tries(clock.now + timedelta(seconds=1))
    assert await store.use_jti("hash", clock.now) is True
