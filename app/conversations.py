"""Use cases of a conversation, the same for every channel: start, receive, verify, hand off, answer, resolve, rate.

Owns the order of things (I1: stored first, then answered) and who may touch a conversation. Leaves answering to
``assistant`` and ``turns``, what a proof changes to ``proofs``, rows to ``store``.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.assistant import Assistant, Turn
from app.errors import Conflict, InvalidMessage, InvalidPhoto, NotAllowed, NotFound
from app.events import Event
from app.guardrails.incoming import check_incoming
from app.hearing import hear
from app.identity import Identities, Proof
from app.language import registry
from app.limits import Limits
from app.meters import Meters
from app.models import Author, Conversation, Identity, Message, Mode, Order, Photo, Proposal, Reply
from app.photos import read_photo
from app.proofs import Proofs
from app.proposals import Proposals
from app.shop import ShopSource
from app.store import News, Store, TurnLease
from app.turns import Turns
from app.wording import Wording

TOKEN_BYTES = 32

MOST_PHOTOS = 10
DECODERS = 2
"""Photos that are decoded at the same time; one may take 150 MB."""

HISTORY = 200
"""A turn sees at least so many messages before its own, and less than twice as many: the beginning moves seldom, so
that the model server finds the prompt's beginning in its cache."""


@dataclass(frozen=True, slots=True)
class Started:
    """A new conversation; ``token`` is shown once and stored only as a hash."""

    conversation: Conversation
    token: str
    greeting: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A stored message; ``created`` is False when the same client_id had been stored before."""

    message: Message
    created: bool


class Conversations:
    def __init__(
        self,
        store: Store,
        assistant: Assistant,
        identities: Identities,
        wording: Wording,
        *,
        languages: Sequence[str],
        shop_name: str,
        max_characters: int,
        clock: Callable[[], datetime],
        meters: Meters,
        limits: Limits,
        token_days: int,
        shop: ShopSource | None = None,
    ) -> None:
        self._limits = limits
        self._store = store
        self._decoding = asyncio.Semaphore(DECODERS)
        self._token_life = timedelta(days=token_days)
        self._shop: ShopSource = shop or store
        self._identities = identities
        self._wording = wording
        self._languages = languages
        self._shop_name = shop_name
        self._max_characters = max_characters
        self._clock = clock
        self._assistant = assistant
        self._proposals = Proposals(store, assistant, wording, clock, self._shop)
        self._meters = meters
        self.turns = Turns(store, wording, self._work, meters.count_reply)
        self._proofs = Proofs(store, identities, self._shop, clock, self.turns.begin)

    async def start(
        self,
        locale: str | None = None,
        *,
        identity_token: str | None = None,
        page_url: str | None = None,
        address: str = "",
    ) -> Started:
        """Begin a conversation in the visitor's locale. Raises NotAllowed for a bad identity token, TooManyTries."""
        await self._limits.count_start(address)
        language = registry.negotiate(locale, self._languages, self._languages[0])
        identity = await self._identities.prove_token(identity_token, self._clock()) if identity_token else None
        token = secrets.token_urlsafe(TOKEN_BYTES)
        conversation = await self._store.create_conversation(
            language=language, locale=language, token_hash=hash_token(token), page_url=page_url
        )
        if identity:
            await self._store.set_identity(conversation.id, identity)
        return Started(conversation, token, self.greet(language))

    def greet(self, language: str) -> str:
        return self._wording.say("greeting", language, shop=self._shop_name)

    async def authorise(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that this token opens. Raises NotAllowed, also when there is none, or when nothing
        happened in it for so long that the token has expired."""
        found = await self._store.find_token_hash(conversation_id)
        if found is None or not hmac.compare_digest(found, hash_token(token)):
            raise NotAllowed("This conversation needs its own token.")
        conversation = await self.get(conversation_id)
        if conversation.updated_at + self._token_life < self._clock():
            raise NotAllowed("The token has expired. Start a new conversation.")
        return conversation

    async def get(self, conversation_id: str) -> Conversation:
        conversation = await self._store.get_conversation(conversation_id)
        if conversation is None:
            raise NotFound("There is no such conversation.")
        return conversation

    async def messages(self, conversation_id: str, after: int = 0) -> list[Message]:
        return list(await self._store.messages(conversation_id, after=after))

    async def receive_message(self, conversation_id: str, client_id: str, text: str, *, address: str = "") -> Receipt:
        """Store a customer's message, then have it answered. Raises InvalidMessage with a localised sentence.

        The same ``client_id`` twice is one message. ``address`` is the network address, for throttling: raises
        TooManyTries.
        """
        await self._limits.count_message(conversation_id, address)
        conversation = await self.get(conversation_id)
        incoming = check_incoming(text, self._max_characters)
        if incoming.problem:
            raise InvalidMessage(incoming.problem, self._explain(incoming.problem, conversation), self._max_characters)
        last = await self._store.last_messages(conversation_id, 1)
        spoken = hear(incoming.text, conversation, self._languages, last[-1] if last else None)
        message, created = await self._store.add_message(conversation_id, client_id, incoming.text, spoken.language)
        if created:
            if spoken.language != conversation.language or spoken.evidence == "wish":
                await self._store.set_language(
                    conversation_id, spoken.language, pinned=conversation.language_pinned or spoken.evidence == "wish"
                )
            if conversation.mode is Mode.AUTO:
                await self._proofs.take_typed(conversation_id, incoming.text, address)
        if message.outcome is None:
            self.turns.begin(conversation_id)
        return Receipt(message, created)

    def _explain(self, problem: str, conversation: Conversation) -> str:
        return self._wording.say(problem, conversation.language, limit=self._max_characters)

    async def verify_contact(self, conversation_id: str, proof: Proof, *, address: str = "") -> Identity | None:
        """Prove an identity with an order number and its contact; None when they do not match. Raises TooManyTries.

        The question that was asked before the proof is answered then, by itself: a new reply to it comes.
        """
        return await self._proofs.take_contact(conversation_id, proof, address)

    async def verify_token(self, conversation_id: str, token: str) -> Identity:
        """Prove an identity with the storefront's JWT; what was asked before is answered then.

        Raises NotAllowed, or Conflict where the conversation is another customer's: after a login as somebody else a
        new one must be started.
        """
        return await self._proofs.take_token(await self.get(conversation_id), token)

    async def choose_language(self, conversation_id: str, tag: str | None) -> Conversation:
        """The customer picked a language by hand, or (None) wants it detected again."""
        conversation = await self.get(conversation_id)
        language = registry.find(tag) if tag else None
        if tag and (language is None or language.code not in self._languages):
            raise NotFound(f"The shop does not serve the language {tag[:20]!r}.")
        code = language.code if language else conversation.language
        await self._store.set_language(conversation_id, code, pinned=language is not None)
        return await self.get(conversation_id)

    async def follow(self, conversation_id: str, seq: int) -> AsyncIterator[Event | Message]:
        """The provisional events of the turn that answers message ``seq``, then its stored reply, if there is one."""
        async for event in self.turns.listen(conversation_id):
            if isinstance(event, Event):
                yield event
            if not await self._store.is_waiting(conversation_id, seq):
                break
        reply = await self.reply_to(conversation_id, seq)
        if reply is not None:
            yield reply

    async def reply_to(self, conversation_id: str, seq: int) -> Message | None:
        """The stored reply that answers a message, the newest of its own, else that of what superseded it."""
        later = await self._store.messages(conversation_id, after=seq)
        replies = [m for m in later if m.author is Author.ASSISTANT and (m.reply_to or 0) >= seq]
        own = [m for m in replies if m.reply_to == seq]
        return own[-1] if own else next(iter(replies), None)

    async def request_handoff(self, conversation_id: str, reason: str = "customer_asked") -> Conversation:
        """Give the conversation to the agents; asking again changes only the reason."""
        before = await self.get(conversation_id)
        after = await self._store.request_handoff(conversation_id, reason)
        if before.handoff_reason is None:
            self._meters.count_handoff(reason)
        return after

    async def message(self, conversation_id: str, seq: int) -> Message:
        """One stored message. Raises NotFound."""
        found = next((m for m in await self._store.messages(conversation_id, after=seq - 1, limit=1)), None)
        if found is None or found.seq != seq:
            raise NotFound("There is no such message.")
        return found

    async def orders(self, conversation_id: str) -> Sequence[Order]:
        """The orders that this conversation's identity opens."""
        conversation = await self.get(conversation_id)
        return await self._shop.customer_shop(conversation.identity).orders()

    def watch(self, conversation_id: str, after: int) -> AsyncIterator[News]:
        """Stored messages after ``after`` as they come, also an agent's, and changes of mode, status, proposals."""
        return self._store.watch(conversation_id, after)

    async def count_request(self, conversation_id: str, address: str) -> None:
        """Count what is no message but costs like one. Raises TooManyTries."""
        await self._limits.count_message(conversation_id, address)

    async def revoke_token(self, conversation_id: str) -> None:
        """The customer's token opens nothing any more; nobody gets another."""
        await self._store.revoke_token(conversation_id)

    async def rate(self, conversation_id: str, score: int, comment: str | None = None) -> None:
        """Keep the customer's rating, 1 to 5."""
        await self._store.rate(conversation_id, score, comment)

    async def add_photo(self, conversation_id: str, data: bytes, *, address: str = "") -> Photo:
        """Keep a photo for the agents, who get the conversation: the assistant cannot see. Raises InvalidPhoto,
        TooManyTries."""
        await self._limits.count_message(conversation_id, address)
        conversation = await self.get(conversation_id)
        async with self._decoding:
            photo = await asyncio.to_thread(read_photo, data)
        text, language = self._wording.say("photo_received", conversation.language), conversation.language
        kept = await self._store.add_photo(
            conversation_id, photo, text, self._wording.resolve(language), most=MOST_PHOTOS
        )
        if kept is None:
            raise InvalidPhoto(f"At most {MOST_PHOTOS} photos can be sent in one conversation.")
        if conversation.handoff_reason is None:
            self._meters.count_handoff("photo")
        return kept

    async def photo(self, conversation_id: str, photo_id: str) -> Photo:
        """A photo of this conversation. Raises NotFound."""
        photo = await self._store.get_photo(conversation_id, photo_id)
        if photo is None:
            raise NotFound("There is no such photo.")
        return photo

    async def delete(self, conversation_id: str) -> None:
        """The customer wants it gone: messages, photos and proposals are deleted; what was done to orders stays."""
        await self._store.delete_conversation(conversation_id)

    async def decide_proposal(
        self, conversation_id: str, proposal_id: str, decision: Literal["confirm", "decline"]
    ) -> tuple[Proposal, Message]:
        """Confirm or decline with a button. Raises NotFound for a proposal of another conversation, Conflict when
        an agent has taken over."""
        conversation = await self.get(conversation_id)
        proposal = await self._store.get_proposal(proposal_id)
        if proposal is None or proposal.conversation_id != conversation_id:
            raise NotFound("There is no such proposal.")
        history = await self._store.last_messages(conversation_id, HISTORY)
        answer = await self._proposals.decide(conversation, proposal, decision, history)
        stored = await self._store.add_reply(conversation_id, answer) if isinstance(answer, Reply) else answer
        if stored is None:
            raise Conflict("An agent has taken over this conversation.")
        self._meters.count_reply(stored)
        return await self._store.get_proposal(proposal_id) or proposal, stored

    async def _work(self, lease: TurnLease) -> AsyncGenerator[Event | Message, None]:
        """One turn: a typed yes or no to the open proposal, else the assistant."""
        turn = await self._prepare(lease)
        settled = await self._proposals.settle_typed(turn)
        if settled is not None:
            yield settled
            return
        async for event in self._assistant.answer(turn):
            yield self._proposals.attach(turn.conversation, event) if isinstance(event, Reply) else event

    async def _prepare(self, lease: TurnLease) -> Turn:
        conversation = await self.get(lease.conversation.id)
        first = lease.messages[0].seq
        start = max(0, first - 1 - HISTORY) // HISTORY * HISTORY
        past = [m for m in await self._store.messages(conversation.id, after=start) if m.seq < first]
        return Turn(
            conversation,
            past,
            lease.messages,
            self._shop.customer_shop(conversation.identity),
            self._clock(),
            await self._proofs.judge(conversation, lease.messages),
        )


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
