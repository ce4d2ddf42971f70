"""Executing a confirmed proposal: the change, its audit row, its task and what the customer reads, all or nothing.

Runs once: the proposal's row is locked and must still be open, and the order must be the one that was summarised.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Change, Customer, Message, Mode, Order, Proposal, Reply
from app.store import rows, shop_rows
from app.store import tables as t
from app.store.proposals import Proposals
from app.store.shop import Shop, order_query
from app.store.turns import close_messages

Ending = Literal["executed", "decided", "expired", "stale", "to_agent"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed what; ``before`` and ``after`` are the whole record as JSON."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Executions(Proposals, Shop):
    """See the module; ``Store`` is what others use."""

    async def execute_proposal(
        self,
        proposal: Proposal,
        change: Change,
        reply: Reply,
        *,
        answered_seq: int | None = None,
        external: bool = False,
    ) -> tuple[Ending, Message | None]:
        """Apply ``change`` and store ``reply``, in one transaction, exactly once.

        ``answered_seq`` is the customer's message that said yes, if one did; it gets its outcome with the rest.
        ``external``: the order is another system's, which compares its state with the task's.

        Nothing is changed, and no message stored, when it was decided before, its time is over, the order or the
        stock is not what it was, or an agent has taken over.
        """
        try:
            return await self._execute(proposal, change, reply, answered_seq, external)
        except _OutOfStockError:
            await self.decide_proposal(proposal.id, "stale", self.clock())
            return "stale", None

    async def audit(self, conversation_id: str) -> Sequence[AuditEntry]:
        """What was changed from a conversation, oldest first."""
        query = select(t.AuditRow).filter_by(conversation_id=conversation_id).order_by(t.AuditRow.at)
        async with self._reading() as session:
            found = await session.scalars(query)
            return [AuditEntry(r.at, r.actor, r.action, r.subject, r.before, r.after) for r in found]

    async def _execute(
        self, proposal: Proposal, change: Change, reply: Reply, answered_seq: int | None, external: bool
    ) -> tuple[Ending, Message | None]:
        async with self._locked(proposal.conversation_id) as (session, conversation):
            row = await session.get(t.ProposalRow, proposal.id, with_for_update=True, populate_existing=True)
            if row is None or row.state != "open":
                return "decided", None
            if conversation.mode == Mode.MANUAL.value:
                return "to_agent", None
            if row.expires_at <= self.clock():
                row.state, row.decided_at = "expired", self.clock()
                return "expired", None
            before = None if external else await self._read_current(session, proposal)
            if before is not None and before.version != proposal.order_version:
                row.state, row.decided_at = "stale", self.clock()
                return "stale", None
            await _move_stock(session, change.stock)
            await self._apply(session, change, before)
            row.state, row.decided_at = "executed", self.clock()
            session.add_all(self._record(proposal, change, before))
            self._announce(session, conversation.id, "proposal.executed", tell(proposal))
            if answered_seq is not None:
                await close_messages(session, conversation.id, answered_seq, reply.outcome, None)
            message = await self._append_reply(session, conversation, reply, answered_seq)
            self._hand_off(session, conversation, reply.handoff_reason)
        return "executed", rows.message_of(message, reply.proposals)

    async def _read_current(self, session: AsyncSession, proposal: Proposal) -> Order | None:
        if proposal.order_number is None:
            return None
        found = await session.scalar(order_query().where(t.OrderRow.number == proposal.order_number).with_for_update())
        if found is None or found.customer_id != proposal.customer_id:
            raise PermissionError("A proposal reached for an order that is not its customer's.")
        return shop_rows.order_of(found)

    async def _apply(self, session: AsyncSession, change: Change, before: Order | None) -> None:
        if change.order is not None and before is not None:
            old = await session.get_one(t.OrderRow, before.number)
            await session.delete(old)
            await session.flush()
            session.add(shop_rows.order_row(replace(change.order, version=before.version + 1)))
        if change.customer is not None:
            await _write_addresses(session, change.customer)

    def _record(self, proposal: Proposal, change: Change, before: Order | None) -> list[Any]:
        """The audit row, and the task for the outbox where there is one."""
        after = replace(change.order, version=before.version + 1) if change.order and before else None
        found: list[Any] = [
            t.AuditRow(
                id=secrets.token_hex(12),
                at=self.clock(),
                actor=f"customer {proposal.customer_id}",
                conversation_id=proposal.conversation_id,
                action=proposal.tool,
                subject=f"order {proposal.order_number}",
                before=_as_json(before),
                after=_as_json(after or change.customer),
            )
        ]
        if change.task is not None:
            found.append(
                t.OutboxRow(
                    id=secrets.token_hex(12),
                    idempotency_key=proposal.id,
                    kind=str(change.task["kind"]),
                    payload=change.task,
                    state="requested",
                    attempts=0,
                    created_at=self.clock(),
                    next_at=self.clock(),
                )
            )
        return found


def tell(proposal: Proposal) -> dict[str, Any]:
    """What a webhook is told of a proposal."""
    names = ("id", "tool", "arguments", "summary", "customer_id", "order_number")
    return {("proposal_id" if name == "id" else name): getattr(proposal, name) for name in names}


class _OutOfStockError(Exception):
    """Rolls the transaction back: somebody else bought the last one."""


async def _move_stock(session: AsyncSession, stock: dict[str, int]) -> None:
    """Add the differences; raises _OutOfStockError when one would fall below zero."""
    v = t.VariantRow
    for variant, difference in stock.items():
        query = update(v).where(v.id == variant).values(stock=v.stock + difference)
        moved = await session.execute(query.where(v.stock + difference >= 0).returning(v.id))
        if moved.first() is None and difference < 0:
            raise _OutOfStockError


async def _write_addresses(session: AsyncSession, customer: Customer) -> None:
    known = set(await session.scalars(select(t.AddressRow.id).where(t.AddressRow.customer_id == customer.id)))
    row = shop_rows.customer_row(customer)
    for address in list(row.addresses):
        row.addresses.remove(address)
        if address.id not in known:
            address.customer_id = customer.id
            session.add(address)


def _as_json(value: Order | Customer | None) -> dict[str, Any] | None:
    """Audit rows are plain JSON: times as ISO 8601, words as they are."""
    if value is None:
        return None
    data: dict[str, Any] = orjson.loads(orjson.dumps(rows.write_json(value)))
    return data
