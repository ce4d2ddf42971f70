"""The lease of a turn: who may answer a conversation, and the one transaction that ends a turn (I1, I7).

A lease is a random token on the conversation's row. It is lost when an agent takes over (another epoch, no
token) or when its time ran out and somebody else claimed the conversation. A lease past its time that nobody
claimed still saves: a late true answer is better than none.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Author, Conversation, Message, Mode, Outcome, Reply
from app.store import rows
from app.store import tables as t
from app.store.conversations import Conversations


@dataclass(frozen=True, slots=True)
class TurnLease:
    """A held lease, with the conversation and the customer messages to answer, oldest first, as they were then."""

    conversation: Conversation
    messages: tuple[Message, ...]
    token: str
    epoch: int
    until: datetime


class Turns(Conversations):
    """See the module; ``Store`` is what others use."""

    async def claim_turn(self, conversation_id: str, owner: str, seconds: float) -> TurnLease | None:
        """Take the lease for ``seconds``.

        None when somebody holds it, an agent answers, or no customer message waits. Raises NotFound.
        """
        async with self._locked(conversation_id) as (session, row):
            now = self.clock()
            is_leased = row.lease_until is not None and row.lease_until > now
            if is_leased or row.mode != Mode.AUTO.value:
                return None
            messages = await _due_messages(session, row)
            if not messages:
                return None
            row.lease_token, row.lease_owner = secrets.token_hex(16), owner
            row.lease_until = now + timedelta(seconds=seconds)
            return _turn(row, messages)

    async def extend_lease(self, lease: TurnLease, seconds: float) -> TurnLease | None:
        """Hold on for ``seconds`` from now; the new value also has the messages that came meanwhile.

        None when the lease is lost.
        """
        async with self._locked(lease.conversation.id) as (session, row):
            if not _holds(row, lease):
                return None
            row.lease_until = self.clock() + timedelta(seconds=seconds)
            return _turn(row, await _due_messages(session, row))

    async def save_turn(
        self, lease: TurnLease, reply: Reply, *, answered_seq: int | None = None, language: str | None = None
    ) -> Message | None:
        """End the turn in one transaction: the reply, the outcomes, the lease given back.

        ``answered_seq`` (the last message of ``turn``) gets the reply's outcome, open messages before it get
        ``superseded``, later ones stay open; a pending one keeps the outcome that it has. ``language`` is what the
        answered message turned out to be in; the conversation follows it unless the customer pinned one. A reply with
        a ``handoff_reason`` puts the conversation into manual mode, and open messages go to the agent.

        None, and nothing stored, when the lease is lost or an agent answers now (I7).
        """
        answered = lease.messages[-1].seq if answered_seq is None else answered_seq
        async with self._locked(lease.conversation.id) as (session, row):
            if not _holds(row, lease):
                return None
            await close_messages(session, row.id, answered, reply.outcome, language)
            message = await self._append_reply(session, row, reply, answered)
            if language is not None and not row.language_pinned:
                row.language = language
            row.pending_seq = None
            if reply.handoff_reason is not None:
                await self._pass_to_agent(session, row.id)
            self._hand_off(session, row, reply.handoff_reason)
            _give_back(row)
        return rows.message_of(message, reply.proposals)

    async def is_waiting(self, conversation_id: str, seq: int) -> bool:
        """Whether a turn has still to answer this message."""
        c, m = t.ConversationRow, t.MessageRow
        waits = or_(m.outcome.is_(None), m.seq == c.pending_seq)
        query = select(m.seq).join(c, c.id == m.conversation_id)
        async with self._reading() as session:
            found = await session.scalar(query.where(m.conversation_id == conversation_id, m.seq == seq, waits))
            return found is not None

    async def release_turn(self, lease: TurnLease) -> None:
        """Give the lease back without an answer; its messages stay open. Does nothing when it is lost."""
        async with self._locked(lease.conversation.id) as (_, row):
            if row.lease_token == lease.token:
                _give_back(row)

    async def open_conversations(self) -> Sequence[str]:
        """Ids of conversations with a customer message that waits and no live lease, oldest message first.

        Those whose process died appear once their lease has run out: look again after that time.
        """
        c, m = t.ConversationRow, t.MessageRow
        query = (
            select(m.conversation_id, m.created_at)
            .join(c, c.id == m.conversation_id)
            .where(
                m.author == Author.CUSTOMER.value,
                or_(m.outcome.is_(None), m.seq == c.pending_seq),
                c.mode == Mode.AUTO.value,
                or_(c.lease_until.is_(None), c.lease_until <= self.clock()),
            )
            .order_by(m.created_at)
        )
        async with self._reading() as session:
            return list(dict.fromkeys(conversation_id for conversation_id, _ in await session.execute(query)))


def _turn(row: t.ConversationRow, messages: tuple[Message, ...]) -> TurnLease:
    if row.lease_token is None or row.lease_until is None:
        raise RuntimeError("A turn needs a lease.")
    return TurnLease(rows.conversation_of(row), messages, row.lease_token, row.epoch, row.lease_until)


def _holds(row: t.ConversationRow, lease: TurnLease) -> bool:
    return row.lease_token == lease.token and row.epoch == lease.epoch and row.mode == Mode.AUTO.value


def _give_back(row: t.ConversationRow) -> None:
    row.lease_token = row.lease_owner = row.lease_until = None


async def _due_messages(session: AsyncSession, row: t.ConversationRow) -> tuple[Message, ...]:
    """The open messages, and the one that a proof made pending."""
    m = t.MessageRow
    waits = or_(m.outcome.is_(None), m.seq == row.pending_seq)
    query = select(m).where(m.conversation_id == row.id, m.author == Author.CUSTOMER.value, waits)
    return tuple(rows.message_of(row) for row in await session.scalars(query.order_by(m.seq)))


async def close_messages(
    session: AsyncSession, conversation_id: str, answered: int, outcome: Outcome, language: str | None
) -> None:
    m = t.MessageRow
    still_open = update(m).where(
        m.conversation_id == conversation_id, m.author == Author.CUSTOMER.value, m.outcome.is_(None)
    )
    values = {"outcome": outcome.value} | ({} if language is None else {"language": language})
    await session.execute(still_open.where(m.seq < answered).values(outcome=Outcome.SUPERSEDED.value))
    await session.execute(still_open.where(m.seq == answered).values(**values))
