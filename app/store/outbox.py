"""The outbox: changes that were confirmed and that another system still has to acknowledge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from app.store import tables as t
from app.store.database import Database

Settled = Literal["done", "refused"]


@dataclass(frozen=True, slots=True)
class Request:
    """One change to be sent; the key is the same in every try."""

    id: str
    idempotency_key: str
    payload: dict[str, Any]
    attempts: int
    conversation_id: str | None


class OutboxRows(Database):
    """See the module; ``Store`` is what others use."""

    async def claim_requests(self, until: datetime, limit: int = 20) -> Sequence[Request]:
        """Changes whose time has come, oldest first; nobody else gets them before ``until``."""
        o, p = t.OutboxRow, t.ProposalRow
        query = (
            select(o, p.conversation_id)
            .outerjoin(p, p.idempotency_key == o.idempotency_key)
            .where(o.state == "requested", o.kind == "change", o.next_at <= self.clock())
            .order_by(o.created_at)
            .limit(limit)
            .with_for_update(of=o, skip_locked=True)
        )
        async with self._writing() as session:
            found = (await session.execute(query)).all()
            for row, _ in found:
                row.next_at, row.attempts = until, row.attempts + 1
            return [
                Request(row.id, row.idempotency_key, row.payload, row.attempts, conversation)
                for row, conversation in found
            ]

    async def settle_request(self, id: str, state: Settled) -> None:
        """The other system has answered for good."""
        async with self._writing() as session:
            row = await session.get_one(t.OutboxRow, id)
            row.state, row.done_at = state, self.clock()

    async def delay_request(self, id: str, until: datetime) -> None:
        """Try again at ``until``."""
        async with self._writing() as session:
            (await session.get_one(t.OutboxRow, id)).next_at = until
