"""Checkable facts in a reply and where they trace to (I3).

Owns putting together what the extractors find, and deciding which record a sentence speaks of. Leaves the rules
of evidence to ``records``, promises to ``promises`` and the verdict to ``replies``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import regex

from app.guardrails.clauses import Clause, clause_of
from app.guardrails.dates import Span, to_date
from app.guardrails.folding import Folded, fold
from app.guardrails.lexicon import Pattern, any_of, compiled
from app.guardrails.promises import STATES_OF_DEEDS, find_promises
from app.guardrails.records import CUSTOMER, Facts, Source, first_support, licenses, read_sources
from app.guardrails.skeletons import Skeleton, make_skeleton
from app.guardrails.statuses import find_statuses
from app.guardrails.values import find_names, find_values
from app.models import Claim

__all__ = ["Evidence", "Source", "extract", "judge", "trace"]

_OF_ONE_RECORD = frozenset({"date", "period", "amount", "status"})
"""Where a sentence names an order, these come from that order's record and from nowhere else."""
_BESIDE = 5
"""Characters between a weekday and the date that it belongs to, at most."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reply may be traced to."""

    language: str
    sources: tuple[Source, ...]
    customer_words: str = ""
    done: frozenset[str] = frozenset()
    shown: str = ""
    now: datetime | None = None


def extract(text: str, language: str) -> list[Claim]:
    """Every claim in the text, untraced (``source`` is None)."""
    folded = fold(text)
    return [_claim(folded, span, None) for span in _find(folded.text, language)]


def trace(claims: Iterable[Claim], sources: Sequence[Source], language: str) -> list[Claim]:
    """The claims with the id of the source that says each, or None; an order number among them sets the record."""
    claims = list(claims)
    spans = [Span(claim.kind, i, i, claim.value) for i, claim in enumerate(claims)]
    facts = read_sources([s for s in sources if s.id != CUSTOMER], language)
    words = read_sources([s for s in sources if s.id == CUSTOMER], language)
    orders = [s.value for s in spans if s.kind in ("order", "number") and any(s.value == f.order for f in facts)]
    return [
        Claim(c.kind, c.text, c.value, _trace_one(span, tuple(orders[:1]), facts, words, None, named=bool(orders)))
        for c, span in zip(claims, spans, strict=True)
    ]


def judge(text: str, evidence: Evidence) -> list[Claim]:
    """Every claim of a reply's segment, traced with regard to the record that each clause speaks of."""
    folded, language = fold(text), evidence.language
    spans = _find(folded.text, language)
    facts = read_sources([s for s in evidence.sources if s.id != CUSTOMER], language)
    said = [s.text for s in evidence.sources if s.id == CUSTOMER] + [evidence.customer_words]
    words = read_sources([Source(CUSTOMER, "\n".join(filter(None, said)))], language)
    today = evidence.now.date() if evidence.now else None
    carried = _last_order(evidence.shown, facts, language)
    marks = _order_marks(spans, facts)
    claims = []
    for span in spans:
        orders, named = _orders_of(span, marks, folded.text, language, carried)
        source = _trace_one(span, orders, facts, words, today, named=named)
        if source is None and span.kind == "number" and _counts_orders(span, folded.text, language, facts):
            source = "orders"
        if source is None and span.kind == "status":
            source = _trace_status(span, folded.text, language, facts, evidence.done)
        if source is not None and span.kind == "weekday" and not _agrees(span, spans, facts):
            source = None
        claims.append(_claim(folded, span, source))
    return claims


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
    if span.kind not in ("date", "period", "weekday", "duration") or span.value not in (
        "+0",
        "this_week",
        "this_weekend",
        "1 day",
    ):
        return False
    skeleton, clause = _clause_around(span, text, language)
    return clause.asked or bool(_courtesy(language).search(skeleton.text, clause.start, clause.end))


def _clause_around(span: Span, text: str, language: str) -> tuple[Skeleton, Clause]:
    """The skeleton of a folded text and the clause in it that a span of the text belongs to."""
    skeleton = make_skeleton(text, language)
    return skeleton, clause_of(skeleton.text, language, skeleton.position(span.start))


def _claim(folded: Folded, span: Span, source: str | None) -> Claim:
    kind = {"order": "order_number", "code": "code"}.get(span.kind, span.kind)
    return Claim(kind, folded.slice(span.start, span.end), span.value, source)


