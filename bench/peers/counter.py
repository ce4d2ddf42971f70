"""Lets the evaluation's own player talk to a rival: the methods of ``Conversations`` that it uses, and no more.

Proof of identity goes through Kaunter's use cases, so that a rival sees the orders of the verified customer and of
nobody else. A reply of a rival has no outcome of its own: a WRITE that waits is ``proposed``, one that ran ``done``, a
hand-off ``handed_off``, and everything else ``answered`` (see ``sample.ease``).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from app.conversations import Conversations, Receipt, Started
from app.events import Event
from app.identity import Proof
from app.main import Services
from app.models import Author, Conversation, Identity, Message, Metrics, Mode, Outcome, Proposal
from bench.peers.adapter import Adapter
from bench.peers.desk import ShopDesk

TURN_SECONDS = 150


@dataclass(frozen=True, slots=True)
class Pending:
    """A WRITE that the customer is asked to confirm."""

    tool: str
    number: str


@dataclass(frozen=True, slots=True)
class Spoken:
    text: str
    pending: Pending | None = None


class Rival(Protocol):
    """One conversation with a rival."""

    async def say(self, text: str) -> Spoken: ...

    async def decide(self, confirm: bool) -> Spoken: ...


MakeRival = Callable[[ShopDesk, str], Awaitable[Rival]]
"""Of the desk and of what stands before the first message."""


@dataclass(slots=True)
class Turn:
    """What a turn cost. Seconds; ``first_text`` until the customer could read something."""

    seconds: float
    first_text: float
    calls: list[dict[str, Any]]
    error: str = ""


@dataclass(slots=True)
class Ledger:
    """Turns since it was last read."""

    adapter: Adapter
    turns: list[Turn] = field(default_factory=list)

    def note(self, begun: float, shown: float | None, error: str = "") -> None:
        """A turn is over; the calls since the last one are its calls. ``shown``: when something else than text was."""
        calls, self.adapter.calls[:] = list(self.adapter.calls), []
        ended = time.perf_counter()
        texts = [call.first_text for call in calls if call.first_text is not None]
        first = min([*texts, *([shown] if shown else [])], default=ended)
        self.turns.append(Turn(ended - begun, first - begun, [_plain(call, begun) for call in calls], error))

    def take(self) -> list[dict[str, Any]]:
        turns, self.turns = self.turns, []
        return [asdict(turn) for turn in turns]


def _plain(call: Any, begun: float) -> dict[str, Any]:
    spent = (call.ended or time.perf_counter()) - call.begun
    return {
        "computed": call.computed,
        "cached": call.cached,
        "generated": call.generated,
        "tools": call.tools,
        "seconds": round(spent, 3),
        "after": round(call.begun - begun, 3),
    }


class PeerConversations:
    """See the module."""

    def __init__(self, services: Services, make: MakeRival, introduce: Callable[[list[str], str], str], ledger: Ledger):
        self._services = services
        self._real: Conversations = services.conversations
        self.turns = self._real.turns
        self._make, self._introduce, self._ledger = make, introduce, ledger
        self._rival: Rival | None = None
        self._desk: ShopDesk | None = None
        self._replies: dict[int, Message] = {}
        self._language = "en"

    async def start(self, locale: str, *, identity_token: str | None = None) -> Started:
        self._language = locale
        return await self._real.start(locale, identity_token=identity_token)

    async def verify_contact(self, key: str, proof: Proof, *, address: str = "") -> Identity | None:
        return await self._real.verify_contact(key, proof, address=address)

    async def get(self, key: str) -> Conversation:
        """The conversation, handed to a person where the rival asked for one."""
        if self._desk and self._desk.handed_off:
            conversation = await self._real.get(key)
            if conversation.mode is Mode.AUTO:
                return await self._real.request_handoff(key, "needs_person")
        return await self._real.get(key)

    async def receive_message(self, key: str, client_id: str, text: str, *, address: str = "") -> Receipt:
        seq = 2 * len(self._replies) + 1
        rival = await self._open(key)
        self._replies[seq + 1] = await self._take_turn(key, seq, lambda: rival.say(text))
        now = self._services.clock()
        message = Message(seq, key, Author.CUSTOMER, text, self._language, now, client_id=client_id)
        return Receipt(message, created=True)

    async def follow(self, key: str, seq: int) -> AsyncIterator[Event | Message]:
        yield self._replies[seq + 1]

    async def decide_proposal(self, key: str, proposal_id: str, decision: str) -> tuple[Proposal, Message]:
        rival = await self._open(key)
        seq = 2 * len(self._replies) + 1
        proposal = self._replies[max(self._replies)].proposals[0]
        reply = await self._take_turn(key, seq, lambda: rival.decide(decision == "confirm"))
        self._replies[seq + 1] = reply
        return proposal, reply

    async def _open(self, key: str) -> Rival:
        if self._rival is None:
            identity = (await self._real.get(key)).identity
            shop = self._services.store.customer_shop(identity)
            self._desk = ShopDesk(self._services, shop, self._language)
            numbers = [order.number for order in await self._desk.list_orders()]
            self._rival = await self._make(self._desk, self._introduce(numbers, self._language))
        return self._rival

    async def _take_turn(self, key: str, seq: int, speak: Callable[[], Awaitable[Spoken]]) -> Message:
        assert self._desk is not None
        desk, error, shown = self._desk, "", None
        begun, desk.done, was_handed = time.perf_counter(), False, desk.handed_off
        try:
            async with asyncio.timeout(TURN_SECONDS):
                spoken = await speak()
        except Exception as failure:  # whatever a framework raises is its reply's end, and is reported
            spoken, error = Spoken(""), f"{type(failure).__name__}: {failure}"[:300]
        text, proposals = spoken.text, ()
        if spoken.pending:
            asked = await desk.describe(spoken.pending.tool, spoken.pending.number)
            text, proposals = f"{text}\n{asked}".strip(), (self._propose(key, spoken.pending, asked),)
            shown = time.perf_counter()
        self._ledger.note(begun, shown, error)
        outcome = Outcome.ANSWERED
        if proposals:
            outcome = Outcome.PROPOSED
        elif desk.done:
            outcome = Outcome.DONE
        elif desk.handed_off and not was_handed:
            outcome = Outcome.HANDED_OFF
        now, metrics = self._services.clock(), Metrics(spoke="rival", model_calls=len(self._ledger.turns[-1].calls))
        return Message(
            seq + 1,
            key,
            Author.ASSISTANT,
            text,
            self._language,
            now,
            outcome=outcome,
            metrics=metrics,
            proposals=proposals,
        )

    def _propose(self, key: str, pending: Pending, summary: str) -> Proposal:
        now = self._services.clock()
        arguments = {"order_number": pending.number}
        return Proposal(
            "pending", key, "", pending.tool, arguments, "", summary, "open", now, now + timedelta(minutes=15)
        )


class WatchedConversations:
    """Kaunter's own use cases, with the time of each turn written down."""

    def __init__(self, real: Conversations, ledger: Ledger) -> None:
        self._real, self._ledger = real, ledger
        self._begun = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def receive_message(self, *arguments: Any, **named: Any) -> Receipt:
        self._begun = time.perf_counter()
        self._ledger.adapter.calls.clear()
        return await self._real.receive_message(*arguments, **named)

    async def follow(self, key: str, seq: int) -> AsyncIterator[Event | Message]:
        shown = None
        async for event in self._real.follow(key, seq):
            if getattr(event, "text", "") and shown is None:  # text or the reply; progress has none
                shown = time.perf_counter()
            yield event
        for call in self._ledger.adapter.calls:
            call.first_text = None  # a decision, read by nobody
        self._ledger.note(self._begun, shown)

    async def decide_proposal(self, *arguments: Any) -> tuple[Proposal, Message]:
        begun = time.perf_counter()
        found = await self._real.decide_proposal(*arguments)
        self._ledger.note(begun, time.perf_counter())
        return found
