"""The verdict on a reply, segment by segment and as a whole, before a customer reads it (I2, I3, I4).

Owns the order of the checks and the reasons. Leaves facts to ``claims``, actions to ``promises``, form to
``texture`` and tone to ``conduct``.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.guardrails import conduct, support, texture
from app.guardrails.claims import Evidence, ReadAs, Source, judge
from app.guardrails.folding import fold
from app.guardrails.promises import find_promises, is_covered
from app.guardrails.records import CUSTOMER
from app.guardrails.segments import Segmenter
from app.language import is_in_language
from app.models import Claim

_REASONS = {
    "order_number": "an order number",
    "code": "a code or tracking number",
    "amount": "an amount",
    "date": "a date",
    "period": "a time",
    "weekday": "a weekday",
    "time": "a time of day",
    "duration": "a duration",
    "percent": "a percentage",
    "number": "a number",
    "status": "a status",
    "item": "a name or title",
    "name": "a carrier or payment service",
    "link": "a link",
    "email": "an e-mail address",
    "phone": "a phone number",
    "promise": "an action",
    "statement": "something about an order in words that cannot be checked",
}


_READABLE = frozenset({"statement", "status"})
"""Claims that the word lists may miss or misread, and the meaning of the sentence settle."""
_STATED = frozenset({"amount", "date", "period", "weekday", "time", "duration", "percent"})


@dataclass(frozen=True, slots=True)
class Context:
    """What a reply of this turn may draw on."""

    language: str
    sources: tuple[Source, ...] = ()
    customer_words: str = ""
    done: frozenset[str] = frozenset()
    """Actions that tools did in this turn: cancelled, refunded, returned, exchanged, changed, sent, handed_off,
    reported, arranged, requested."""
    prompt_texts: tuple[str, ...] = ()
    """Lines of the system prompt, which must not leak."""
    shown: str = ""
    """What was already accepted in this turn."""
    question: str = ""
    required: tuple[str, ...] = ()
    """Values that the whole reply must contain."""
    now: datetime | None = None
    """Local time of the customer; without it no relative date traces."""
    states_facts: bool = False
    """The reply must state a fact of the sources: the canned response does."""
    canned: str = ""
    """The tool result's canned response, which what the model writes may resemble."""
    read_as: ReadAs = ""
    """What the sentence is by its meaning (``support``), where the word lists cannot tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a text may be shown; ``reason`` is one English sentence without personal data."""

    passed: bool
    kind: str | None = None
    """language, claim, promise, unsupported, leak, markup, repetition, empty, garbage, insult or advice."""
    reason: str = ""
    claims: tuple[Claim, ...] = ()


def check_segment(segment: str, context: Context) -> Verdict:
    """Judge one segment before it is shown. Never raises."""
    if not segment.strip():
        return Verdict(True)
    sources = [source for source in context.sources if source.id != CUSTOMER]
    known = "\n".join(source.text for source in sources)
    fault = texture.find_fault(segment, context.language, known) or texture.find_leak(
        segment, context.prompt_texts, known
    )
    fault = fault or texture.find_echo(segment, context.question, context.shown)
    if fault is not None:
        return Verdict(False, fault.kind, fault.reason)
    if not _is_quoted(segment, sources) and not _is_in_language(segment, context, sources):
        return Verdict(False, "language", "The text is not wholly in the customer's language.")
    return _check_content(segment, context, sources)


