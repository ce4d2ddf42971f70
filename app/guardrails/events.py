"""What a date is the date of: shipping, arrival, refund or cancellation.

Owns telling whether a reply gives a date to another event than its record does ("it arrives on the 5th", when the
5th is the day it ships). Leaves whether the record has the date at all to ``records``.
"""

from collections.abc import Sequence
from functools import cache, lru_cache

from app.guardrails.clauses import clause_of, find_clauses
from app.guardrails.dates import Span
from app.guardrails.folding import fold
from app.guardrails.lexicon import Pattern, compiled, keys
from app.guardrails.records import Facts
from app.guardrails.skeletons import make_skeleton


def fits_event(span: Span, text: str, language: str, source: Facts, known: Sequence[Span]) -> bool:
    """Whether the clause around a date speaks of an event that the record gives one of the ``known`` spans to.

    True also where the record names no event: then nothing is said wrongly.
    """
    said = _events_around(text, language, span.start, record=False)
    if not said:
        return True
    written = fold(source.text).text
    recorded = [_events_around(written, language, other.start, record=True) for other in known]
    return not recorded or any(not events or events & said for events in recorded)


def names_event(skeleton: str, language: str, start: int, end: int) -> bool:
    """Whether ``skeleton[start:end]`` says that something is shipped, arrives, is refunded or cancelled."""
    return any(pattern.search(skeleton, start, end) for _, pattern in _patterns(language))


@lru_cache(maxsize=512)
def _events_around(text: str, language: str, position: int, *, record: bool) -> frozenset[str]:
    """The events of the clause around a position, or of its whole sentence where the clause names none."""
    skeleton = make_skeleton(text, language)
    clause = clause_of(skeleton.text, language, skeleton.position(position))
    sentence = [c for c in find_clauses(skeleton.text, language) if c.sentence == clause.sentence]
    for start, end in (
        (clause.start, clause.end),
        (clause.sentence, max((c.end for c in sentence), default=clause.end)),
    ):
        found = {name for name, pattern in _patterns(language) if pattern.search(skeleton.text, start, end)}
        # "ship_record": a verb of sending that also means delivering, but not in our own records.
        events = {name.removesuffix("_record") for name in found if record or not name.endswith("_record")}
        # What arrives after a refund was named is the money; in a record, where refunds come last, also a line later.
        if events == {"arrive"} and _names_refund(skeleton.text, language, 0 if record else clause.sentence, start):
            events.add("refund")
        if events:
            return frozenset(events)
    return frozenset()


def _names_refund(skeleton: str, language: str, start: int, end: int) -> bool:
    return any(name == "refund" and pattern.search(skeleton, start, end) for name, pattern in _patterns(language))


@cache
def _patterns(language: str) -> tuple[tuple[str, Pattern], ...]:
    return tuple((str(name), compiled(language, "events", name)) for name in keys(language, "events"))
