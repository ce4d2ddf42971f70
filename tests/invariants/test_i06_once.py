"""I6: a confirmed change is executed exactly once: clicks at once, two tabs, two processes, kill -9 around the commit.

The processes are real: a clean server forks them, each opens the SQLite file itself and is killed from outside.
"""

import asyncio
import itertools
import multiprocessing
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.config import find_content, load_settings
from app.intents import Router
from app.main import build_services
from app.models import Message, Order, OrderStatus, Outcome, Proposal
from app.policies import load
from app.store import Store
from app.store.tables import AuditRow
from tests.counter import LAN, Counter, Visitor

T = TypeVar("T")
CANCEL = {"vi": "cho em hủy đơn hàng này với ạ", "th": "ขอยกเลิกออเดอร์ค่ะ", "ja": "注文をキャンセルしたいです"}
PATIENCE = 60
"""Seconds for another process to start and speak, on a busy machine."""
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["app.main", "tests.counter"])


@dataclass(frozen=True)
class Case:
    """A database folder with an open proposal to cancel order 12345."""

    folder: Path
    conversation_id: str
    proposal_id: str
    before: Order


async def propose(counter: Counter, language: str) -> tuple[Visitor, Proposal]:
    visitor = await counter.visit(language)
    await visitor.prove()
    asked = await visitor.say(CANCEL[language])
    return visitor, asked.proposals[0]


async def find_order(store: Store) -> Order:
    return next(e.order for e in await store.list_orders() if e.order.number == LAN.order_number)


async def stock_of(store: Store, order: Order) -> int:
    wanted = {item.variant_id for item in order.items}
    products = await store.customer_shop(None).products()
    return sum(variant.stock for product in products for variant in product.variants if variant.id in wanted)


async def check_once(store: Store, conversation_id: str, before: Order, stock: int) -> None:
    """One audit row, one refund of what was paid, one version more, the stock back once, and one "done" said."""
    order = await find_order(store)
    assert (order.status, order.version) == (OrderStatus.CANCELLED, before.version + 1)
    assert [r.amount for r in order.refunds] == [before.total]
    assert [row.action for row in await store.audit(conversation_id)] == ["cancel_order"]
    messages = await store.messages(conversation_id)
    assert [m.outcome for m in messages].count(Outcome.DONE) == 1
    assert await stock_of(store, before) == stock + sum(item.quantity for item in before.items)


async def check_never(store: Store, conversation_id: str, before: Order, stock: int) -> None:
    assert await find_order(store) == before
    assert await store.audit(conversation_id) == []
    assert await stock_of(store, before) == stock


@pytest.mark.parametrize("language", CANCEL)
async def test_ten_clicks_at_once_and_a_retry_after_them_execute_once(counter: Counter, language: str) -> None:
    store = counter.services.store
    before = await find_order(store)
    stock = await stock_of(store, before)
    visitor, proposal = await propose(counter, language)

    async def click() -> Message:
        return (await counter.conversations.decide_proposal(visitor.id, proposal.id, "confirm"))[1]

    answers = await asyncio.gather(*(click() for _ in range(10)))
    assert [m.outcome for m in answers].count(Outcome.DONE) == 1
    late = await click()
    assert (late.outcome, late.text) == (Outcome.REFUSED, counter.services.wording.say("already_done", language))
    await check_once(store, visitor.id, before, stock)


@pytest.mark.parametrize("language", CANCEL)
@pytest.mark.parametrize("decisions", list(itertools.permutations(("confirm", "decline", "confirm"))))
async def test_two_tabs_that_disagree_get_one_decision(
    counter: Counter, language: str, decisions: tuple[Any, ...]
) -> None:
    store = counter.services.store
    before = await find_order(store)
    stock = await stock_of(store, before)
    visitor, proposal = await propose(counter, language)
    answers = await asyncio.gather(
        *(counter.conversations.decide_proposal(visitor.id, proposal.id, each) for each in decisions)
    )
    decided = await store.get_proposal(proposal.id)
    assert decided is not None
    done = [m.outcome for _, m in answers].count(Outcome.DONE)
    assert (decided.state, done) in {("executed", 1), ("declined", 0)}
    await (check_once if done else check_never)(store, visitor.id, before, stock)


