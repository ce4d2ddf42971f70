"""A whole suite: plays and judges scenarios, some at a time, writes each result down at once and can go on later."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.config import Settings, load_settings
from app.demo import build_demo
from app.errors import ScenarioError
from app.evaluation.judge import Rulebook, judge, make_rulebook
from app.evaluation.playing import Build, make_base, play
from app.evaluation.results import Result, append, make_broken, make_result, read_results
from app.evaluation.scenario import Scenario
from app.intents import Router
from app.llm.base import ChatMessage, Model
from app.llm.calls import wait_until_ready, warm
from app.main import LOAD_SECONDS, Services, build_services
from app.policies import Policies, load
from app.store import Store
from app.store.database import utc_now
from app.store.imports import ShopContents

IN_PARALLEL = {"none": 2, "embedded": 1}
"""Scenarios at a time; a server of its own takes as many as it has slots."""


class Shared:
    """A model that many services use one after another: it is started and closed by whoever made it."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    async def start(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What every scenario of a run shares."""

    settings: Settings
    router: Router
    model: Model | None

    async def build(self, folder: Path) -> Services:
        """Services over the database in ``folder``."""
        overrides = {
            "data_dir": folder,
            "database_url": "",
            "demo": False,
            "orders_url": "",
            "identity_secret": secrets.token_hex(32),
        }
        settings = load_settings(**{**self.settings.model_dump(exclude_unset=True), **overrides})
        shared = Shared(self.model) if self.model else None
        services = await build_services(settings, model=shared, router=self.router)
        await services.start(serve=False)
        if self.model:
            services.lender.wake = None
            services.lender.warmed.set()
        return services


async def open_bench(settings: Settings, model: Model | None) -> Bench:
    """Load policies and model, and let the model read its instructions once."""
    bench = Bench(settings, Router(load(settings.policies_dir)), model)
    if model:
        await model.start()
        await wait_until_ready(model, LOAD_SECONDS)
        with tempfile.TemporaryDirectory() as folder:
            services = await bench.build(Path(folder))
            if services.lender.writes:
                await warm(model, [ChatMessage("system", services.prompts.prefix)])
            await services.close()
    return bench


def read_rules(policies: Policies, shop: ShopContents) -> Rulebook:
    """What the judge may know of policies and catalogue."""
    texts = [section.template for policy in policies.policies.values() for section in policy.sections]
    for policy in policies.policies.values():
        for translation in policy.translations.values():
            texts += [section.template for section in translation.sections]
    rules = {name: policy.rules.model_dump(mode="json") for name, policy in policies.policies.items()}
    return make_rulebook(rules, policies.shop.model_dump(mode="json"), texts, shop.products, utc_now())


@dataclass(slots=True)
class Run:
    """One run over some scenarios. ``build`` makes the services of a scenario; tests replace a part there."""

    scenarios: Sequence[Scenario]
    build: Build
    rules: Rulebook
    contents: ShopContents
    results_file: Path
    repeat: int = 1
    workers: int = 1
    seconds: float = 0.0
    """No scenario begins after so many seconds; 0: no limit."""
    salt: str = ""
    """What else a result depends on: the model and its backend. Results with another salt are not taken up."""
    note: Callable[[Result], None] = lambda _: None

    async def execute(self, *, resume: bool = False) -> list[Result]:
        """All results, in the order of the scenarios; those that the time did not reach are missing."""
        if not resume:
            self.results_file.unlink(missing_ok=True)
        self.results_file.parent.mkdir(parents=True, exist_ok=True)
        known = {result.key: result for result in read_results(self.results_file)}
        jobs = [(scenario, run) for run in range(1, self.repeat + 1) for scenario in self.scenarios]
        found = [known.get(self._key(*job)) for job in jobs]
        for result in filter(None, found):
            self.note(result)
        queue = [place for place, result in enumerate(found) if result is None]
        begun = time.monotonic()
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kaunter-eval-")))
            contents = await make_base(folder / "base.db", self.contents)

            async def work(number: int) -> None:
                while queue and not (self.seconds and time.monotonic() - begun > self.seconds):
                    place = queue.pop(0)
                    found[place] = await self._run(*jobs[place], contents, folder, str(number))

            async with asyncio.TaskGroup() as group:
                for number in range(self.workers):
                    group.create_task(work(number))
        return [result for result in found if result is not None]

    async def _run(self, scenario: Scenario, run: int, contents: ShopContents, folder: Path, name: str) -> Result:
        mark = self._key(scenario, run)[3]
        try:
            played = await play(scenario, contents, folder / "base.db", folder / name, self.build)
            result = make_result(scenario, run, played, judge(scenario, played, self.rules), mark)
        except ScenarioError as error:  # a mistake in one scenario is a finding, not the end of all others
            result = make_broken(scenario, run, str(error), mark)
        append(self.results_file, result)
        self.note(result)
        return result

    def _key(self, scenario: Scenario, run: int) -> tuple[str, str, int, str]:
        mark = sha256(f"{scenario.fingerprint}:{self.salt}".encode()).hexdigest()[:16]
        return scenario.situation.situation, scenario.language, run, mark


async def load_contents(settings: Settings) -> ShopContents:
    """The shop's own records where this database has some, else the demo shop of today."""
    stored = settings.data_dir / "kaunter.db"
    if settings.database_url or stored.is_file():
        store = Store(settings.database)
        await store.open()
        try:
            if (await store.shop_state()).get("source") == "imported":
                return await store.read_shop()
        finally:
            await store.close()
    shop = build_demo(utc_now())
    return ShopContents(shop.customers, shop.products, shop.orders)


def count_workers(settings: Settings, backend: str) -> int:
    return IN_PARALLEL.get(backend, settings.model_slots)
