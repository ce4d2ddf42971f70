"""What each source knows, and which sources a claim may be traced to: one record, never the neighbour's (I3).

Owns the facts of a source and the rules of evidence for each kind of claim. Leaves finding the claims to
``values`` and ``statuses``, and whose record a sentence speaks of to ``claims``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

import regex

from app.guardrails.dates import Span, fits, to_date, within
from app.guardrails.folding import fold
from app.guardrails.statuses import find_statuses, known_statuses
from app.guardrails.values import find_echoes, find_names, find_values

CUSTOMER = "customer"
_LISTED = regex.compile(r"\s*[•·-]\s")
_READ_OF_CUSTOMER = 20_000
"""Characters of a customer's words that are read, at most: five messages of full length."""
_SHARED_DIGITS = 8
"""Digits at the end of two telephone numbers that make them the same."""
_MASKED_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """One record of facts exactly as the model was given them, already formatted for the locale."""

    id: str
    """``order:12345``, ``order:12345/shipment:1``, ``policy:returns#window``, ``product:P012``, ``shop``,
    ``customer`` (their own words: they license order numbers and contacts, nothing else)."""
    text: str
    statuses: frozenset[str] = frozenset()
    """The record's states in the words of ``app.models``: ``waiting_stock``, ``shipment:in_transit``,
    ``refund:paid``, ``payment:failed``. Where given, they decide, not what the prose seems to say."""
    title: str = ""
    """The heading of a policy's section: what all its values are about."""


@dataclass(frozen=True)
class Facts:
    """What one source says, by kind of claim."""

    id: str
    language: str
    """The language that it was read in."""
    text: str
    order: str | None
    """The number of the order whose record it is."""
    spans: tuple[Span, ...]
    statuses: frozenset[str]
    mentioned: frozenset[str]
    """States that the text mentions in any mood: what a policy explains."""
    title: str = ""

    @cached_property
    def by_kind(self) -> dict[str, frozenset[str]]:
        kinds: dict[str, set[str]] = {}
        for span in self.spans:
            kinds.setdefault(span.kind, set()).add(span.value)
        return {kind: frozenset(values) for kind, values in kinds.items()}

    def values(self, kind: str) -> frozenset[str]:
        return self.by_kind.get(kind, frozenset())

    @cached_property
    def listed(self) -> bool:
        """Whether it lists several things, such as parcels, one a line."""
        return sum(bool(_LISTED.match(line)) for line in self.text.split("\n")) > 1

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Numbers and codes as they stand alone: quantities, order numbers, sizes; no parts of dates."""
        found = set(self.values("number") | self.values("order") | self.values("code"))
        found |= {value.split(" ")[0] for value in self.values("amount")}
        found |= {value.split("-")[0] for value in self.values("date") if value[0].isdecimal()}
        return frozenset(found | ({self.order} if self.order else set()))


@lru_cache(maxsize=512)
def facts_of(source: Source, language: str) -> Facts:
    """Everything that a source says, read in the reply's language and in English."""
    text = fold(source.text).text
    spans = (*find_values(text, language), *find_names(text))
    said = [span.value for span in find_statuses(text, language)]
    mentioned = [span.value for span in find_statuses(text, language, any_mood=True)]
    found = regex.match(r"order:([^/#]+)", source.id)
    return Facts(
        source.id,
        language,
        source.text,
        fold(found[1]).text if found else None,
        spans,
        known_statuses(source.statuses, said),
        frozenset(mentioned),
        source.title,
    )


def part_about(facts: Facts, parcel: str) -> Facts:
    """What a record says of one parcel: without the lines of its list that name another."""
    return _part(facts, parcel) if facts.listed else facts


@lru_cache(maxsize=256)
def _part(facts: Facts, parcel: str) -> Facts:
    kept = [line for line in facts.text.split("\n") if not _LISTED.match(line) or parcel in _codes(line)]
    if len(kept) == len(facts.text.split("\n")) or not any(map(_LISTED.match, kept)):
        return facts
    return facts_of(Source(facts.id, "\n".join(kept)), facts.language)


def _codes(line: str) -> set[str]:
    return {span.value for span in find_values(fold(line).text, "en") if span.kind in ("code", "number", "order")}


