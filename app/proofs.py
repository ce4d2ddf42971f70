"""What a proof of identity does to a conversation: whose it becomes, and which question can be answered now.

Leaves comparing and throttling to ``identity``, and finding the question that waited to ``pending``.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.errors import Conflict, ShopUnavailable, TooManyTries
from app.identity import Identities, Proof, find_proof, normalise_number
from app.models import Conversation, Identity, Message
from app.pending import find_pending_seq
from app.shop import ShopSource
from app.store import Store

RECENT = 20
"""Messages among which the question before a proof is looked for."""

Ending = Literal["none", "proven", "failed", "throttled"]


@dataclass(slots=True)
class Proofs:
    """``begin`` starts the turn of a conversation that a proof lets go on."""

    store: Store
    identities: Identities
    shop: ShopSource
    clock: Callable[[], datetime]
    begin: Callable[[str], None]

    async def take_contact(self, conversation_id: str, proof: Proof, address: str) -> Identity | None:
        """An order number with its contact, by form; None when they do not match. Raises TooManyTries."""
        identity = await self.identities.prove_contact(proof, conversation_id, address, self.clock())
        if identity:
            await self._go_on(conversation_id, identity)
        return identity

    async def take_token(self, conversation: Conversation, token: str) -> Identity:
        """The storefront's JWT. Raises NotAllowed, or Conflict where the conversation is another customer's."""
        identity = await self.identities.prove_token(token, self.clock())
        if conversation.identity is not None and conversation.identity.customer_id != identity.customer_id:
            raise Conflict("This conversation belongs to another customer. Start a new one.")
        await self._go_on(conversation.id, identity)
        return identity

    async def take_typed(self, conversation_id: str, text: str, address: str) -> None:
        """A proof in a message: it goes through the form's limiter, and the turn of its message answers."""
        proof = find_proof(text)
        if proof is None:
            return
        with suppress(TooManyTries, ShopUnavailable):  # the turn sees that nothing was proven
            identity = await self.identities.prove_contact(proof, conversation_id, address, self.clock())
            if identity:
                await self.store.set_identity(conversation_id, identity)

    async def judge(self, conversation: Conversation, messages: Sequence[Message]) -> Ending:
        """How a proof in these messages ended, told from what is stored: it survives a crash."""
        proof = next(filter(None, (find_proof(m.text) for m in messages)), None)
        if proof is None:
            return "none"
        identity = conversation.identity
        if identity and (identity.scope == "customer" or identity.order_number == normalise_number(proof.order_number)):
            return "proven"
        if await self.identities.is_exhausted(conversation.id, self.clock()):
            return "throttled"
        # Where the shop system is away nothing was compared, and "failed" would be untrue: this raises then.
        await self.shop.find_order_contact(normalise_number(proof.order_number))
        return "failed"

    async def _go_on(self, conversation_id: str, identity: Identity) -> None:
        """Remember the proof and, in the same transaction, what it lets us answer: a crash forgets neither."""
        recent = await self.store.last_messages(conversation_id, RECENT)
        pending = find_pending_seq(recent, identity)
        await self.store.set_identity(conversation_id, identity, pending_seq=pending)
        if pending is not None:
            self.begin(conversation_id)
