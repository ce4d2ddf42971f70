"""What is asserted in a sentence, and what is only asked, denied, supposed or explained.

Owns cutting a folded text into clauses and the mood of a phrase in its clause. Leaves what the phrase means to
``statuses`` and ``promises``.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import regex

from app.guardrails.lexicon import Pattern, any_of, compiled, entry

Mood = Literal["asserted", "denied", "supposed"]

_STOPS = r"[.!?。！？｡។៕။؟۔।॥…]+(?=\s|$|[^\w\s])|[。！？｡។៕။؟۔।॥]|\n+"
_COMMAS = r"[,、，،၊;；؛:·|•()（）]+(?!\d)|\s-\s|\s—\s"
_QUESTION = regex.compile(r"\s*[?؟]")
_NEAR = 16
"""Characters between a modal verb and what it makes possible, at most."""
_UNSPACED_BREAK = 12
"""A space in Thai, Lao, Khmer or Burmese ends a clause of at least this many characters."""


@dataclass(frozen=True, slots=True)
class Clause:
    """``text[start:end]`` of a folded text."""

    start: int
    end: int
    asked: bool
    """A question mark follows."""
    conditional: bool
    """It, or an earlier clause of its sentence, names a condition."""
    sentence: int
    """Where its sentence starts."""


@lru_cache(maxsize=512)
def find_clauses(text: str, language: str) -> tuple[Clause, ...]:
    """The clauses of a folded text, in order."""
    conditions = _conditions(language)
    clauses: list[Clause] = []
    for start, end in _cut(text, _sentence_stops(), 0, len(text)):
        conditional = False
        asked = bool(_QUESTION.match(text, end))
        parts = _parts(text, language, start, end)
        for index, (left, right) in enumerate(parts):
            conditional = conditional or bool(conditions.search(text, left, right))
            clauses.append(Clause(left, right, asked and index == len(parts) - 1, conditional, start))
    return tuple(clauses)


def clause_of(text: str, language: str, position: int) -> Clause:
    """The clause around a position."""
    clauses = find_clauses(text, language)
    return next((c for c in clauses if c.start <= position < c.end), Clause(0, len(text), False, False, 0))


def names_condition(text: str, language: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` says "if", "when", "after" …"""
    return bool(_conditions(language).search(text, start, end))


def mood(text: str, language: str, start: int, end: int) -> Mood:
    """How ``text[start:end]`` is meant in its clause."""
    clause = clause_of(text, language, start)
    before, after = _supposing(language)
    if clause.asked or before.search(text, clause.start, start) or after.search(text, start, clause.end):
        return "supposed"
    if _generics(language).search(text, clause.start, clause.end):
        return "supposed"
    near_before, near_after = max(clause.start, start - _NEAR), min(clause.end, end + _NEAR)
    if _modals(language).search(text, end, near_after):
        return "supposed"
    if not entry(language, "verb_final") and _modals(language).search(text, near_before, start):
        return "supposed"
    window = int(entry(language, "negation_window") or 14)
    if _negations(language).search(text, max(clause.start, start - window), start):
        return "denied"
    if _late_negations(language).search(text, end, min(clause.end, end + window)):
        return "denied"
    return "asserted"


def _parts(text: str, language: str, start: int, end: int) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    for left, right in _cut(text, _clause_stops(language), start, end):
        if entry(language, "words") != "unspaced" or entry(language, "spaces_in_clause"):
            parts.append((left, right))
            continue
        begin = left
        for found in regex.compile(r"(?<=[^\d\p{Latin}#\s])\s+(?=[^\d\p{Latin}#])").finditer(text, left, right):
            if found.start() - begin >= _UNSPACED_BREAK:
                parts.append((begin, found.start()))
                begin = found.end()
        parts.append((begin, right))
    return parts


def _cut(text: str, stops: Pattern, start: int, end: int) -> list[tuple[int, int]]:
    parts, begin = [], start
    for found in stops.finditer(text, start, end):
        if found.start() > begin:
            parts.append((begin, found.start()))
        begin = found.start() if found.groupdict().get("join") else found.end()
    if begin < end:
        parts.append((begin, end))
    return parts


@cache
def _sentence_stops() -> Pattern:
    return regex.compile(_STOPS)


@cache
def _clause_stops(language: str) -> Pattern:
    return regex.compile(rf"{_COMMAS}|(?P<join>{any_of(language, 'joins')})")


@cache
def _conditions(language: str) -> Pattern:
    return regex.compile("|".join(any_of(language, key) for key in ("conditions", "conditions_after")))


@cache
def _supposing(language: str) -> tuple[Pattern, Pattern]:
    before = "|".join(any_of(language, key) for key in ("conditions", "futures"))
    return regex.compile(before), compiled(language, "conditions_after")


@cache
def _modals(language: str) -> Pattern:
    return compiled(language, "modals")


@cache
def _generics(language: str) -> Pattern:
    return regex.compile("|".join(any_of(language, key) for key in ("generics", "questions")))


@cache
def _negations(language: str) -> Pattern:
    return compiled(language, "negations")


@cache
def _late_negations(language: str) -> Pattern:
    return compiled(language, "negations_after")
