"""An order system on loopback, and the source that asks it."""

from collections.abc import AsyncIterator

import pytest

from app.sources import Client, HttpShop
from tests.sources.shop_server import KEY, ShopServer, open_shop


class Watch:
    """Monotonic seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def server() -> AsyncIterator[ShopServer]:
    async with open_shop() as server:
        yield server


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def shop(server: ShopServer, watch: Watch) -> AsyncIterator[HttpShop]:
    shop = HttpShop(Client(server.url, KEY, total_seconds=2.0), clock=watch)
    yield shop
    await shop.close()
