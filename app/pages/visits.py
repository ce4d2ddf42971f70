"""One browser's view of its conversation: who is asking, and what they may see.

Owns the reference that a browser keeps (id and token) and checks it on every call: nothing that a client sends opens
a conversation without its token. Leaves the drawing to ``bubbles`` and ``order_card``, and use cases to
``conversations``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.conversations import Conversations
from app.errors import NotAllowed, NotFound
from app.language import registry
from app.models import Author, Conversation, Message, Mode, Order, Proposal

Reference = dict[str, str]
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """A page in the ``locale`` of its strings; ``conversation`` is None until something is written or chosen."""

    locale: str
    reference: Reference | None = None
    conversation: Conversation | None = None

    @property
    def is_manual(self) -> bool:
        return self.conversation is not None and self.conversation.mode is Mode.MANUAL


@dataclass(frozen=True, slots=True)
class View:
    """What a visit shows at one moment."""

    visit: Visit
    messages: Sequence[Message] = ()
    orders: Sequence[Order] = ()
    proposal: Proposal | None = None
    """What waits for the customer's yes or no."""

    @property
    def open_message(self) -> Message | None:
        """The oldest message that still waits for its answer, also one that a proof opened."""
        pending = self.visit.conversation.pending_seq if self.visit.conversation else None
        mine = (m for m in self.messages if m.author is Author.CUSTOMER)
        return next((m for m in mine if m.outcome is None or m.seq == pending), None)

    @property
    def agent_spoke(self) -> bool:
        return any(message.author is Author.AGENT for message in self.messages)


class Visits:
    """Reads and begins visits. ``languages`` are those of the shop, its own first."""

    def __init__(self, conversations: Conversations, languages: Sequence[str], clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._conversations = conversations
        self._languages = languages

    async def read(self, reference: Any, accept_language: str | None) -> Visit:
        """The visit of a browser; a reference that opens nothing counts as none."""
        locale = registry.negotiate(accept_language, self._languages, self._languages[0])
        kept = _parse(reference)
        if kept is None:
            return Visit(locale)
        try:
            conversation = await self._conversations.authorise(kept["id"], kept["token"])
        except (NotAllowed, NotFound):
            return Visit(locale)
        return Visit(self._locale_of(conversation, locale), kept, conversation)

    async def begin(self, visit: Visit) -> tuple[Visit, Conversation]:
        """The visit with a conversation, started now if it had none."""
        if visit.conversation is not None:
            return visit, visit.conversation
        started = await self._conversations.start(visit.locale)
        reference = {"id": started.conversation.id, "token": started.token}
        return Visit(visit.locale, reference, started.conversation), started.conversation

    async def look(self, visit: Visit) -> View:
        """Everything that the visit may see now, read from the store."""
        if visit.conversation is None:
            return View(visit)
        conversation = await self._conversations.get(visit.conversation.id)
        visit = replace(visit, conversation=conversation, locale=self._locale_of(conversation, visit.locale))
        messages = await self._conversations.messages(conversation.id)
        orders = await self._conversations.orders(conversation.id) if conversation.identity else ()
        proposal = None if visit.is_manual else find_open(messages, self._clock())
        return View(visit, messages, orders, proposal)

    def _locale_of(self, conversation: Conversation, default: str) -> str:
        """A picked language is also the page's; a detected one is only the conversation's."""
        wanted = conversation.language if conversation.language_pinned else conversation.locale
        return wanted if wanted in self._languages else default


def find_open(messages: Sequence[Message], now: datetime) -> Proposal | None:
    """The proposal that can still be confirmed: only of the last message, and only until anybody says more."""
    if not messages or messages[-1].author is not Author.ASSISTANT:
        return None
    return next((p for p in messages[-1].proposals if p.state == "open" and p.expires_at > now), None)


def _parse(reference: Any) -> Reference | None:
    """A reference as the browser sends it: anyone's input."""
    if not isinstance(reference, dict):
        return None
    found = {key: reference.get(key) for key in ("id", "token")}
    is_valid = all(isinstance(value, str) and 0 < len(value) <= _MOST_CHARACTERS for value in found.values())
    return {key: str(value) for key, value in found.items()} if is_valid else None
