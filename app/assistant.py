"""One turn: message in, events out, as a visible list of steps. No HTTP, no SQL.

The model understands and phrases; code decides, acts and verifies. When the model is slow, wrong or away, the
canned response of the tool result speaks: true, and in the customer's language (I10).
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import structlog

from app.canned import Canned
from app.decision import Decider, Question, find_pending
from app.errors import ModelError
from app.events import Event, Progress, Text
from app.guardrails.claims import Source, extract
from app.guardrails.replies import Context
from app.intents import Router
from app.language import registry
from app.llm.loan import Lender, Loan
from app.models import Author, Conversation, Message, Metrics, Outcome, Reply
from app.phrasing import Draft, Phrasing
from app.policies import Policies
from app.prompts import Budget, Prompts
from app.shop import CustomerShop
from app.stopwatch import Stopwatch
from app.tools.registry import PROOF, Desk, Kind, ToolCall, ToolResult, Tools
from app.wording import Wording

log = structlog.get_logger()

REPLY_TOKENS = 512
"""Kept free for the answer in every call."""

MESSAGE_SHARE = 3
"""A message over a third of the budget gets a request to shorten it (DESIGN §7)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything that one turn may know."""

    conversation: Conversation
    history: Sequence[Message]
    """All messages before the open ones."""
    messages: Sequence[Message]
    """The customer's open messages, answered together."""
    shop: CustomerShop
    """Bound to the verified customer; empty while nobody is verified."""
    now: datetime
    proof: Literal["none", "proven", "failed", "throttled"] = "none"
    """How a proof that these messages held ended."""

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.messages)