@lru_cache(maxsize=64)
def read_customer(text: str) -> Facts:
    """What the customer's own words hold of order numbers, codes and contacts; the last ones, if they are many."""
    spans = find_echoes(fold(text[-_READ_OF_CUSTOMER:]).text)
    return Facts(CUSTOMER, "", "", None, spans, frozenset(), frozenset())


def supports(facts: Facts, span: Span, today: date | None) -> bool:
    """Whether a source says what the span claims."""
    value = span.value
    match span.kind:
        case "date":
            return _supports_date(facts, value, today)
        case "period":
            known = facts.values("period")
            return value in known or (today is not None and any(within(value, today, d) for d in _days(facts)))
        case "weekday":
            return value in facts.values("weekday") or any(str(d.isoweekday()) == value for d in _days(facts))
        case "duration":
            return _supports_duration(facts, value, today)
        case "amount":
            return any(_same_amount(value, known) for known in facts.values("amount"))
        case "number" | "code":
            return value in facts.tokens
        case "order":
            return value in facts.tokens
        case "phone":
            return any(_same_phone(value, known) for known in facts.values("phone") | facts.tokens)
        case "link":
            return any(value in (known, known.split("/")[0]) for known in facts.values("link"))
        case "status":
            return value in facts.statuses
        case _:
            return value in facts.values(span.kind)


def says(known: Span, claimed: Span) -> bool:
    """Whether two durations, amounts or other values are the same; one of the bounds suffices ("3 days" of "1–3")."""
    match claimed.kind:
        case "duration":
            return _same_duration(claimed.value, known.value)
        case "amount":
            return _same_amount(claimed.value, known.value)
        case _:
            return claimed.value == known.value


def licenses(words: Facts, span: Span) -> bool:
    """Whether the customer's own words suffice: for an echoed order number or contact only."""
    if span.kind == "order":
        return span.value in words.tokens
    if span.kind == "code":
        return span.value in words.values("code")
    return span.kind in ("email", "phone") and supports(words, span, None)


def _supports_date(facts: Facts, value: str, today: date | None) -> bool:
    known = facts.values("date")
    if value[0] in "+-" and value[1:].isdecimal():
        day = today + timedelta(days=int(value)) if today else None
        return value in known or (day is not None and day in _days(facts))
    if any(fits(value, other) for other in known if other[0] not in "+-"):
        return True
    # A source without a year speaks of this one.
    if today is not None and value.startswith(f"{today.year:04d}-"):
        return any(fits(f"?{value[4:]}", other) for other in known if other.startswith("?"))
    return False


def _supports_duration(facts: Facts, value: str, today: date | None) -> bool:
    if any(_same_duration(value, known) for known in facts.values("duration")):
        return True
    length, _, direction = value.partition("|")
    amount, _, unit = length.rpartition(" ")
    if (
        today is None
        or unit != "day"
        or not direction
        or not all(b.isdecimal() and len(b) < 6 for b in amount.split(".."))
    ):
        return False
    sign = -1 if direction == "ago" else 1
    return all(today + timedelta(days=sign * int(bound)) in _days(facts) for bound in amount.split(".."))


def _same_duration(claimed: str, known: str) -> bool:
    bounds, _, unit = known.partition("|")[0].rpartition(" ")
    length = claimed.partition("|")[0]
    return length in (f"{bounds} {unit}", *(f"{bound} {unit}" for bound in bounds.split("..")))


def _days(facts: Facts) -> set[date]:
    return {day for value in facts.values("date") if (day := to_date(value.lstrip("~"))) is not None}


def _same_amount(claimed: str, known: str) -> bool:
    number, _, codes = claimed.partition(" ")
    other, _, others = known.partition(" ")
    return number == other and (not codes or not others or bool(set(codes.split("|")) & set(others.split("|"))))


def _same_phone(claimed: str, known: str) -> bool:
    if claimed == known:
        return True
    if len(claimed) < _SHARED_DIGITS:
        return len(claimed) >= _MASKED_DIGITS and known.isdecimal() and known.endswith(claimed)
    return known.isdecimal() and known[-_SHARED_DIGITS:] == claimed[-_SHARED_DIGITS:]


def first_support(candidates: Iterable[Facts], span: Span, today: date | None) -> str | None:
    """The id of the first source that says it."""
    return next((facts.id for facts in candidates if supports(facts, span, today)), None)


def read_sources(sources: Sequence[Source], language: str) -> list[Facts]:
    """The facts of all sources."""
    return [facts_of(source, language) for source in sources]