async def confirm_in(folder: str, case: tuple[str, str], pipe: Connection, stop: str) -> None:
    """Confirm as a server process does, and stand still for ever at the point ``stop`` of the executing transaction."""
    settings = load_settings(data_dir=Path(folder), model_backend="none")
    services = await build_services(settings, router=Router(load(find_content("policies"))))
    await services.store.open()

    def halt(name: str) -> Callable[..., None]:
        def stand(session: Session, *_: object) -> None:
            # Only the transaction that executes: it alone writes an audit row.
            session.info["executes"] = session.info.get("executes") or any(isinstance(r, AuditRow) for r in session.new)
            if session.info["executes"] and stop == name:
                pipe.send(name)
                signal.pause()

        return stand

    for name in ("before_flush", "after_flush", "before_commit", "after_commit"):
        event.listen(Session, name, halt(name))
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    _, answer = await services.conversations.decide_proposal(*case, "confirm")
    pipe.send(answer.outcome.value)
    if stop == "answered":
        signal.pause()
    await services.store.close()


def confirm(folder: str, case: tuple[str, str], pipe: Connection, stop: str) -> None:
    asyncio.run(confirm_in(folder, case, pipe, stop))


class Clerk:
    """One real process that confirms the case's proposal when told to."""

    def __init__(self, case: Case, stop: str = "") -> None:
        self.pipe, theirs = _PROCESSES.Pipe()
        arguments = (str(case.folder), (case.conversation_id, case.proposal_id), theirs, stop)
        self.process = _PROCESSES.Process(target=confirm, args=arguments, daemon=True)
        self.process.start()
        theirs.close()

    def hear(self) -> Any:
        assert self.pipe.poll(PATIENCE), "the process said nothing"
        return self.pipe.recv()

    def go(self) -> None:
        assert self.hear() == "ready"
        self.pipe.send("go")

    def kill(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(PATIENCE)
        assert self.process.exitcode == -signal.SIGKILL

    def end(self) -> None:
        self.process.join(PATIENCE)
        assert self.process.exitcode == 0
        self.pipe.close()


@pytest.fixture(scope="module")
def prepared(seeded_database: Path, router: Router, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """An open proposal in a file that no process has open; copy it."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copy(seeded_database, folder / "kaunter.db")

    async def prepare() -> Case:
        services = await build_services(load_settings(data_dir=folder, model_backend="none"), router=router)
        await services.start()
        before = await find_order(services.store)
        visitor, proposal = await propose(Counter(services), "vi")
        await services.close()
        return Case(folder, visitor.id, proposal.id, before)

    return asyncio.run(prepare())


@pytest.fixture
def case(prepared: Case, tmp_path: Path) -> Case:
    shutil.copytree(prepared.folder, tmp_path / "shop")
    return Case(tmp_path / "shop", prepared.conversation_id, prepared.proposal_id, prepared.before)


def in_store(case: Case, ask: Callable[[Store], Awaitable[T]]) -> T:
    """Ask a fresh store over the file."""

    async def run() -> T:
        store = Store(f"sqlite:///{case.folder / 'kaunter.db'}")
        await store.open()
        try:
            return await ask(store)
        finally:
            await store.close()

    return asyncio.run(run())


def confirm_again(case: Case, router: Router) -> Outcome | None:
    """The customer's second try, after a restart."""

    async def run() -> Outcome | None:
        services = await build_services(load_settings(data_dir=case.folder, model_backend="none"), router=router)
        await services.start()
        try:
            _, answer = await services.conversations.decide_proposal(case.conversation_id, case.proposal_id, "confirm")
        finally:
            await services.close()
        return answer.outcome

    return asyncio.run(run())


def count(case: Case) -> int:
    return in_store(case, lambda store: stock_of(store, case.before))


@pytest.mark.parametrize(
    ("stop", "was_done"),
    [("after_flush", False), ("before_commit", False), ("after_commit", True), ("answered", True)],
)
def test_a_process_killed_around_the_commit_and_a_second_confirmation_execute_once(
    case: Case, router: Router, stop: str, was_done: bool
) -> None:
    stock = count(case)
    victim = Clerk(case, stop)
    victim.go()
    assert victim.hear() == (Outcome.DONE if stop == "answered" else stop)
    victim.kill()
    check = check_once if was_done else check_never
    in_store(case, lambda store: check(store, case.conversation_id, case.before, stock))
    assert confirm_again(case, router) is (Outcome.REFUSED if was_done else Outcome.DONE)
    in_store(case, lambda store: check_once(store, case.conversation_id, case.before, stock))


def test_processes_that_confirm_at_the_same_time_execute_once(case: Case) -> None:
    stock = count(case)
    clerks = [Clerk(case) for _ in range(2)]
    for clerk in clerks:
        assert clerk.hear() == "ready"
    for clerk in clerks:
        clerk.pipe.send("go")
    answers = sorted(clerk.hear() for clerk in clerks)
    for clerk in clerks:
        clerk.end()
    assert answers == [Outcome.DONE, Outcome.REFUSED]
    in_store(case, lambda store: check_once(store, case.conversation_id, case.before, stock))
