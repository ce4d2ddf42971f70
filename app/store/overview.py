"""Conversations at a glance, for the owner: the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.models import Conversation
from app.store import rows
from app.store import tables as t
from app.store.database import Database


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    conversation: Conversation
    messages: int
    """How many were written."""


class Overview(Database):
    """See the module; ``Store`` is what others use."""

    async def recent_conversations(self, limit: int) -> Sequence[ConversationEntry]:
        """The conversations that changed last."""
        c = t.ConversationRow
        async with self._reading() as session:
            found = await session.scalars(select(c).order_by(c.updated_at.desc(), c.id).limit(limit))
            return [ConversationEntry(rows.conversation_of(row), row.last_seq) for row in found]
