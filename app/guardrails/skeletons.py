"""A sentence without its values: what is left to read who did what, with the way back to the text.

Owns replacing every value that is written with digits by ``0`` and leaving out particles of politeness, so that
phrases do not depend on the dates and amounts that stand between their words.
"""

from dataclasses import dataclass
from functools import lru_cache

import regex

from app.guardrails.dates import Span
from app.guardrails.lexicon import Pattern, fragments
from app.guardrails.values import find_names, find_values


@dataclass(frozen=True, slots=True)
class Skeleton:
    """``text[i]`` began at ``starts[i]`` and ended at ``ends[i]`` of the folded text."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, kind: str, start: int, end: int, value: str) -> Span:
        """A span of the skeleton as one of the folded text."""
        return Span(kind, self.starts[start], self.ends[max(start, end - 1)], value)

    def position(self, folded: int) -> int:
        """Where a position of the folded text is in the skeleton."""
        low = 0
        for index, start in enumerate(self.starts):
            if start > folded:
                break
            low = index
        return low


@lru_cache(maxsize=256)
def make_skeleton(text: str, language: str) -> Skeleton:
    """The skeleton of a folded text."""
    cuts = [
        (s.start, s.end, "0")
        for s in (*find_values(text, language), *find_names(text))
        if s.kind == "name" or any(c.isdecimal() for c in text[s.start : s.end])
    ]
    cuts += [(found.start(), found.end(), "") for found in _particles(language).finditer(text)]
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end, stand_in in sorted(cuts):
        if start < position:
            continue
        for index in range(position, start):
            pieces.append(text[index])
            starts.append(index)
            ends.append(index + 1)
        if stand_in:
            pieces.append(stand_in)
            starts.append(start)
            ends.append(end)
        position = end
    for index in range(position, len(text)):
        pieces.append(text[index])
        starts.append(index)
        ends.append(index + 1)
    return Skeleton("".join(pieces), tuple(starts), tuple(ends))


@lru_cache(maxsize=64)
def _particles(language: str) -> Pattern:
    return regex.compile("|".join(fragments(language, "particles")) or "(?!)")
