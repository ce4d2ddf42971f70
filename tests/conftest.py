"""What the tests share: a seeded shop on real SQLite, services around a scripted model, and the HTTP client."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import settings

from app.api.application import build_api
from app.config import find_content, load_settings
from app.demo.seed import seed_demo
from app.intents import Router
from app.llm.base import Model
from app.main import build_services
from app.policies import load
from app.store import Store
from app.store.database import utc_now
from tests.counter import Counter

# The same examples each time, so that a change is judged by what it changed; `make fuzz` looks for others.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile("repeatable")

MakeCounter = Callable[..., Awaitable[Counter]]

UNLIMITED = dict.fromkeys(("limit_conversation", "limit_address", "limit_shop", "limit_starts"), "1000000 per second")
"""A test says in a minute what all customers of a shop would; tests of the limits set their own."""


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that a test runs sets up logging for its process, which is the tests' too."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def seeded_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with today's demo shop; copy it, never open it."""
    path = tmp_path_factory.mktemp("shop") / "kaunter.db"

    async def seed() -> None:
        store = Store(f"sqlite:///{path}")
        await store.open()
        await seed_demo(store, utc_now())
        await store.close()

    asyncio.run(seed())
    return path


@pytest.fixture(scope="session")
def router() -> Router:
    """The demo shop's policies and the index over them, built once: nothing changes them."""
    return Router(load(find_content("policies")))


@pytest.fixture(scope="session")
def english_router(tmp_path_factory: pytest.TempPathFactory) -> Router:
    """The same policies in English only: what they say to customers of other languages, a model phrases."""
    folder = tmp_path_factory.mktemp("shop") / "policies"
    shutil.copytree(find_content("policies"), folder, ignore=shutil.ignore_patterns("*.*.md"))
    return Router(load(folder))


@pytest.fixture
async def make_counter(
    tmp_path: Path, seeded_database: Path, router: Router, request: pytest.FixtureRequest
) -> AsyncIterator[MakeCounter]:
    """Makes a running counter over the demo shop: ``await make_counter(model, setting=value)``."""
    async with AsyncExitStack() as stack:

        async def make(
            model: Model | None = None,
            *,
            fresh: bool = True,
            translated: bool = True,
            warm_seconds: float = 10,
            **settings: Any,
        ) -> Counter:
            data = tmp_path / "data"
            data.mkdir(exist_ok=True)
            if fresh:
                shutil.copy(seeded_database, data / "kaunter.db")
            values = {"data_dir": data, "model_backend": "none", **UNLIMITED, **settings}
            chosen = router if translated else request.getfixturevalue("english_router")
            services = await build_services(load_settings(**values), model=model, router=chosen)
            await services.start()
            if model:
                await asyncio.wait_for(services.lender.warmed.wait(), warm_seconds)
            stack.push_async_callback(services.close)
            return Counter(services)

        yield make


@pytest.fixture
async def counter(make_counter: MakeCounter) -> Counter:
    """A counter without a model: the index decides, the canned responses speak."""
    return await make_counter()


@pytest.fixture
async def http(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """The API of ``counter``, in process."""
    transport = httpx.ASGITransport(build_api(counter.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
