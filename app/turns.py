"""Runs turns: one at a time a conversation, to the end whoever listens, and again after a crash (I1, I7).

Owns the tasks and the provisional events of this process. What is final is in the store.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from app.errors import DatabaseUnusable, NotFound
from app.events import Event, Text
from app.models import Message, Outcome, Reply
from app.store import Store, TurnLease
from app.wording import Wording

log = structlog.get_logger()

LEASE_SECONDS = 60.0
"""A crashed process' turn is taken up again after this long; a living one extends its lease."""

RECOVER_SECONDS = 15.0

CLOSING_SECONDS = 2.0
"""A turn that is nearly done may end when the process stops; a longer one is taken up by the next start."""

Work = Callable[[TurnLease], AsyncGenerator[Event | Message, None]]
"""Answers the open messages of a lease. Ends with a Reply to be stored, or with a Message that is stored already."""


@dataclass(slots=True)
class LiveTurn:
    """The turn under way in a conversation, and who listens to it."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: set[asyncio.Queue[Event | None]] = field(default_factory=set)
    shown: bool = False
    texts: list[Text] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def publish(self, event: Event) -> None:
        if isinstance(event, Text):
            self.shown = True
            self.texts.append(event)
        for queue in self.listeners:
            queue.put_nowait(event)


class Turns:
    """The turns of this process."""

    def __init__(self, store: Store, wording: Wording, work: Work, count: Callable[[Message], None]) -> None:
        self._store = store
        self._wording = wording
        self._work = work
        self._count = count
        self._owner = uuid.uuid4().hex
        self._live: dict[str, LiveTurn] = {}
        self._recovery: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def running(self) -> int:
        """How many conversations have a turn under way here."""
        return len(self._live)

    def start(self) -> None:
        """Take up what a crash left open, now and whenever another process leaves something."""
        self._recovery = asyncio.create_task(self._recover())

    async def close(self) -> None:
        """Stop; open turns keep their messages and are taken up by the next start."""
        self._closing = True
        if self._recovery:
            self._recovery.cancel()
        turns = [live.task for live in self._live.values() if live.task]
        if turns:
            await asyncio.wait(turns, timeout=CLOSING_SECONDS)
        for task in turns:
            task.cancel()
        await asyncio.gather(*turns, *filter(None, [self._recovery]), return_exceptions=True)

    def begin(self, conversation_id: str) -> None:
        """There are open messages in this conversation: answer them, now or after the turn under way."""
        live = self._live.get(conversation_id)
        if live is None:
            live = self._live[conversation_id] = LiveTurn()
            live.task = asyncio.create_task(self._run(conversation_id, live))
        else:
            live.arrived.set()

    async def listen(self, conversation_id: str) -> AsyncIterator[Event]:
        """The provisional events of the turn under way, those already shown first; ends with it."""
        live = self._live.get(conversation_id)
        if live is None:
            return
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        for text in live.texts:
            queue.put_nowait(text)
        live.listeners.add(queue)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            live.listeners.discard(queue)

    async def _run(self, conversation_id: str, live: LiveTurn) -> None:
        try:
            with suppress(NotFound):  # the customer deleted the conversation meanwhile
                while True:
                    live.arrived.clear()
                    if self._closing:
                        return
                    lease = await self._store.claim_turn(conversation_id, self._owner, LEASE_SECONDS)
                    if lease is not None:
                        await self._answer_or_restart(lease, live)
                    # Nothing may be awaited between this check and the removal below: a message that arrives
                    # in between finds either this task, still looping, or none.
                    elif not live.arrived.is_set():
                        return
        finally:
            del self._live[conversation_id]
            for queue in live.listeners:
                queue.put_nowait(None)

    async def _answer_or_restart(self, lease: TurnLease, live: LiveTurn) -> None:
        """Answer; when another message comes before any text was shown, begin again with both."""
        live.shown, live.texts = False, []
        work = asyncio.create_task(self._answer(lease, live))
        arrival = asyncio.create_task(live.arrived.wait())
        try:
            await asyncio.wait({work, arrival}, return_when=asyncio.FIRST_COMPLETED)
            if live.shown or work.done():
                await work
        finally:
            for task in (work, arrival):
                task.cancel()
            await asyncio.gather(work, arrival, return_exceptions=True)
            await self._store.release_turn(lease)

    async def _answer(self, lease: TurnLease, live: LiveTurn) -> None:
        reply: Reply | None = None
        ended = asyncio.Event()
        heartbeat = asyncio.create_task(self._extend(lease, ended))
        try:
            async for event in self._work(lease):
                if isinstance(event, Message):
                    self._count(event)
                    return
                if isinstance(event, Reply):
                    reply = event
                else:
                    live.publish(event)
        except Exception as error:
            log.exception("turn.failed", error=type(error).__name__)
        finally:
            ended.set()  # not cancelled: a write that is cut off may hold the database's lock for a while
            await heartbeat
        reply = reply or self._apologise(lease)
        live.shown = True  # from here on the reply is being stored: too late to begin again
        stored = await self._store.save_turn(lease, reply)
        if stored is not None:
            self._count(stored)
            live.publish(reply)

    def _apologise(self, lease: TurnLease) -> Reply:
        """Something broke that must not: the customer gets a person (I10)."""
        language = lease.conversation.language
        text = self._wording.say("sorry_technical", language)
        return Reply(text, language, Outcome.HANDED_OFF, handoff_reason="technical")

    async def _extend(self, lease: TurnLease, ended: asyncio.Event) -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LEASE_SECONDS / 3)
                return
            try:
                await self._store.extend_lease(lease, LEASE_SECONDS)
            except DatabaseUnusable as error:  # the reply may still be saved: the lease has time left
                log.warning("lease.not_extended", error=type(error).__name__)

    async def _recover(self) -> None:
        while True:
            for conversation_id in await self._store.open_conversations():
                self.begin(conversation_id)
            await asyncio.sleep(RECOVER_SECONDS)
