"""Checkable facts in a reply and where they trace to (I3).

Owns putting together what the extractors find and tracing each of it. Leaves whose record a sentence speaks of to
``scopes``, the rules of evidence to ``records``, promises to ``promises`` and the verdict to ``replies``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal

import regex

from app.guardrails.clauses import names_condition
from app.guardrails.dates import Span, fits, to_date
from app.guardrails.events import fits_event
from app.guardrails.folding import Folded, fold
from app.guardrails.lexicon import Pattern, any_of, compiled
from app.guardrails.promises import STATES_OF_DEEDS, find_promises
from app.guardrails.records import CUSTOMER, Facts, Source, facts_of, licenses, read_customer, read_sources
from app.guardrails.scopes import Scope, clause_around, find_scopes, trace_span
from app.guardrails.statuses import find_statuses, is_ambiguous
from app.guardrails.subjects import MEASURES, is_misplaced
from app.guardrails.titles import find_naming, find_titles
from app.guardrails.unread import find_unread, quoted_from
from app.guardrails.values import find_names, find_values
from app.models import Claim

__all__ = ["Evidence", "Source", "extract", "judge", "trace"]

_BESIDE = 5
"""Characters between a weekday and the date that it belongs to, at most."""
ReadAs = Literal["", "fact", "state", "rule"]
"""What a sentence is by its meaning: with "fact" its words about an order need not be in the lists, with "state" its
state is so sure that ambiguous words do not count as another, with "rule" a state in it is one that a policy explains;
with "" only the lists count."""
_COURTEOUS = frozenset({"+0", "this_week", "this_weekend", "1 day"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reply may be traced to."""

    language: str
    sources: tuple[Source, ...]
    customer_words: str = ""
    done: frozenset[str] = frozenset()
    shown: str = ""
    now: datetime | None = None
    read_as: ReadAs = ""
    question: str = ""
    canned: str = ""
    """The tool result in the customer's language: of a policy that is not, it says what a value is the value of."""


def extract(text: str, language: str) -> list[Claim]:
    """Every claim in the text, untraced (``source`` is None)."""
    folded = fold(text)
    return [_claim(folded, span, None) for span in _find(folded.text, language)]


def trace(claims: Iterable[Claim], sources: Sequence[Source], language: str) -> list[Claim]:
    """The claims with the id of the source that says each, or None; an order number among them sets the record."""
    claims = list(claims)
    facts = read_sources([s for s in sources if s.id != CUSTOMER], language)
    words = read_customer("\n".join(s.text for s in sources if s.id == CUSTOMER))
    known = {f.order for f in facts if f.order}
    named = [c.value for c in claims if c.value in known]
    scope = Scope(tuple(named[:1]), bool(named))
    return [
        Claim(c.kind, c.text, c.value, _trace(Span(c.kind, 0, 0, c.value), scope, facts, words, None)) for c in claims
    ]


def judge(text: str, evidence: Evidence) -> list[Claim]:
    """Every claim of a reply's segment, traced with regard to the record that each clause speaks of."""
    folded, language = fold(text), evidence.language
    facts = read_sources([s for s in evidence.sources if s.id != CUSTOMER], language)
    quoted = quoted_from(text, facts)
    if quoted is not None:
        return [_claim(folded, span, quoted) for span in _find(folded.text, language)]
    spans = _find(folded.text, language)
    said = [s.text for s in evidence.sources if s.id == CUSTOMER] + [evidence.customer_words]
    words = read_customer("\n".join(filter(None, said)))
    today = evidence.now.date() if evidence.now else None
    claims = []
    for span, scope in zip(spans, find_scopes(spans, folded.text, language, facts, evidence.shown, today), strict=True):
        source = _trace(span, scope, facts, words, today)
        if source is None and span.kind == "number" and _counts_orders(span, folded.text, language, facts):
            source = "orders"
        if source is None and span.kind == "status":
            source = _trace_status(span, scope, folded.text, facts, evidence)
            if source is None and evidence.read_as == "state" and is_ambiguous(span.value):
                continue
        if source is not None and _says_it_of_another(span, spans, folded.text, facts, source, evidence):
            source = None
        claims.append(_claim(folded, span, source))
    if not evidence.read_as:
        claims += [_claim(folded, span, None) for span in find_unread(folded.text, language, spans, facts)]
    named = [(s.id, s.text) for s in evidence.sources if s.id != CUSTOMER] + [(CUSTOMER, text) for text in said]
    claims += [_claim(folded, title, find_naming(title, named)) for title in find_titles(folded, language)]
    return claims


def _trace(span: Span, scope: Scope, facts: list[Facts], words: Facts, today: date | None) -> str | None:
    found = trace_span(span, scope, facts, today)
    return found or (CUSTOMER if licenses(words, span) else None)


