"""The word lists behind the guardrails: YAML data files, read once and compiled on first use.

Owns reading, compiling and where words begin and end in each script. Leaves to the extractors what a match
means. The keys are explained in ``lexicons/README.md``.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import regex
import yaml

from app.guardrails.folding import fold_pattern
from app.language.registry import find

Pattern = regex.Pattern[str]
NEVER: Pattern = regex.compile(r"(?!)")

# Where words end: scripts that write spaces; scripts that write none; stems, whose endings vary.
_EDGES = {
    "spaced": (r"(?<![\p{L}\p{M}\p{N}])(?:", r")(?![\p{L}\p{M}\p{N}])"),
    "stems": (r"(?<![\p{L}\p{M}])(?:", ")"),
    "unspaced": ("(?:", ")"),
    # Arabic writes and, so, by, to, as and the article without a space before the word.
    "arabic": (r"(?<![\p{L}\p{M}])[وف]?[بكلس]?(?:ال|ل)?(?:", r")(?![\p{L}\p{M}\p{N}])"),
    "latin": (r"(?<![a-z0-9])(?:", r")(?![a-z0-9])"),
}
_SPACES = {"spaced": r"\s+", "stems": r"\s+", "arabic": r"\s+", "unspaced": r"\s*", "latin": r"\s+"}
_SHORT_ENGLISH = 3
"""English words up to this length mean other things in other languages ("mon", "sat", "may")."""


@cache
def load_shared(name: str) -> dict[str, Any]:
    """A data file that serves all languages: ``incoming``, ``segments``, ``shared``."""
    text = files("app.guardrails").joinpath("lexicons", f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return content


@cache
def lexicon_code(language: str) -> str:
    """Whose lexicon serves a language: its own, its fallback's, else English."""
    known = find(language)
    while known is not None:
        if files("app.guardrails").joinpath("lexicons", f"{known.code}.yaml").is_file():
            return known.code
        known = find(known.fallback) if known.fallback else None
    return "en"


def entry(language: str, *path: str | int) -> Any:
    """What the lexicon holds at ``path``, or None."""
    found: Any = load_shared(lexicon_code(language))
    for key in path:
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def fragments(language: str, *path: str | int) -> list[str]:
    """The regular expressions at ``path``, folded as texts are; none if the lexicon has no such entry."""
    found = entry(language, *path)
    if found is None:
        return []
    parts = [str(part) for part in found] if isinstance(found, list) else str(found).split(" | ")
    space = _SPACES[_mode(language)]
    return [
        fold_pattern(part).replace("§", r"(?![\p{L}\p{M}])").replace(" ?", r"\s*").replace(" ", space)
        for part in parts
        if part
    ]


def any_of(language: str, *path: str | int, english: bool = True) -> str:
    """One alternation of the language's entries at ``path`` and the English ones, with word edges.

    Matches nothing when there is none.
    """
    own = edged(fragments(language, *path), _mode(language))
    if not english or lexicon_code(language) == "en":
        return own
    loans = [f for f in fragments("en", *path) if len(f) > _SHORT_ENGLISH]
    return f"(?:{own}|{edged(loans, 'latin')})" if loans else own


def edged(parts: Iterable[str], mode: str) -> str:
    """An alternation, longest first, with the word edges of ``mode``."""
    ordered = sorted(parts, key=len, reverse=True)
    if not ordered:
        return "(?!)"
    left, right = _EDGES[mode]
    return left + "|".join(ordered) + right


def compiled(language: str, *path: str | int, english: bool = True) -> Pattern:
    """``any_of`` compiled."""
    return regex.compile(any_of(language, *path, english=english))


def keys(language: str, *path: str | int) -> list[Any]:
    """The keys of a mapping of the language and of English together, in order."""
    both = {**(entry("en", *path) or {}), **(entry(language, *path) or {})}
    return list(both)


def _mode(language: str) -> str:
    return str(load_shared(lexicon_code(language)).get("words", "spaced"))
