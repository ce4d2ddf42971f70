"""What a value is the value of: the days of a refund to a card are not those of one to an e-wallet.

Owns telling whether a reply gives one value of the sources to what they say of another, by the words that stand
around both. Leaves whether the sources have the value at all to ``records``, and dates of an order to ``events``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from app.guardrails.clauses import Clause, clause_of, find_clauses
from app.guardrails.dates import Span
from app.guardrails.folding import fold
from app.guardrails.ngrams import count
from app.guardrails.records import Facts, says
from app.guardrails.skeletons import make_skeleton
from app.guardrails.values import find_values

MEASURES = frozenset({"duration", "amount", "percent"})

MISPLACED = 0.2
"""How much more a reply's words must be like those around another value, from -2 to 2, to be held against it. Set with
``bench/swaps.py``: 7 % of true sentences in unknown words are held against, and 88 % of those with swapped values."""

FEWEST = 20
"""N-grams that a reply's words count for, at least: one word of "it takes 5 days" proves nothing."""

HEADING = 0.3
"""What a word counts that stands in the section's heading, and so belongs to all its values."""

_SIZES = {"dense": 3, "han": 1, "hangul": 2, "spaced": 4}


@dataclass(frozen=True, slots=True)
class Place:
    """A value, the n-grams of the words that belong to it, and those of the heading above it."""

    span: Span
    words: frozenset[str]
    heading: frozenset[str]


def is_misplaced(span: Span, text: str, language: str, sources: Sequence[Facts], behind: Sequence[str]) -> bool:
    """Whether the words around a value of the folded text are those of another value in the sources.

    Where they tell nothing apart ("it takes 5 days"), what stands ``behind`` them decides: what was said before, the
    question.
    """
    places = [p for f in sources for p in find_places(f.text, language, f.title) if p.span.kind == span.kind]
    own = [place for place in places if says(place.span, span)]
    others = [place for place in places if not says(place.span, span)]
    if not own or not others:
        return False
    said = next((p.words for p in find_places(text, language) if p.span.start == span.start), frozenset[str]())
    for words in (said, *(_cut_words(text, language) for text in behind)):
        leaning = max(min(_lean(words, o, other) for o in own) for other in others)
        if abs(leaning) > MISPLACED:
            return leaning > 0
    return False


def _lean(words: frozenset[str], own: Place, other: Place) -> float:
    """How much more is said of what only the other value's words have than of what only its own have."""
    heading = own.heading | other.heading
    return _share(words, other.words - own.words, heading) - _share(words, own.words - other.words, heading)


def _share(words: frozenset[str], telling: frozenset[str], heading: frozenset[str]) -> float:
    """The telling words that are said, as a share of all that is said plus a share of all that could be."""
    said = _weigh(words & telling, heading)
    return said / max(len(words), FEWEST) + said / _weigh(telling, heading) if said else 0.0


def _weigh(words: frozenset[str], heading: frozenset[str]) -> float:
    return len(words - heading) + HEADING * len(words & heading)


@lru_cache(maxsize=512)
def find_places(text: str, language: str, title: str = "") -> tuple[Place, ...]:
    """The durations, amounts and percentages of a text, with the words of their clauses and of the ones before that
    have no value."""
    folded = fold(text).text
    skeleton = make_skeleton(folded, language)
    clauses = find_clauses(skeleton.text, language)
    spans = sorted((s for s in find_values(folded, language) if s.kind in MEASURES), key=lambda s: s.start)
    positions = [skeleton.position(span.start) for span in spans]
    heading = _cut_words(title, language)
    places, begin = list[Place](), 0
    for span, (at, following) in zip(spans, pairwise([*positions, len(skeleton.text)]), strict=True):
        start = max(begin, clause_of(skeleton.text, language, at).sentence)
        end, begin = _divide(clauses, at, following)
        places.append(Place(span, frozenset(count(skeleton.text[start:end], _SIZES)), heading))
    return tuple(places)


def _divide(clauses: Sequence[Clause], left: int, right: int) -> tuple[int, int]:
    """Where the words of one value end, and where those of the next begin: in one clause they share those between."""
    clause = next((c for c in clauses if c.start <= left < c.end), None)
    return (right, left) if clause is None or right < clause.end else (clause.end, clause.end)


def _cut_words(text: str, language: str) -> frozenset[str]:
    return frozenset(count(make_skeleton(fold(text).text, language).text, _SIZES))
