"""Sites and shoppers. Every test with a shopper also checks that nothing but the site was asked for anything (I9)."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.pages.site import CHROMIUM, Shopper, Site

MakeSite = Callable[..., Awaitable[Site]]
Arrive = Callable[..., Awaitable[Shopper]]


@pytest.fixture
async def make_site(tmp_path: Path, seeded_database: Path) -> AsyncIterator[MakeSite]:
    """Starts a site over the demo shop: ``await make_site(model=…, assistant=…)``."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Site:
            data = tmp_path / "data"
            data.mkdir()
            shutil.copy(seeded_database, data / "kaunter.db")
            site = Site(data, **options)
            await site.start()
            stack.push_async_callback(lambda: site.stop())
            return site

        yield make


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    """A site without a model: the index decides, the canned responses speak."""
    return await make_site()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]
        yield browser
        await browser.close()


@pytest.fixture
async def arrive(browser: Browser) -> AsyncIterator[Arrive]:
    """Opens the page as a new visitor: ``await arrive(site, "th-TH")``."""
    shoppers: list[Shopper] = []

    async def open_page(site: Site, locale: str, **context: Any) -> Shopper:
        shoppers.append(await Shopper.arrive(browser, site.url, locale, **context))
        return shoppers[-1]

    yield open_page
    for shopper in shoppers:
        assert shopper.hosts <= {"127.0.0.1"}, "the page called an outside host"
        assert shopper.complaints == [], "a script failed or a dialog opened"
        await shopper.page.context.close()