def _trace_one(
    span: Span, orders: tuple[str, ...], facts: list[Facts], words: list[Facts], today: date | None, *, named: bool
) -> str | None:
    if span.kind in ("order", "order_number"):
        span = Span("order", span.start, span.end, span.value)
        found = first_support(facts, span, today)
    elif (
        span.kind == "number" and span.value.isdecimal() and int(span.value) == len({f.order for f in facts if f.order})
    ):
        found = next((f.id for f in facts if f.order), None)
    elif not orders:
        found = _trace_unnamed(span, facts, today)
    else:
        found = None
        for order in orders:
            candidates = [f for f in facts if _belongs(f, order)]
            if not (named and span.kind in _OF_ONE_RECORD):
                candidates += [f for f in facts if f.order is None]
            found = first_support(candidates, span, today)
            if found is None:
                break
    return found or next((f.id for f in words if licenses(f, span)), None)


def _trace_unnamed(span: Span, facts: list[Facts], today: date | None) -> str | None:
    return first_support(facts, span, today)


def _belongs(facts: Facts, order: str) -> bool:
    """The order's own record, or a policy or proposal that speaks of this order."""
    return facts.order == order or (facts.order is None and order in facts.values("order") | facts.values("number"))


def _counts_orders(span: Span, text: str, language: str, facts: list[Facts]) -> bool:
    """ "You have 3 orders", when three orders were read."""
    number = len({f.order for f in facts if f.order})
    return span.value == str(number) and bool(_order_word(language).match(text, span.end))


def _trace_status(span: Span, text: str, language: str, facts: list[Facts], done: frozenset[str]) -> str | None:
    """A state that this turn's deeds brought about, or that a policy explains under a condition."""
    if any(span.value in STATES_OF_DEEDS.get(deed, {deed}) for deed in done):
        return "done"
    if _clause_around(span, text, language)[1].conditional:
        return next((f.id for f in facts if f.order is None and span.value in f.mentioned), None)
    return None


def _order_marks(spans: list[Span], facts: list[Facts]) -> list[Span]:
    known = {f.order for f in facts if f.order}
    return [s for s in spans if s.kind == "order" or (s.kind in ("number", "code") and s.value in known)]


def _orders_of(
    span: Span, marks: list[Span], text: str, language: str, carried: str | None
) -> tuple[tuple[str, ...], bool]:
    """The orders that the clause of a span speaks of, and whether this segment names them."""
    if not marks:
        return ((carried,) if carried else ()), False
    skeleton, clause = _clause_around(span, text, language)
    here = [m for m in marks if clause.start <= skeleton.position(m.start) < clause.end]
    if len(here) == 1:
        return (here[0].value,), True
    before = [m for m in (here or marks) if m.start <= span.start]
    if not before:
        return ((here or marks)[0].value,), True
    group = [before[-1]]
    for mark in reversed(before[:-1]):
        between = text[mark.end : group[-1].start]
        if not regex.fullmatch(r"[\s,#、，و&/+]*(?:[\p{L}\p{M}]{1,12})?[\s,#、，&/+]*", between):
            break
        group.append(mark)
    return tuple(m.value for m in group), True


def _last_order(shown: str, facts: list[Facts], language: str) -> str | None:
    known = {f.order for f in facts if f.order}
    if len(known) == 1:
        return next(iter(known))
    named = [s.value for s in find_values(fold(shown).text, language) if s.value in known] if shown else []
    return named[-1] if named else None


def _agrees(weekday: Span, spans: list[Span], facts: list[Facts]) -> bool:
    """Whether a weekday is that of the date beside it."""
    for span in spans:
        gap = max(span.start - weekday.end, weekday.start - span.end)
        if span.kind == "date" and span.value[0] in "?~0123456789" and gap <= _BESIDE:
            days = _possible_days(span.value, facts)
            return not days or any(str(day.isoweekday()) == weekday.value for day in days)
    return True


def _possible_days(value: str, facts: list[Facts]) -> list[date]:
    from app.guardrails.dates import fits

    known = {v for f in facts for v in f.values("date") if v[0] not in "+-" and fits(value, v)} | {value}
    return [day for v in known if (day := to_date(v.lstrip("~"))) is not None]


@cache
def _courtesy(language: str) -> Pattern:
    return compiled(language, "courtesy")


@cache
def _order_word(language: str) -> Pattern:
    return regex.compile(rf"\s*(?:\p{{L}}{{1,4}}\s*)?{any_of(language, 'order')}")
