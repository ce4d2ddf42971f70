"""A statement about an order that the word lists cannot read is not let through: what nobody read, nobody checked.

Owns which sentences say something about an order and which found claims make them readable. Leaves the claims to
``claims`` and the words to the lexicons.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import regex

from app.guardrails.clauses import find_clauses
from app.guardrails.dates import Span
from app.guardrails.events import names_event
from app.guardrails.lexicon import Pattern, any_of
from app.guardrails.records import Facts
from app.guardrails.segments import Segmenter
from app.guardrails.skeletons import make_skeleton

_TIMES = frozenset({"date", "weekday", "period"})
_SAYS_SOMETHING = frozenset({"status", "amount", "number", "duration", "code", "percent", "time"})


def find_unread(text: str, language: str, spans: Sequence[Span], facts: Iterable[Facts]) -> list[Span]:
    """The order numbers of a folded text's sentences that assert something in no words that are known here."""
    known = {f.order for f in facts if f.order}
    skeleton = make_skeleton(text, language)
    clauses = find_clauses(skeleton.text, language)
    found = []
    for start in dict.fromkeys(clause.sentence for clause in clauses):
        end = max(clause.end for clause in clauses if clause.sentence == start)
        if any(c.asked or c.conditional for c in clauses if c.sentence == start):
            continue
        within = [s for s in spans if start <= skeleton.position(s.start) < end]
        marks = [s for s in within if s.kind in ("order", "number", "code") and s.value in known]
        if not marks or _open(language).search(skeleton.text, start, end):
            continue
        kinds = {s.kind for s in within if s not in marks}
        readable = _is_timed(skeleton.text, language, start, end) if kinds & _TIMES else bool(kinds & _SAYS_SOMETHING)
        if "status" not in kinds and not readable:
            found.append(Span("statement", marks[0].start, marks[0].end, marks[0].value))
    return found


def quoted_from(segment: str, facts: Sequence[Facts]) -> str | None:
    """The id of the only order's record, or of one that the segment names, whose whole sentence the segment is."""
    orders = [f for f in facts if f.order]
    only = len({f.order for f in orders}) == 1
    said = segment.strip()
    return next((f.id for f in orders if said in _sentences(f.text) and (only or (f.order or "") in said)), None)


@lru_cache(maxsize=128)
def _sentences(record: str) -> frozenset[str]:
    segmenter = Segmenter()
    return frozenset(part.strip() for part in (*segmenter.feed(record), *segmenter.flush()) if part.strip())


def _is_timed(skeleton: str, language: str, start: int, end: int) -> bool:
    """Whether it is said of what the date is, or that it is only expected."""
    expected = _expected(language).search(skeleton, start, end)
    return bool(expected) or names_event(skeleton, language, start, end)


@cache
def _expected(language: str) -> Pattern:
    return regex.compile(any_of(language, "futures"))


@cache
def _open(language: str) -> Pattern:
    """Words that leave open what is so: "can", "must", "please", "if"."""
    keys = ("modals", "questions", "offers")
    return regex.compile("|".join(any_of(language, key) for key in keys))