def check_phrased(segment: str, context: Context) -> Verdict:
    """Judge one segment of a model: every check, and that a sentence which code wrote supports it. Never raises.

    What the word lists could not read may be read by its meaning, for which more support is wanted.
    """
    verdict = check_segment(segment, context)
    gaps = {claim.kind for claim in verdict.claims if claim.source is None} if verdict.kind == "claim" else set()
    if not segment.strip() or _is_quoted(segment, list(context.sources)):
        return verdict
    if not verdict.passed and (not gaps or gaps - _READABLE):
        return verdict
    stating = any(claim.source and claim.kind in _STATED for claim in verdict.claims)
    reading = support.read(segment, context.language, context.sources, context.canned, context.shown)
    if not reading.is_supported(support.UNREAD if gaps else support.STATING if stating else support.FREE):
        reason = "It says something that the facts do not say in these words. Stay close to the words of the facts."
        return verdict if gaps else Verdict(False, "unsupported", reason, verdict.claims)
    if not gaps:
        return verdict
    sure = not reading.parts and reading.is_supported(support.MISREAD)
    return check_segment(segment, replace(context, read_as="rule" if reading.is_rule else "state" if sure else "fact"))


def _is_in_language(segment: str, context: Context, sources: list[Source]) -> bool:
    """Names and titles of records say nothing; of a policy's English prose only capitalised ones are names."""
    records = "\n".join(s.text for s in sources if not s.id.startswith("policy:"))
    prose = "\n".join(s.text for s in sources if s.id.startswith("policy:"))
    own = texture.without_names(segment, f"{records}\n{context.customer_words}", prose)
    return is_in_language(own, context.language) and not texture.slips(own, context.language)


def _is_quoted(segment: str, sources: list[Source]) -> bool:
    """Whether it stands verbatim in an order's or product's record, which are written in the customer's language."""
    quoted = segment.strip()
    return any(quoted in source.text for source in sources if source.id.startswith(("order:", "product:")))


def check_reply(text: str, context: Context) -> Verdict:
    """Judge a model's whole reply again: each segment's checks, and emptiness, repetition, a cut and missing facts."""
    fault = texture.find_whole_fault(text)
    if fault is not None:
        return Verdict(False, fault.kind, fault.reason)
    segmenter, shown, claims = Segmenter(), "", list[Claim]()
    for segment in segmenter.feed(text) + segmenter.flush():
        verdict = check_phrased(segment, replace(context, shown=shown))
        claims += verdict.claims
        if not verdict.passed:
            return replace(verdict, claims=tuple(claims))
        shown += segment
    folded = fold(text).text
    if any(fold(value).text not in folded for value in context.required):
        return Verdict(False, "claim", "A fact that the customer asked for is missing.", tuple(claims))
    return Verdict(True, claims=tuple(claims))


def _check_content(segment: str, context: Context, sources: list[Source]) -> Verdict:
    evidence = Evidence(
        context.language, context.sources, context.customer_words, context.done, context.shown, context.now,
        context.read_as, context.question, context.canned,
    )  # fmt: skip
    claims = judge(segment, evidence)
    claims += _judge_promises(segment, context, sources)
    for claim in claims:
        if claim.source is None:
            kind = "promise" if claim.kind == "promise" else "claim"
            what = _REASONS.get(claim.kind, "a fact")
            reason = (
                "It promises or reports an action that no tool did in this turn."
                if kind == "promise"
                else f"It states {what} that the facts of this turn do not contain for this order or topic."
            )
            return Verdict(False, kind, reason, tuple(claims))
    fault = conduct.find_fault(segment, context.language)
    if fault is not None:
        return Verdict(False, fault.kind, fault.reason, tuple(claims))
    return Verdict(True, claims=tuple(claims))


def _judge_promises(segment: str, context: Context, sources: list[Source]) -> list[Claim]:
    folded = fold(segment)
    spans = find_promises(folded.text, context.language)
    # One phrase may read as two actions ("transfer", "change"); the one that was done explains it.
    done = [span for span in spans if is_covered(span.value, context.done)]
    claims = []
    for span in spans:
        if any(span.start < deed.end and deed.start < span.end for deed in done):
            source: str | None = "done"
        else:
            source = conduct.find_ground(span.value, sources, context.language)
        claims.append(Claim("promise", folded.slice(span.start, span.end), span.value, source))
    return claims
