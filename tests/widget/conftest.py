"""Storefronts and guests. Every test with a guest also checks that nothing but the site was asked for anything (I9)."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.pages.site import CHROMIUM
from tests.widget.storefront import Guest, Storefront

MakeShop = Callable[..., Awaitable[Storefront]]
Arrive = Callable[..., Awaitable[Guest]]


@pytest.fixture
async def make_shop(tmp_path: Path, seeded_database: Path) -> AsyncIterator[MakeShop]:
    """Starts a storefront over the demo shop: ``await make_shop(model=…, assistant=…, attributes=…)``."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Storefront:
            data = tmp_path / "data"
            data.mkdir()
            shutil.copy(seeded_database, data / "kaunter.db")
            shop = Storefront(data, **options)
            await shop.start()
            stack.push_async_callback(lambda: shop.stop())
            return shop

        yield make


@pytest.fixture
async def shop(make_shop: MakeShop) -> Storefront:
    """A storefront without a model: the index decides, the canned responses speak."""
    return await make_shop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]
        yield browser
        await browser.close()


@pytest.fixture
async def arrive(browser: Browser) -> AsyncIterator[Arrive]:
    """Opens the shop as a new visitor: ``await arrive(shop, "th-TH")``."""
    guests: list[Guest] = []

    async def open_page(shop: Storefront, locale: str, **context: Any) -> Guest:
        guests.append(await Guest.arrive(browser, shop, locale, **context))
        return guests[-1]

    yield open_page
    for guest in guests:
        assert guest.hosts <= {"127.0.0.1", "localhost"}, "the page called an outside host"
        assert guest.complaints == [], "a script failed or a dialog opened"
        await guest.page.context.close()
