"""Proposals, and the audit of what was decided. Executing a write comes with the tools; here is its memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from app.models import Proposal
from app.store import rows
from app.store import tables as t
from app.store.conversations import Conversations

Decision = Literal["executed", "declined", "expired", "voided", "stale"]


class Proposals(Conversations):
    """See the module; ``Store`` is what others use."""

    async def add_proposal(self, proposal: Proposal) -> Proposal:
        """Store a proposal outside a reply (one inside a reply is stored with it)."""
        async with self._locked(proposal.conversation_id) as (session, _):
            session.add(rows.proposal_row(proposal))
        return proposal

    async def get_proposal(self, proposal_id: str) -> Proposal | None:
        async with self._reading() as session:
            row = await session.get(t.ProposalRow, proposal_id)
            return None if row is None else rows.proposal_of(row)

    async def open_proposals(self, conversation_id: str) -> Sequence[Proposal]:
        """Those that can still be confirmed, oldest first."""
        p = t.ProposalRow
        query = select(p).where(p.conversation_id == conversation_id, p.state == "open", p.expires_at > self.clock())
        async with self._reading() as session:
            return [rows.proposal_of(row) for row in await session.scalars(query.order_by(p.created_at, p.id))]

    async def decide_proposal(self, proposal_id: str, state: Decision, at: datetime) -> Proposal | None:
        """Close an open proposal; None when it does not exist or was decided before (so: only once)."""
        async with self._writing() as session:
            row = await session.get(t.ProposalRow, proposal_id, with_for_update=True)
            if row is None or row.state != "open":
                return None
            row.state, row.decided_at = state, at
        return rows.proposal_of(row)