class Assistant:
    """Answers turns. Without a model the index decides and the canned responses speak."""

    def __init__(
        self,
        lender: Lender,
        prompts: Prompts,
        policies: Policies,
        wording: Wording,
        tools: Tools,
        router: Router,
        *,
        languages: Sequence[str],
    ) -> None:
        self._lender = lender
        self._policies = policies
        self._wording = wording
        self._canned = Canned(wording)
        self._tools = tools
        self._languages = languages
        self._router = router
        self._decider = Decider(tools, policies, router, prompts)
        self._phrasing = Phrasing(prompts)
        self._instructions = prompts.instructions(registry.LANGUAGES[languages[0]])

    @property
    def _budget(self) -> Budget:
        model = self._lender.model
        return Budget(model.context_tokens if model else 0, REPLY_TOKENS, model.count_tokens if model else len)

    async def answer(self, turn: Turn) -> AsyncGenerator[Event, None]:
        """The events of one turn; the last one is its Reply."""
        watch = Stopwatch(self._lender.model.name if self._lender.model else "none")
        language, foreign = self._choose_language(turn)
        yield Progress("reading")
        result = self._settle_early(turn, language)
        if result is None:
            question = await self._read_question(turn, language)
            async with self._lender.lend() as loan:
                calls = await self._decider.decide(question, loan, self._budget, watch)
                yield Progress("looking_up")
                with watch.stage("tool"):
                    desk = await self._desk(turn.shop, language, turn.now, question.text)
                    results = await self._call_all(calls, desk)
                result = merge(results)
                if self._lender.phrases(language) and not result.settles and not foreign:
                    yield Progress("writing")
                    async for event in self._phrase(loan, turn, question, results, desk, watch):
                        yield event
                    return
        yield self._speak(result, language, foreign, watch)

    def declines(self, turn: Turn, proposed: str) -> bool:
        """Whether the turn says, in free words, that the proposed call shall not be made."""
        return self._router.declines(turn.text, turn.conversation.language, proposed)

    async def run(self, call: ToolCall, shop: CustomerShop, language: str, now: datetime) -> Reply:
        """One tool call outside a turn, for a proposal that is being confirmed."""
        spoken = language if language in self._languages else self._languages[0]
        desk = await self._desk(shop, spoken, now, "")
        return self._reply(await self._tools.call(call, desk), spoken, Stopwatch("none").read("canned"))

    async def _call_all(self, calls: Sequence[ToolCall], desk: Desk) -> list[ToolResult]:
        """The results, up to the first that must be confirmed; what comes after it waits for that."""
        results: list[ToolResult] = []
        proposes = any(self._tools.kind_of(call.name) is Kind.WRITE for call in calls)
        for number, call in enumerate(calls, 1):
            # Beside a proposal a rule is told in one sentence, not by the section that the words are near to.
            beside = proposes and call.name == "answer_from_policy"
            result = await self._tools.call(call, replace(desk, question="") if beside else desk)
            if result.draft:
                rest = [{"tool": c.name, **c.arguments} for c in calls[number:]]
                return [*results, replace(result, asked={**result.asked, "then": rest} if rest else result.asked)]
            results.append(result)
        return results

    def _choose_language(self, turn: Turn) -> tuple[str, bool]:
        """The language of the reply, and whether the customer speaks one that the assistant does not."""
        language = turn.conversation.language
        if language in self._languages:
            return language, False
        locale = turn.conversation.locale
        return (locale if locale in self._languages else self._languages[0]), True

    def _settle_early(self, turn: Turn, language: str) -> ToolResult | None:
        """Answers that need no decision: a proof that failed, a message that no context holds."""
        if turn.proof == "failed":
            return ToolResult(self._wording.say("proof_failed", language), Outcome.CLARIFIED, asked=PROOF)
        if turn.proof == "throttled":
            return ToolResult(self._wording.say("proof_throttled", language), Outcome.REFUSED, asked=PROOF)
        if self._lender.model and self._budget.count(turn.text) > self._budget.prompt // MESSAGE_SHARE:
            return ToolResult(self._wording.say("too_long_for_model", language), Outcome.CLARIFIED)
        return None

    async def _read_question(self, turn: Turn, language: str) -> Question:
        orders = await turn.shop.orders()
        text = find_pending(turn.text, turn.history) if turn.proof == "proven" else turn.text
        last = next((m for m in reversed(turn.history) if m.author is Author.ASSISTANT), None)
        asked = last.metrics.asked if last and last.metrics else {}
        proposed = find_proposed(last)
        return Question(text, language, turn.history, orders, turn.shop.identity is not None, asked, proposed)

    async def _desk(self, shop: CustomerShop, language: str, now: datetime, question: str) -> Desk:
        customer = await shop.customer()
        zone = str(self._policies.time_zone(customer))
        return Desk(shop, self._policies, self._wording, self._canned, language, zone, now, question)

    async def _phrase(
        self,
        loan: Loan,
        turn: Turn,
        question: Question,
        results: Sequence[ToolResult],
        desk: Desk,
        watch: Stopwatch,
    ) -> AsyncIterator[Event]:
        """The model's words where they hold, then or instead the canned response."""
        draft, index = Draft(), 0
        result = next(r for r in results if not r.settles)
        try:
            model = await loan.borrow()
            context = self._context(turn, question, result, desk)
            segments = self._phrasing.write(model, draft, turn.history, context, self._budget, watch)
            async with aclosing(segments):
                while segment := await loan.next(segments):
                    yield Text(index, segment)
                    index += 1
        except (ModelError, TimeoutError) as error:
            log.warning("reply.failed", error=type(error).__name__)
            draft.complete = False
        text, spoke = draft.text.strip(), draft.spoke
        if not draft.complete:
            text, spoke = f"{text}\n\n{result.canned}".strip(), "canned"
        whole = merge([replace(result, canned=text), *(r for r in results if r is not result)])
        reply = self._reply(whole, question.language, watch.read(spoke, draft.verdicts))
        yield replace(reply, claims=tuple(draft.claims))

    def _context(self, turn: Turn, question: Question, result: ToolResult, desk: Desk) -> Context:
        words = [m.text for m in (*turn.history, *turn.messages) if m.author == "customer"]
        return Context(
            language=question.language,
            sources=(*result.sources, Source("shop", self._policies.describe_shop(question.language))),
            customer_words="\n".join(words),
            done=result.done,
            prompt_texts=self._instructions,
            question=question.text,
            states_facts=bool(extract(result.canned, question.language)),
            canned=result.canned,
            now=turn.now.astimezone(ZoneInfo(desk.time_zone)),  # "tomorrow" is the customer's
        )

    def _speak(self, result: ToolResult, language: str, foreign: bool, watch: Stopwatch) -> Reply:
        notice = self._explain_language(language) if foreign else ""
        spoken = replace(result, canned=notice + result.canned)
        return self._reply(spoken, language, watch.read("canned"))

    def _explain_language(self, language: str) -> str:
        autonyms = [registry.LANGUAGES[code].autonym for code in self._languages]
        return self._wording.say("cannot_in_language", language, languages=autonyms) + "\n\n"

    @staticmethod
    def _reply(result: ToolResult, language: str, metrics: Metrics) -> Reply:
        return Reply(
            text=result.canned,
            language=language,
            outcome=result.outcome,
            citations=result.citations,
            metrics=replace(metrics, asked=dict(result.asked)),
            handoff_reason=result.handoff_reason,
            drafts=(result.draft,) if result.draft else (),
        )


def find_proposed(reply: Message | None) -> ToolCall | None:
    """The one thing that a reply proposed and that is still open."""
    made = [p for p in reply.proposals if p.state == "open"] if reply else []
    return ToolCall(made[0].tool, {k: str(v) for k, v in made[0].arguments.items()}) if len(made) == 1 else None


def merge(results: Sequence[ToolResult]) -> ToolResult:
    """Several results as one answer, in their order; the last one that is no plain answer names the outcome."""
    if len(results) == 1:
        return results[0]
    outcomes = [r.outcome for r in results if r.outcome is not Outcome.ANSWERED]
    return ToolResult(
        canned="\n\n".join(dict.fromkeys(r.canned for r in results)),
        outcome=outcomes[-1] if outcomes else Outcome.ANSWERED,
        settles=all(r.settles for r in results),
        sources=tuple(source for r in results for source in r.sources),
        citations=tuple(citation for r in results for citation in r.citations),
        done=frozenset[str]().union(*(r.done for r in results)),
        handoff_reason=next((r.handoff_reason for r in results if r.handoff_reason), None),
        draft=next((r.draft for r in results if r.draft), None),
        asked=next((r.asked for r in reversed(results) if r.asked), {}),
    )
