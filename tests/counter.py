"""A customer at the counter, for tests: starts conversations, says things, reads the stored reply."""

import itertools
from dataclasses import dataclass, field

from app.conversations import Conversations, Started
from app.identity import Proof
from app.main import Services
from app.models import Message

LAN = Proof("12345", "lan.nguyen@example.com")
"""Order 12345: waiting for restock, of a Vietnamese customer."""

RETURNS = "trả hàng được mấy ngày và ai chịu phí gửi lại"
"""How long, and who pays: a question that no single section of a policy answers."""


@dataclass
class Visitor:
    """One conversation."""

    conversations: Conversations
    started: Started
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def id(self) -> str:
        return self.started.conversation.id

    async def say(self, text: str, *, address: str = "test") -> Message:
        """Send a message and wait for the stored reply."""
        receipt = await self.conversations.receive_message(self.id, f"m{next(self._ids)}", text, address=address)
        reply = None
        async for event in self.conversations.follow(self.id, receipt.message.seq):
            reply = event if isinstance(event, Message) else None
        assert reply is not None, "the turn ended without a stored reply"
        return reply

    async def prove(self, proof: Proof = LAN) -> None:
        assert await self.conversations.verify_contact(self.id, proof, address="test") is not None


@dataclass
class Counter:
    services: Services

    @property
    def conversations(self) -> Conversations:
        return self.services.conversations

    async def visit(self, locale: str = "en") -> Visitor:
        return Visitor(self.conversations, await self.conversations.start(locale))
