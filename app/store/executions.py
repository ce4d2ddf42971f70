"""Executing a confirmed proposal: the change, its audit row, its task and what the customer reads, all or nothing.

Runs once: the proposal's row is locked and must still be open, and the order must be the one that was summarised.
"""

import secrets
from dataclasses import replace
from typing import Any, Literal

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Change, Customer, Message, Mode, Order, Proposal, Reply
from app.store import rows, shop_rows
from app.store import tables as t
from app.store.proposals import Proposals
from app.store.shop import Shop, order_query

Ending = Literal["executed", "decided", "expired", "stale", "to_agent"]


class Executions(Proposals, Shop):
    """See the module; ``Store`` is what others use."""

    async def execute_proposal(self, proposal: Proposal, change: Change, reply: Reply) -> tuple[Ending, Message | None]:
        """Apply ``change`` and store ``reply``, in one transaction, exactly once.

        Nothing is changed, and no message stored, when it was decided before, its time is over, the order or the
        stock is not what it was, or an agent has taken over.
        """
        async with self._locked(proposal.conversation_id) as (session, conversation):
            row = await session.get(t.ProposalRow, proposal.id, with_for_update=True, populate_existing=True)
            if row is None or row.state != "open":
                return "decided", None
            if conversation.mode == Mode.MANUAL.value:
                return "to_agent", None
            if row.expires_at <= self.clock():
                row.state, row.decided_at = "expired", self.clock()
                return "expired", None
            before = await self._read_current(session, proposal)
            if before is not None and before.version != proposal.order_version:
                row.state, row.decided_at = "stale", self.clock()
                return "stale", None
            if not await _move_stock(session, change.stock):
                row.state, row.decided_at = "stale", self.clock()
                return "stale", None
            await self._apply(session, change, before)
            row.state, row.decided_at = "executed", self.clock()
            session.add_all(self._record(proposal, change, before))
            message = self._append_reply(session, conversation, reply, None)
        return "executed", rows.message_of(message)

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


async def _move_stock(session: AsyncSession, stock: dict[str, int]) -> bool:
    """Add the differences; False when one would fall below zero."""
    for variant, difference in stock.items():
        v = t.VariantRow
        query = update(v).where(v.id == variant).values(stock=v.stock + difference)
        if difference < 0:
            moved = await session.execute(query.where(v.stock + difference >= 0))
            if moved.rowcount != 1:  # type: ignore[attr-defined]
                return False
        else:
            await session.execute(query)
    return True


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
