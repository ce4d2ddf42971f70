"""The model's reply, verified before a word is shown: first try, one regeneration, translation; else nothing.

Owns the ladder of tries. What a segment may say is ``guardrails``; what speaks when this fails is ``assistant``.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from app.guardrails.records import CUSTOMER
from app.guardrails.replies import Context, Verdict, check_phrased, check_reply
from app.guardrails.segments import Segmenter
from app.language import registry
from app.llm.base import ChatMessage, Model, Sampling, Usage
from app.models import Claim, Message
from app.prompts import Budget, Prompts
from app.stopwatch import Stopwatch

FIRST_TRY = Sampling(max_tokens=400)
REGENERATION = Sampling(temperature=0.3, max_tokens=400)
TRANSLATION = Sampling(temperature=0.2, max_tokens=400)

WATCHED_TRIES = 5
FAILED_TRIES = 3
"""A language whose first tries keep failing (3 of the last 5) goes straight to the canned response."""


class FirstTries:
    """How the model's first tries ended lately, per language."""

    def __init__(self) -> None:
        self._passed: dict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=WATCHED_TRIES))

    def note(self, language: str, passed: bool) -> None:
        self._passed[language].append(passed)

    def trusts(self, language: str) -> bool:
        """False while the last tries say that the model cannot; then one try is let through again."""
        tries = self._passed[language]
        if list(tries).count(False) < FAILED_TRIES:
            return True
        tries.popleft()
        return False


@dataclass(slots=True)
class Draft:
    """What was accepted so far, and why the last try ended."""

    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    spoke: str = "first_try"
    failed: Verdict | None = None
    complete: bool = False
    """The whole reply holds; otherwise the canned response speaks too."""
    verdicts: list[str] = field(default_factory=list)

    @property
    def grounded(self) -> bool:
        """Whether it states a fact of this turn."""
        return any(claim.source and claim.source != CUSTOMER for claim in self.claims)


class Phrasing:
    """Lets the model phrase a reply from facts and passes on only what holds."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self._tries = FirstTries()

    async def write(
        self,
        model: Model,
        draft: Draft,
        history: Sequence[Message],
        context: Context,
        budget: Budget,
        watch: Stopwatch,
    ) -> AsyncGenerator[str, None]:
        """Yield verified segments and leave the outcome in ``draft``; ``draft.failed`` is None when all held.

        Raises ModelError when the model failed; what was yielded until then is in ``draft.text``.
        """
        if not self._tries.trusts(context.language):
            draft.failed = Verdict(False, "language", "The model keeps failing in this language.", ())
            return
        for spoke, sampling in (("first_try", FIRST_TRY), ("regeneration", REGENERATION)):
            draft.spoke, fault, draft.failed = spoke, draft.failed, None
            watch.regenerations += spoke == "regeneration"
            messages = self._compose("reply", history, context, budget, accepted=draft.text, fault=fault)
            rejected = ""
            with watch.stage("reply"):
                async for segment, verdict in self._try(model, messages, sampling, draft, context, watch):
                    if verdict.passed:
                        yield segment
                    else:
                        draft.failed, rejected = verdict, segment or rejected
                        draft.verdicts.append(verdict.kind or "")
            if spoke == "first_try":
                self._tries.note(context.language, draft.failed is None)
            if draft.failed is None:
                draft.complete = True
                return
        if not draft.text and draft.failed and draft.failed.kind == "language":
            async for segment in self._translate(model, rejected, draft, context, watch):
                yield segment

    async def _try(
        self,
        model: Model,
        messages: list[ChatMessage],
        sampling: Sampling,
        draft: Draft,
        context: Context,
        watch: Stopwatch,
    ) -> AsyncIterator[tuple[str, Verdict]]:
        """Segments with their verdicts, up to and including the first that fails.

        What comes before the first fact of a reply that must state one waits for it: "sorry, I cannot help" alone is
        worse than the canned response.
        """
        held, shown, claims = "", draft.text, len(draft.claims)
        try:
            async with aclosing(self._judged(model, messages, sampling, draft, context, watch)) as judged:
                async for segment, verdict in judged:
                    if not verdict.passed:
                        yield segment, verdict
                        return
                    held += segment
                    if draft.grounded or not context.states_facts:
                        yield held, verdict
                        held, shown, claims = "", draft.text, len(draft.claims)
        finally:
            if held:  # passed, but never shown
                draft.text = shown
                del draft.claims[claims:]
        if held:
            yield held, Verdict(False, "empty", "It states none of the facts.", ())

    async def _judged(
        self,
        model: Model,
        messages: list[ChatMessage],
        sampling: Sampling,
        draft: Draft,
        context: Context,
        watch: Stopwatch,
    ) -> AsyncGenerator[tuple[str, Verdict], None]:
        segmenter = Segmenter()
        watch.count_call()
        usage = Usage()
        try:
            async with aclosing(model.stream(messages, sampling)) as chunks:
                async for chunk in chunks:
                    usage = chunk.usage or usage
                    for segment in segmenter.feed(chunk.text):
                        verdict = await self._judge(segment, draft, context)
                        yield segment, verdict
                        if not verdict.passed:
                            return
                    if chunk.finish == "length":
                        yield "", Verdict(False, "cut", "The reply was too long and was cut.", ())
                        return
        finally:
            watch.add(usage)
        for segment in segmenter.flush():
            verdict = await self._judge(segment, draft, context)
            yield segment, verdict
            if not verdict.passed:
                return
        whole = await asyncio.to_thread(check_reply, draft.text, context)
        if not whole.passed:
            yield "", whole

    async def _judge(self, segment: str, draft: Draft, context: Context) -> Verdict:
        """In a thread: a sentence in new words takes tens of milliseconds, in which other customers are served."""
        verdict = await asyncio.to_thread(check_phrased, segment, replace(context, shown=draft.text))
        if verdict.passed:
            draft.text += segment
            draft.claims.extend(verdict.claims)
        return verdict

    async def _translate(
        self, model: Model, text: str, draft: Draft, context: Context, watch: Stopwatch
    ) -> AsyncIterator[str]:
        """Say the rejected draft in the customer's language: only while nothing was shown."""
        draft.spoke, draft.failed = "translation", None
        prompt = self._prompts.render("translate", text=text, language=registry.LANGUAGES[context.language])
        with watch.stage("translate"):
            async for segment, verdict in self._try(
                model, [ChatMessage("user", prompt)], TRANSLATION, draft, context, watch
            ):
                if verdict.passed:
                    yield segment
                else:
                    draft.failed = verdict
        draft.complete = draft.failed is None

    def _compose(
        self,
        name: str,
        history: Sequence[Message],
        context: Context,
        budget: Budget,
        *,
        accepted: str,
        fault: Verdict | None,
    ) -> list[ChatMessage]:
        return self._prompts.compose(
            name,
            history,
            context.question,
            budget,
            sources=context.sources,
            accepted=accepted,
            fault=fault.reason if fault else "",
            language=registry.LANGUAGES[context.language],
        )
