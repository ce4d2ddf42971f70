"""Conversations and their messages: what customers, agents and the system write, and who answers.

Leaves the assistant's turns, with their lease, to ``turns``. Every method is one short transaction and, where
it writes, wakes those who watch the conversation in this process.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotFound
from app.models import Author, Conversation, Identity, Message, Mode, Outcome, Proposal, Reply, Status
from app.store import rows
from app.store import tables as t
from app.store.announcements import Announcements

News = Message | Conversation | Proposal
"""What those who watch a conversation are told."""

WATCH_SECONDS = 1.0
"""How often a watcher looks for what another process wrote; what this process writes wakes it at once."""


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A conversation that waits for an agent or has one, with its last messages, oldest first."""

    conversation: Conversation
    messages: tuple[Message, ...]


@dataclass(slots=True)
class Told:
    """What a watcher knows already."""

    seq: int
    state: tuple[str, str, str | None] = (Mode.AUTO.value, Status.OPEN.value, None)
    decided: dict[str, str] = field(default_factory=dict)


class Conversations(Announcements):
    """See the module; ``Store`` is what others use."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def create_conversation(
        self, *, language: str, locale: str, token_hash: str, page_url: str | None = None
    ) -> Conversation:
        now = self.clock()
        row = t.ConversationRow(
            id=secrets.token_hex(12),
            token_hash=token_hash,
            language=language,
            language_pinned=False,
            locale=locale,
            status=Status.OPEN.value,
            mode=Mode.AUTO.value,
            created_at=now,
            updated_at=now,
            page_url=page_url,
            last_seq=0,
            epoch=0,
        )
        async with self._writing() as session:
            session.add(row)
        return rows.conversation_of(row)

    async def get_conversation(self, conversation_id: str) -> Conversation | None:
        async with self._reading() as session:
            row = await session.get(t.ConversationRow, conversation_id)
            return None if row is None else rows.conversation_of(row)

    async def find_conversation_by_token(self, token_hash: str) -> Conversation | None:
        """The conversation whose token has this hash (hex), or None."""
        async with self._reading() as session:
            found = await session.scalar(select(t.ConversationRow).filter_by(token_hash=token_hash))
            return None if found is None else rows.conversation_of(found)

    async def find_token_hash(self, conversation_id: str) -> str | None:
        """The hash of the conversation's token; compare it in constant time."""
        async with self._reading() as session:
            return await session.scalar(select(t.ConversationRow.token_hash).filter_by(id=conversation_id))

    async def revoke_token(self, conversation_id: str) -> None:
        """No token opens the conversation from now on. Raises NotFound."""
        async with self._locked(conversation_id) as (_, row):
            row.token_hash = f"revoked {secrets.token_hex(32)}"  # no hash looks like it

    async def add_message(self, conversation_id: str, client_id: str, text: str, language: str) -> tuple[Message, bool]:
        """Commit a customer's message; (message, False) when this ``client_id`` was stored before.

        In manual mode its outcome is ``to_agent`` at once. A message to a resolved conversation opens it again.
        Raises NotFound.
        """
        async with self._locked(conversation_id) as (session, row):
            old = await session.scalar(
                select(t.MessageRow).filter_by(conversation_id=conversation_id, client_id=client_id)
            )
            if old is not None:
                return rows.message_of(old), False
            row.status = Status.OPEN.value
            message = self._append(session, row, Author.CUSTOMER, text, language, client_id=client_id)
            if row.mode == Mode.MANUAL.value:
                message.outcome = Outcome.TO_AGENT.value
        return rows.message_of(message), True

    async def add_reply(self, conversation_id: str, reply: Reply, *, reply_to: int | None = None) -> Message | None:
        """Store what the assistant says outside a turn (greeting, result of a confirmed proposal).

        None, and nothing stored, when an agent has taken over (I7). Inside a turn use ``save_turn``.
        """
        async with self._locked(conversation_id) as (session, row):
            if row.mode == Mode.MANUAL.value:
                return None
            message = await self._append_reply(session, row, reply, reply_to)
            self._hand_off(session, row, reply.handoff_reason)
        return rows.message_of(message, reply.proposals)

    async def add_agent_message(
        self, conversation_id: str, agent: str, text: str, language: str | None = None
    ) -> Message:
        """An agent's answer; taking over is part of it where nobody had."""
        async with self._changing(conversation_id) as (session, row):
            if row.mode == Mode.AUTO.value:
                await self._stop_assistant(session, row)
                self._note(session, agent, row, "take_over")
            row.assignee = row.assignee or agent
            row.status = Status.OPEN.value
            message = self._append(session, row, Author.AGENT, text, language or row.language)
        return rows.message_of(message)

    async def add_system_message(self, conversation_id: str, text: str, language: str) -> Message:
        async with self._changing(conversation_id) as (session, row):
            message = self._append(session, row, Author.SYSTEM, text, language)
        return rows.message_of(message)

    async def messages(self, conversation_id: str, after: int = 0, limit: int | None = None) -> Sequence[Message]:
        """Messages with a higher ``seq`` than ``after``, oldest first; with ``limit`` the first of them."""
        query = select(t.MessageRow).where(t.MessageRow.conversation_id == conversation_id, t.MessageRow.seq > after)
        async with self._reading() as session:
            return await _read_messages(session, query.order_by(t.MessageRow.seq).limit(limit))

    async def last_messages(self, conversation_id: str, count: int) -> Sequence[Message]:
        """The newest ``count`` messages, oldest first."""
        query = select(t.MessageRow).filter_by(conversation_id=conversation_id)
        async with self._reading() as session:
            newest = await _read_messages(session, query.order_by(t.MessageRow.seq.desc()).limit(count))
        return list(reversed(newest))

    async def outcome_of(self, conversation_id: str, seq: int) -> Outcome | None:
        """The outcome of a message; None while its turn is open, or when there is no such message."""
        query = select(t.MessageRow.outcome).filter_by(conversation_id=conversation_id, seq=seq)
        async with self._reading() as session:
            outcome = await session.scalar(query)
            return None if outcome is None else Outcome(outcome)

    async def set_language(self, conversation_id: str, language: str, pinned: bool) -> Conversation:
        async with self._changing(conversation_id) as (_, row):
            row.language, row.language_pinned = language, pinned
        return rows.conversation_of(row)

    async def set_identity(
        self, conversation_id: str, identity: Identity | None, *, pending_seq: int | None = None
    ) -> Conversation:
        """Remember what was proven. Open proposals of another identity are voided.

        ``pending_seq`` is an answered message that the proof lets us answer better: a turn is due for it.
        """
        async with self._changing(conversation_id) as (session, row):
            before = row.identity_customer_id
            if identity and row.identity_scope == "customer" and before == identity.customer_id:
                identity = rows.identity_of(row)  # a proof of an own order does not narrow an open account
            row.identity_scope = None if identity is None else identity.scope
            row.identity_customer_id = None if identity is None else identity.customer_id
            row.identity_order_number = None if identity is None else identity.order_number
            if before is not None and before != row.identity_customer_id:
                await self._void_proposals(session, conversation_id)
            if row.mode == Mode.AUTO.value:
                row.pending_seq = pending_seq
        return rows.conversation_of(row)

    async def take_over(self, conversation_id: str, agent: str) -> Conversation:
        """From here on the agent answers: no lease of before is valid, open proposals are void (I7)."""
        async with self._changing(conversation_id) as (session, row):
            await self._stop_assistant(session, row)
            row.assignee, row.status = agent, Status.OPEN.value
            self._note(session, agent, row, "take_over")
        return rows.conversation_of(row)

    async def request_handoff(
        self, conversation_id: str, reason: str, *, text: str | None = None, language: str | None = None
    ) -> Conversation:
        """Put the conversation into the agents' inbox, with a system message where ``text`` is given.

        For a wish outside a turn (a button). A turn hands off by the ``handoff_reason`` of its reply.
        """
        async with self._changing(conversation_id) as (session, row):
            if row.mode == Mode.AUTO.value:
                await self._stop_assistant(session, row)
            self._hand_off(session, row, reason)
            if text is not None:
                self._append(session, row, Author.SYSTEM, text, language or row.language)
        return rows.conversation_of(row)

    async def hand_back(self, conversation_id: str) -> Conversation:
        """The assistant answers again, from the next message on."""
        return await self._end_manual(conversation_id, "hand_back", Status.OPEN)

    async def resolve(self, conversation_id: str) -> Conversation:
        """Done. The next message of the customer opens it again, with the assistant answering."""
        return await self._end_manual(conversation_id, "resolve", Status.RESOLVED)

    async def inbox(self, last: int = 3) -> Sequence[InboxEntry]:
        """Open conversations that wait for an agent or have one, the longest untouched first."""
        c, m = t.ConversationRow, t.MessageRow
        waiting = select(c).where(c.mode == Mode.MANUAL.value, c.status == Status.OPEN.value).order_by(c.updated_at)
        recent = (
            select(m)
            .join(c, c.id == m.conversation_id)
            .where(c.mode == Mode.MANUAL.value, c.status == Status.OPEN.value, m.seq > c.last_seq - last)
            .order_by(m.seq)
        )
        async with self._reading() as session:
            found = [rows.conversation_of(row) for row in await session.scalars(waiting)]
            messages = await _read_messages(session, recent)
        return [
            InboxEntry(each, tuple(message for message in messages if message.conversation_id == each.id))
            for each in found
        ]

    async def delete_conversation(self, conversation_id: str) -> None:
        """Everything that was said goes; an audit row without content stays. Raises NotFound."""
        async with self._locked(conversation_id) as (session, row):
            self._note(session, "system", row, "delete_conversation")
            audit = update(t.AuditRow).where(t.AuditRow.conversation_id == conversation_id)
            await session.execute(audit.values(before=None, after=None))
            await session.flush()
            await session.execute(delete(t.ConversationRow).filter_by(id=conversation_id))
            session.expunge(row)

    async def watch(self, conversation_id: str, after: int) -> AsyncIterator[News]:
        """Messages with a higher ``seq`` than ``after`` as they come, of any author and process.

        Besides, the conversation whenever its mode, status or assignee changed, and each proposal whose state did;
        at the beginning those that are no longer as every conversation and proposal begins. Ends when the
        conversation is deleted; else the consumer stops it.
        """
        news = asyncio.Event()
        self._watchers[conversation_id].add(news)
        told = Told(after)
        try:
            while (found := await self._read_news(conversation_id, told)) is not None:
                for each in found:
                    yield each
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), WATCH_SECONDS)
                news.clear()
        finally:
            self._watchers[conversation_id].discard(news)
            if not self._watchers[conversation_id]:
                del self._watchers[conversation_id]

    async def _read_news(self, conversation_id: str, told: Told) -> list[News] | None:
        """What a watcher was not told yet, noted as told; None when there is no such conversation."""
        news: list[News] = []
        async with self._reading() as session:
            row = await session.get(t.ConversationRow, conversation_id)
            if row is None:
                return None
            if row.last_seq > told.seq:
                later = select(t.MessageRow).filter_by(conversation_id=conversation_id)
                messages = await _read_messages(
                    session, later.where(t.MessageRow.seq > told.seq).order_by(t.MessageRow.seq)
                )
                news += messages
                told.seq = messages[-1].seq
            if (state := (row.mode, row.status, row.assignee)) != told.state:
                told.state = state
                news.append(rows.conversation_of(row))
            decided = (
                select(t.ProposalRow).filter_by(conversation_id=conversation_id).where(t.ProposalRow.state != "open")
            )
            for each in await session.scalars(decided.order_by(t.ProposalRow.decided_at, t.ProposalRow.id)):
                if told.decided.get(each.id) != each.state:
                    told.decided[each.id] = each.state
                    news.append(rows.proposal_of(each))
        return news

    async def _end_manual(self, conversation_id: str, action: str, status: Status) -> Conversation:
        async with self._changing(conversation_id) as (session, row):
            if status is Status.RESOLVED:
                await self._stop_assistant(session, row)
                self._announce(session, row.id, "conversation.resolved", {"assignee": row.assignee})
            self._note(session, row.assignee or "system", row, action)
            row.mode, row.status = Mode.AUTO.value, status.value
            row.assignee = row.handoff_reason = None
        return rows.conversation_of(row)

    @asynccontextmanager
    async def _locked(self, conversation_id: str) -> AsyncIterator[tuple[AsyncSession, t.ConversationRow]]:
        """A write transaction that holds the conversation's row; watchers are woken after the commit."""
        async with self._writing() as session:
            yield session, await _get(session, conversation_id, lock=True)
        for news in tuple(self._watchers.get(conversation_id, ())):
            news.set()

    @asynccontextmanager
    async def _changing(self, conversation_id: str) -> AsyncIterator[tuple[AsyncSession, t.ConversationRow]]:
        """``_locked`` for what counts as news: ``updated_at`` moves."""
        async with self._locked(conversation_id) as (session, row):
            row.updated_at = self.clock()
            yield session, row

    def _append(
        self,
        session: AsyncSession,
        row: t.ConversationRow,
        author: Author,
        text: str,
        language: str,
        **more: Any,
    ) -> t.MessageRow:
        """The next message; ``seq`` has no gaps, because the conversation's row is locked."""
        row.last_seq += 1
        row.updated_at = self.clock()
        values = {"citations": [], "claims": [], **more}
        message = t.MessageRow(
            conversation_id=row.id,
            seq=row.last_seq,
            author=author.value,
            text=text,
            language=language,
            created_at=row.updated_at,
            **values,
        )
        session.add(message)
        told = {"seq": message.seq, "author": author, "text": text, "language": language}
        outcome = more.get("outcome")
        self._announce(
            session, row.id, "message.created", {**told, "outcome": outcome, "created_at": message.created_at}
        )
        return message

    async def _append_reply(
        self, session: AsyncSession, row: t.ConversationRow, reply: Reply, reply_to: int | None
    ) -> t.MessageRow:
        message = self._append(
            session,
            row,
            Author.ASSISTANT,
            reply.text,
            reply.language,
            outcome=reply.outcome.value,
            reply_to=reply_to,
            handoff_reason=reply.handoff_reason,
            citations=[rows.write_json(citation) for citation in reply.citations],
            claims=[rows.write_json(claim) for claim in reply.claims],
            metrics=rows.write_json(reply.metrics),
        )
        for proposal in reply.proposals:
            await self._void_former(session, proposal)
        session.add_all(rows.proposal_row(proposal, message.seq) for proposal in reply.proposals)
        return message

    def _hand_off(self, session: AsyncSession, row: t.ConversationRow, reason: str | None) -> None:
        if reason is not None:
            is_news = row.handoff_reason is None
            row.mode, row.status, row.handoff_reason = Mode.MANUAL.value, Status.OPEN.value, reason
            told = {"reason": reason, "language": row.language, "seq": row.last_seq}
            if is_news:
                self._announce(session, row.id, "conversation.handed_off", told)

    async def _stop_assistant(self, session: AsyncSession, row: t.ConversationRow) -> None:
        """Manual mode in a new epoch: no lease, no open proposal, and open messages go to the agent (I1, I7)."""
        row.mode = Mode.MANUAL.value
        row.epoch += 1
        row.lease_token = row.lease_owner = row.lease_until = row.pending_seq = None
        await self._pass_to_agent(session, row.id)
        await self._void_proposals(session, row.id)

    async def _pass_to_agent(self, session: AsyncSession, conversation_id: str) -> None:
        open_messages = update(t.MessageRow).where(
            t.MessageRow.conversation_id == conversation_id,
            t.MessageRow.author == Author.CUSTOMER.value,
            t.MessageRow.outcome.is_(None),
        )
        await session.execute(open_messages.values(outcome=Outcome.TO_AGENT.value))

    async def _void_former(self, session: AsyncSession, proposal: Proposal) -> None:
        """The same thing proposed again: what was proposed before can be confirmed no more, so a typed yes is clear."""
        p = t.ProposalRow
        query = update(p).where(
            p.conversation_id == proposal.conversation_id,
            p.tool == proposal.tool,
            p.order_number == proposal.order_number,
            p.state == "open",
        )
        await session.execute(query.values(state="voided", decided_at=self.clock()))

    async def _void_proposals(self, session: AsyncSession, conversation_id: str) -> None:
        query = update(t.ProposalRow).where(
            t.ProposalRow.conversation_id == conversation_id, t.ProposalRow.state == "open"
        )
        await session.execute(query.values(state="voided", decided_at=self.clock()))

    def _note(self, session: AsyncSession, actor: str, row: t.ConversationRow, action: str) -> None:
        session.add(
            t.AuditRow(
                id=secrets.token_hex(12),
                at=self.clock(),
                actor=actor,
                conversation_id=row.id,
                action=action,
                subject=f"conversation {row.id}",
            )
        )


async def _get(session: AsyncSession, conversation_id: str, *, lock: bool = False) -> t.ConversationRow:
    row = await session.get(t.ConversationRow, conversation_id, with_for_update=lock or None)
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


async def _read_messages(session: AsyncSession, query: Select[t.MessageRow]) -> list[Message]:
    """The messages of a query with the proposals that they made."""
    found = list(await session.scalars(query))
    ids = {row.conversation_id for row in found if row.author == Author.ASSISTANT.value}
    proposals: defaultdict[tuple[str, int | None], list[Proposal]] = defaultdict(list)
    if ids:
        query_proposals = select(t.ProposalRow).where(t.ProposalRow.conversation_id.in_(ids))
        for row in await session.scalars(query_proposals.order_by(t.ProposalRow.created_at, t.ProposalRow.id)):
            proposals[row.conversation_id, row.message_seq].append(rows.proposal_of(row))
    return [rows.message_of(row, proposals[row.conversation_id, row.seq]) for row in found]