def _find(text: str, language: str) -> list[Span]:
    spans = [s for s in find_values(text, language) if not _is_courtesy(s, text, language)]
    deeds = [s for s in find_promises(text, language) if s.value.startswith("did:")]
    # "I have sent the invoice" is a deed, not a shipment.
    states = [
        s for s in find_statuses(text, language) if s.value != "shipped" or not any(_overlap(s, d) for d in deeds)
    ]
    spans += [*find_names(text), *states]
    return sorted(spans, key=lambda span: (span.start, span.end))


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _is_courtesy(span: Span, text: str, language: str) -> bool:
    """ "How can I help you today?", "have a nice weekend": days that say nothing about an order."""
    if span.kind not in ("date", "period", "weekday", "duration") or span.value not in _COURTEOUS:
        return False
    skeleton, clause = clause_around(span, text, language)
    return clause.asked or bool(_courtesy(language).search(skeleton.text, clause.start, clause.end))


def _claim(folded: Folded, span: Span, source: str | None) -> Claim:
    kind = {"order": "order_number", "code": "code"}.get(span.kind, span.kind)
    return Claim(kind, folded.slice(span.start, span.end), span.value, source)


def _says_it_of_another(
    span: Span, spans: list[Span], text: str, facts: list[Facts], source: str, evidence: Evidence
) -> bool:
    """Whether a value that its source has is given to another event, day or thing than there."""
    match span.kind:
        case "date":
            today = evidence.now.date() if evidence.now else None
            return not _fits_event(span, text, evidence.language, facts, source, today)
        case "weekday":
            return not _agrees(span, spans, facts)
        case kind:
            return kind in MEASURES and _is_misplaced(span, text, facts, source, evidence)


def _fits_event(span: Span, text: str, language: str, facts: list[Facts], source: str, today: date | None) -> bool:
    record = next((f for f in facts if f.id == source and f.order), None)
    value = span.value
    if value[0] in "+-":
        value = (today + timedelta(days=int(value))).isoformat() if today else value
    if record is None or value[0] in "+-":
        return True
    known = [s for s in record.spans if s.kind == "date" and s.value[0] not in "+-" and fits(value, s.value)]
    return fits_event(span, text, language, record, known)


def _is_misplaced(span: Span, text: str, facts: list[Facts], source: str, evidence: Evidence) -> bool:
    """Among the values of the same record, or of all policies and what was made of them."""
    order = next((f.order for f in facts if f.id == source), None)
    beside = [f for f in facts if f.order == order]
    if order is None and evidence.canned:
        beside.append(facts_of(Source("canned", evidence.canned), evidence.language))
    return is_misplaced(span, text, evidence.language, beside, (evidence.shown, evidence.question))


def _counts_orders(span: Span, text: str, language: str, facts: list[Facts]) -> bool:
    """ "You have 3 orders", when three orders were read."""
    number = len({f.order for f in facts if f.order})
    return span.value == str(number) and bool(_order_word(language).match(text, span.end))


def _trace_status(span: Span, scope: Scope, text: str, facts: list[Facts], evidence: Evidence) -> str | None:
    """A state that this turn's deeds brought about, or that a policy explains: "if it is not paid, it is cancelled"."""
    if any(span.value in STATES_OF_DEEDS.get(deed, {deed}) for deed in evidence.done):
        return "done"
    if evidence.read_as in ("fact", "state") and span.value == "delivered":
        # "What you sent back has arrived": at the shop.
        records = [f for f in facts if f.order and (f.order in scope.orders or not scope.orders)]
        return next((f.id for f in records if "returned" in f.statuses), None)
    if scope.named:
        return None
    if evidence.read_as == "rule":
        return next((f.id for f in facts if f.id.startswith("policy:")), None)
    skeleton, clause = clause_around(span, text, evidence.language)
    if not names_condition(skeleton.text, evidence.language, clause.sentence, clause.start):
        return None
    return next((f.id for f in facts if f.order is None and span.value in f.mentioned), None)


def _agrees(weekday: Span, spans: list[Span], facts: list[Facts]) -> bool:
    """Whether a weekday is that of the date beside it."""
    for span in spans:
        gap = max(span.start - weekday.end, weekday.start - span.end)
        if span.kind == "date" and span.value[0] in "?~0123456789" and gap <= _BESIDE:
            days = _possible_days(span.value, facts)
            return not days or any(str(day.isoweekday()) == weekday.value for day in days)
    return True


def _possible_days(value: str, facts: list[Facts]) -> list[date]:
    known = {v for f in facts for v in f.values("date") if v[0] not in "+-" and fits(value, v)} | {value}
    return [day for v in known if (day := to_date(v.lstrip("~"))) is not None]


@cache
def _courtesy(language: str) -> Pattern:
    return compiled(language, "courtesy")


@cache
def _order_word(language: str) -> Pattern:
    return regex.compile(rf"\s*(?:\p{{L}}{{1,4}}\s*)?{any_of(language, 'order')}")
