"""Plays one scenario through the use cases, in a copy of the shop of its own, and writes down what happened.

Owns the customer's side of the conversation. Leaves judging to ``judge`` and the choice of scenarios to ``runner``.
"""

import asyncio
import secrets
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt

from app.conversations import Conversations
from app.errors import InvalidMessage, KaunterError
from app.evaluation.paths import look_up
from app.evaluation.record import Exchange, Played
from app.evaluation.scenario import PLACEHOLDER, Scenario
from app.evaluation.staging import list_changed, set_stage
from app.identity import SHELL, Proof
from app.main import Services
from app.models import Message, Mode, Outcome
from app.store import Store
from app.store.imports import ShopChange, ShopContents, Wanted

Build = Callable[[Path], Awaitable[Services]]
"""Services over the database in a folder; their conversations may have any part replaced."""

SHOP_TABLES = (
    "customers", "addresses", "payment_methods", "products", "variants", "orders", "order_items", "payments",
    "shipments", "shipment_events", "refunds",
)  # fmt: skip
JWT_LIFE = timedelta(minutes=10)


async def play(scenario: Scenario, contents: ShopContents, base: Path, folder: Path, build: Build) -> Played:
    """Play a scenario in ``folder`` on a copy of the database file ``base``, which holds ``contents``.

    Raises ScenarioError.
    """
    await asyncio.to_thread(_copy, base, folder)
    services = await build(folder)
    try:
        return await _Player(scenario, services, folder / "kaunter.db").play(contents)
    finally:
        await services.close()
        shutil.rmtree(folder, ignore_errors=True)


def _copy(base: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(base, folder / "kaunter.db")


async def make_base(path: Path, contents: ShopContents) -> ShopContents:
    """A database file with a shop, to be copied; returns the shop as it is stored."""
    store = Store(f"sqlite+aiosqlite:///{path}")
    await store.open()
    try:
        await store.replace_shop(
            customers=contents.customers, products=contents.products, orders=contents.orders, source="imported"
        )
        return await store.read_shop()
    finally:
        await store.close()


class _Player:
    def __init__(self, scenario: Scenario, services: Services, database: Path) -> None:
        self._scenario = scenario
        self._services = services
        self._counter: Conversations = services.conversations
        self._database = database
        self._language = scenario.language

    async def play(self, contents: ShopContents) -> Played:
        now = self._services.clock()
        stage = set_stage(self._scenario, contents, now)
        changed = {order.number: order for order in list_changed(stage, contents)}
        await self._services.store.change_shop(Wanted(), lambda _: ShopChange(orders=list(changed.values())))
        orders = [changed.get(order.number, order) for order in contents.orders]
        before = ShopContents(contents.customers, contents.products, orders)
        played = Played(stage, before, before, [], now)
        rows, tasks = self._read_rows(), self._read_tasks()
        try:
            await self._talk(played)
        except KaunterError as error:
            played.error = f"{type(error).__name__}: {error}"
        if self._read_rows() != rows:
            played.after = await self._services.store.read_shop()
        played.tasks = [task for task in self._read_tasks() if task not in tasks]
        return played

    async def _talk(self, played: Played) -> None:
        situation, speech = self._scenario.situation, self._scenario.speech
        roots = {**played.stage.orders, "customer": played.stage.customer}
        order = played.stage.orders["order"]
        token = self._sign(order.customer_id, played.now) if situation.identity == "account" else None
        started = await self._counter.start(situation.locale or self._scenario.language, identity_token=token)
        key = started.conversation.id
        if situation.identity == "contact":
            await self._counter.verify_contact(key, Proof(order.number, order.email), address=SHELL)
        answers = [fill(text, roots) for text in self._scenario.answers]
        last: Message | None = None
        for entry, line in enumerate(speech.turns):
            self._language = line.language or self._language
            last = await self._say(played, key, fill(line.say, roots), entry)
            while last is not None and last.outcome is Outcome.CLARIFIED and answers:
                last = await self._say(played, key, answers.pop(0), entry)
        if situation.then and last is not None:
            await self._press(played, key, last)
        conversation = await self._counter.get(key)
        played.handed_off = conversation.mode is Mode.MANUAL
        played.handoff_reason = conversation.handoff_reason or ""

    async def _say(self, played: Played, key: str, text: str, entry: int) -> Message | None:
        begun = time.perf_counter()
        try:
            receipt = await self._counter.receive_message(key, secrets.token_hex(8), text, address=SHELL)
        except InvalidMessage as error:
            self._note(played, text, str(error), Outcome.REFUSED, begun, entry)
            return None
        reply: Message | None = None
        async for event in self._counter.follow(key, receipt.message.seq):
            reply = event if isinstance(event, Message) else None
        if reply is None:
            outcome = (await self._counter.message(key, receipt.message.seq)).outcome
            self._note(played, text, "", outcome, begun, entry)
        else:
            self._note(played, text, reply.text, reply.outcome, begun, entry, reply)
        return reply

    async def _press(self, played: Played, key: str, last: Message) -> None:
        """The button under the proposal of the last reply; without one there is nothing to press."""
        button = self._scenario.situation.then
        if not last.proposals or not button:
            return
        begun = time.perf_counter()
        _, reply = await self._counter.decide_proposal(key, last.proposals[0].id, button)
        self._note(played, f"[{button}]", reply.text, reply.outcome, begun, None, reply)

    def _note(
        self,
        played: Played,
        said: str,
        text: str,
        outcome: Outcome | None,
        begun: float,
        entry: int | None,
        reply: Message | None = None,
    ) -> None:
        seconds = time.perf_counter() - begun
        before = played.exchanges[-1] if played.exchanges else None
        if before and entry is not None and before.entry == entry:  # an answer: the last reply is the one that counts
            played.exchanges[-1] = replace(before, entry=None)
        metrics = reply.metrics if reply else None
        citations = tuple(f"{c.policy}#{c.section}" for c in reply.citations) if reply else ()
        played.exchanges.append(
            Exchange(
                said,
                text,
                outcome.value if outcome else "",
                self._language,
                seconds,
                entry,
                metrics.spoke if metrics else "",
                citations,
                metrics.model_calls if metrics else 0,
            )
        )

    def _sign(self, customer_id: str, now: datetime) -> str:
        """The token that a storefront would give to a customer who is signed in."""
        settings = self._services.settings
        claims = {
            "sub": customer_id,
            "aud": settings.identity_audience,
            "iat": now.astimezone(UTC),
            "exp": now.astimezone(UTC) + JWT_LIFE,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, settings.identity_secret.get_secret_value(), algorithm="HS256")

    def _read_rows(self) -> list[list[tuple[Any, ...]]]:
        """Every row of the shop's tables as it is stored: equal lists mean that nothing was written."""
        with closing(sqlite3.connect(self._database)) as connection:
            return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in SHOP_TABLES]  # noqa: S608

    def _read_tasks(self) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self._database)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT id, kind, payload FROM outbox ORDER BY created_at")
            return [dict(row) for row in rows.fetchall()]


def fill(text: str, roots: dict[str, Any]) -> str:
    """The customer's words with ``{order.number}`` and the like filled in."""
    return PLACEHOLDER.sub(lambda slot: str(look_up(roots, slot[1])), text)
