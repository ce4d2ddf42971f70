"""Whose order a clause speaks of, and which records may then bear out what it says (I3).

Owns the marks that name an order, carrying one on from what was shown, and narrowing to one parcel. Leaves what
a record says to ``records``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import regex

from app.guardrails.clauses import Clause, clause_of
from app.guardrails.dates import Span
from app.guardrails.folding import fold
from app.guardrails.records import Facts, first_support, part_about
from app.guardrails.skeletons import Skeleton, make_skeleton
from app.guardrails.values import find_values

_OF_ONE_RECORD = frozenset({"date", "period", "amount", "status"})
"""Where a sentence names an order, these come from that order's record and from nowhere else."""
_JOINED = regex.compile(r"[\s,#、，و&/+]*(?:[\p{L}\p{M}]{1,12})?[\s,#、，&/+]*")


@dataclass(frozen=True, slots=True)
class Scope:
    """The orders that a claim must hold for, all of them; none: any record. ``named``: this segment names them.

    Of several orders, none named, what is said of states, dates and amounts must hold for each.
    """

    orders: tuple[str, ...]
    named: bool
    parcel: str | None = None
    """The tracking number that the clause names."""


def clause_around(span: Span, text: str, language: str) -> tuple[Skeleton, Clause]:
    """The skeleton of a folded text and the clause in it that a span of the text belongs to."""
    skeleton = make_skeleton(text, language)
    return skeleton, clause_of(skeleton.text, language, skeleton.position(span.start))


def find_scopes(
    spans: Sequence[Span], text: str, language: str, facts: Sequence[Facts], shown: str, today: date | None
) -> list[Scope]:
    """The scope of each span of a folded text."""
    known = {f.order for f in facts if f.order}
    marks = [s for s in spans if s.kind == "order" or (s.kind in ("number", "code") and s.value in known)]
    parcels = [s for s in spans if s.kind == "code"]
    if not marks:
        carried = find_carried(shown, known, language) or _holder(parcels, facts)
        every = tuple(sorted(known))
        return [
            Scope(
                (carried,) if carried else every if span.kind in _OF_ONE_RECORD else (), False, _parcel(span, parcels)
            )
            for span in spans
        ]
    return [Scope(_named(span, marks, text, language), True, _parcel(span, parcels)) for span in spans]


def trace_span(span: Span, scope: Scope, facts: Sequence[Facts], today: date | None) -> str | None:
    """The id of the record that bears the span out within its scope, or None."""
    if span.kind in ("order", "order_number"):
        return first_support(facts, Span("order", span.start, span.end, span.value), today)
    if not scope.orders:
        return first_support(facts, span, today)
    found = None
    for order in scope.orders:
        candidates = [f for f in facts if belongs(f, order)]
        if scope.parcel and span.kind in _OF_ONE_RECORD:
            candidates = [part_about(f, scope.parcel) for f in candidates]
        if not (scope.named and span.kind in _OF_ONE_RECORD):
            candidates += [f for f in facts if f.order is None]
        found = first_support(candidates, span, today)
        if found is None:
            return None
    return found


def belongs(facts: Facts, order: str) -> bool:
    """The order's own record, or a policy or proposal that speaks of this order."""
    return facts.order == order or (facts.order is None and order in facts.values("order") | facts.values("number"))


def find_carried(shown: str, known: Collection[str], language: str) -> str | None:
    """The only order there is, or the last one that was named in what the customer already reads."""
    if len(known) == 1:
        return next(iter(known))
    named = [s.value for s in find_values(fold(shown).text, language) if s.value in known] if shown else []
    return named[-1] if named else None


def _holder(parcels: Iterable[Span], facts: Iterable[Facts]) -> str | None:
    """The only order whose record has one of these tracking numbers."""
    codes = {parcel.value for parcel in parcels}
    orders = {f.order for f in facts if f.order and codes & f.tokens}
    return orders.pop() if len(orders) == 1 else None


def _named(span: Span, marks: Sequence[Span], text: str, language: str) -> tuple[str, ...]:
    skeleton, clause = clause_around(span, text, language)
    here = [m for m in marks if clause.start <= skeleton.position(m.start) < clause.end]
    if len(here) == 1:
        return (here[0].value,)
    before = [m for m in (here or marks) if m.start <= span.start]
    if not before:
        return ((here or marks)[0].value,)
    group = [before[-1]]
    for mark in reversed(before[:-1]):
        if not _JOINED.fullmatch(text[mark.end : group[-1].start]):
            break
        group.append(mark)
    return tuple(m.value for m in group)


def _parcel(span: Span, parcels: Sequence[Span]) -> str | None:
    """The one tracking number that the sentence of a span names."""
    if not parcels or span.kind == "code":
        return None
    named = {p.value for p in parcels}
    return named.pop() if len(named) == 1 else None
