"""Proposals: a WRITE is summarised, confirmed once, checked again, and executed; or it is not (I6).

Owns a proposal's life. Leaves what may be done to the tools, and doing it in one transaction to ``store``.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from app.assistant import Assistant, Turn
from app.identity import find_order_numbers
from app.language.consent import confirms, read_consent
from app.models import Author, Change, Conversation, Draft, Identity, Message, Metrics, Outcome, Proposal, Reply
from app.shop import ShopSource
from app.shopdata.writing import write_customer, write_order
from app.store import Store
from app.tools.registry import ToolCall
from app.wording import Wording

LIFE = timedelta(minutes=15)
ID_BYTES = 16
"""128 bits: a proposal's id cannot be guessed."""


def hash_arguments(tool: str, arguments: Mapping[str, Any]) -> str:
    """What a confirmation is bound to."""
    plain = json.dumps([tool, dict(sorted(arguments.items()))], ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proposals:
    store: Store
    assistant: Assistant
    wording: Wording
    clock: Callable[[], datetime]
    shop: ShopSource

    def attach(self, conversation: Conversation, reply: Reply) -> Reply:
        """Turn the drafts of a reply into proposals that can be confirmed."""
        if not reply.drafts or conversation.identity is None:
            return replace(reply, drafts=())
        made = tuple(self._make(conversation, draft) for draft in reply.drafts)
        return replace(reply, drafts=(), proposals=made)

    def _make(self, conversation: Conversation, draft: Draft) -> Proposal:
        assert conversation.identity is not None  # noqa: S101 - attach checked it
        now = self.clock()
        return Proposal(
            id=secrets.token_urlsafe(ID_BYTES),
            conversation_id=conversation.id,
            customer_id=conversation.identity.customer_id,
            tool=draft.tool,
            arguments=draft.arguments,
            arguments_hash=hash_arguments(draft.tool, draft.arguments),
            summary=draft.summary,
            state="open",
            created_at=now,
            expires_at=now + LIFE,
            order_number=draft.order_number,
            order_version=draft.order_version,
        )

    async def decide(
        self,
        conversation: Conversation,
        proposal: Proposal,
        decision: Literal["confirm", "decline"],
        history: Sequence[Message],
        *,
        answered_seq: int | None = None,
    ) -> Reply | Message:
        """Confirm or decline. A Message is stored already, with the change; a Reply is still to be stored.

        Confirming authorises again: identity, ownership, state and policy as they are now.
        """
        rest = find_rest(proposal, history)
        if proposal.state != "open":
            key = {"executed": "already_done", "expired": "proposal_expired"}.get(proposal.state, "proposal_stale")
            return self._say(conversation, key, Outcome.REFUSED)
        if decision == "decline":
            await self.store.decide_proposal(proposal.id, "declined", self.clock())
            return await self._go_on(conversation, self._say(conversation, "declined", Outcome.ANSWERED), rest)
        return await self._confirm(conversation, proposal, rest, answered_seq)

    async def settle_typed(self, turn: Turn) -> Reply | Message | None:
        """What was typed right after the only open proposal; None where it is neither a yes nor a no.

        A yes counts only as the whole message (I6). A no changes nothing, so it may be said in free words.
        """
        last = next((m for m in reversed(turn.history) if m.author is not Author.CUSTOMER), None)
        if last is None or len(last.proposals) != 1:
            return None
        consent = self._read_consent(turn, last.proposals[0])
        if consent is None:
            return None
        still_open = await self.store.open_proposals(turn.conversation.id)
        proposal = await self.store.get_proposal(last.proposals[0].id)
        if proposal is None or any(other.id != proposal.id for other in still_open):
            return None
        decision: Literal["confirm", "decline"] = "confirm" if consent == "yes" else "decline"
        seq = turn.messages[-1].seq
        return await self.decide(turn.conversation, proposal, decision, turn.history, answered_seq=seq)

    def _read_consent(self, turn: Turn, proposal: Proposal) -> Literal["yes", "no"] | None:
        if confirms(turn.text, proposal.tool):
            return "yes"
        if plain := read_consent(turn.text):
            return plain
        about_another = set(find_order_numbers(turn.text)) - {proposal.order_number}
        declined = not about_another and self.assistant.declines(turn, proposal.tool)
        return "no" if declined else None

    async def _confirm(
        self, conversation: Conversation, proposal: Proposal, rest: Sequence[ToolCall], answered_seq: int | None
    ) -> Reply | Message:
        identity = conversation.identity
        if identity is None or identity.customer_id != proposal.customer_id:
            await self.store.decide_proposal(proposal.id, "voided", self.clock())
            return self._say(conversation, "ask_proof", Outcome.REFUSED)
        arguments = {name: str(value) for name, value in proposal.arguments.items()}
        result = await self._run(conversation, ToolCall(proposal.tool, arguments), fresh=True)
        draft = result.drafts[0] if result.drafts else None
        if draft is None:
            await self.store.decide_proposal(proposal.id, "stale", self.clock())
            return result
        if not self._is_same(proposal, draft) or proposal.expires_at <= self.clock():
            await self.store.decide_proposal(proposal.id, "stale", self.clock())
            return self._propose_again(conversation, result)
        done = await self._go_on(conversation, self._done(conversation, draft), rest)
        external = self.shop.is_external
        change = request_change(identity, draft, "change") if external else draft.change
        if not external and draft.order_number and await self.store.find_platform(draft.order_number):
            # A platform keeps this order and takes no orders from us: a person has to do it there.
            change, done = request_change(identity, draft, "platform"), self._hand_over(conversation)
            external = True
        ending, message = await self.store.execute_proposal(
            proposal, change, done, answered_seq=answered_seq, external=external
        )
        if message is not None:
            return message
        if ending == "decided":
            return self._say(conversation, "already_done", Outcome.REFUSED)
        return self._propose_again(conversation, await self._run(conversation, ToolCall(proposal.tool, arguments)))

    @staticmethod
    def _is_same(proposal: Proposal, draft: Draft) -> bool:
        return (
            draft.order_version == proposal.order_version
            and hash_arguments(draft.tool, draft.arguments) == proposal.arguments_hash
        )

    def _propose_again(self, conversation: Conversation, fresh: Reply) -> Reply:
        notice = self.wording.say("proposal_stale", conversation.language)
        return self.attach(conversation, replace(fresh, text=f"{notice}\n\n{fresh.text}"))

    def _hand_over(self, conversation: Conversation) -> Reply:
        says = [self.wording.say(key, conversation.language) for key in ("requested", "handoff_done")]
        return Reply(" ".join(says), conversation.language, Outcome.HANDED_OFF, handoff_reason="change_requested")

    def _done(self, conversation: Conversation, draft: Draft) -> Reply:
        if self.shop.is_external:  # only the other system can say that it is done (I4)
            return self._say(conversation, "requested", Outcome.ANSWERED)
        return Reply(draft.done, conversation.language, Outcome.DONE)

    async def _go_on(self, conversation: Conversation, reply: Reply, rest: Sequence[ToolCall]) -> Reply:
        """After one of several requests, propose the next."""
        if not rest:
            return reply
        following = await self._run(conversation, rest[0])
        text = f"{reply.text}\n\n{following.text}"
        metrics = replace(following.metrics, asked={**following.metrics.asked, "then": as_json(rest[1:])})
        merged = replace(reply, text=text, drafts=following.drafts, metrics=metrics)
        return self.attach(conversation, merged)

    async def _run(self, conversation: Conversation, call: ToolCall, *, fresh: bool = False) -> Reply:
        shop = self.shop.customer_shop(conversation.identity, fresh=fresh)
        return await self.assistant.run(call, shop, conversation.language, self.clock())

    def _say(self, conversation: Conversation, key: str, outcome: Outcome) -> Reply:
        return Reply(self.wording.say(key, conversation.language), conversation.language, outcome)


def request_change(identity: Identity, draft: Draft, kind: Literal["change", "platform"]) -> Change:
    """What another system (or a person there) is asked to do: the call, and the records as they would be after it."""
    wanted = draft.change
    task: dict[str, Any] = {
        "kind": kind,
        "tool": draft.tool,
        "arguments": draft.arguments,
        "customer_id": identity.customer_id,
        "order_number": draft.order_number,
        "order": write_order(wanted.order) if wanted.order else None,
        "customer": write_customer(wanted.customer) if wanted.customer else None,
    }
    return Change(task=task)


def as_json(calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
    return [{"tool": call.name, **call.arguments} for call in calls]


def find_rest(proposal: Proposal, history: Sequence[Message]) -> list[ToolCall]:
    """The requests that were left for after this proposal."""
    carrier = next((m for m in history if any(p.id == proposal.id for p in m.proposals)), None)
    metrics: Metrics | None = carrier.metrics if carrier else None
    left = metrics.asked.get("then", []) if metrics else []
    return [ToolCall(call["tool"], {k: v for k, v in call.items() if k != "tool"}) for call in left]
