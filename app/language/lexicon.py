"""Function words and everyday chat words of each language, and the shape of a Vietnamese syllable.

Owns ``words/*.txt`` (written for this project; one file a language, ``th-Latn`` and the like for romanised
forms) and counting them. Leaves weighing the counts to ``vote``.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from app.language.cleaning import fold

ROMANISED = {"th-Latn": "th", "ar-Latn": "ar", "hi-Latn": "hi"}
"""Word lists of languages written in Latin letters that are not their own."""

_CLITIC = re.compile(r"(\w{3,})(?:lah|kah|nya|ku|mu)")

# Unaccented syllables: onset, rhyme with or without a final consonant (Vietnamese orthography is regular).
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnprstvx])?"
    r"(?:(?:a|e|ie|i|oa|oe|oo|o|uye|uy|ua|ue|uo|u|ye|y)(?:ch|ng|nh|[cmnpt])?"
    r"|ai|ao|au|ay|eo|eu|ia|ieu|iu|oai|oay|oi|uay|ui|uoi|uou|uu|uya|uyu|yeu)"
)


@lru_cache(maxsize=1)
def load_words() -> dict[str, dict[str, float]]:
    """Every listed word, as written and without accents, with the languages (or romanised forms) that use it.

    The value is 1, or 0.5 where the list marks the word with ``~``: known there, but more typical of another.
    """
    found: dict[str, dict[str, float]] = {}
    for path in sorted(files("app.language").joinpath("words").iterdir(), key=lambda item: item.name):
        code = path.name.removesuffix(".txt")
        for line in path.read_text("utf-8").splitlines():
            for word in () if line.startswith("#") else line.lower().split():
                plain, share = word.rstrip("~"), 0.5 if word.endswith("~") else 1.0
                for form in (plain, fold(plain)):
                    uses = found.setdefault(form, {})
                    uses[code] = min(share, uses.get(code, share))
    return found


def count_words(words: Iterable[str]) -> dict[str, float]:
    """How many of the words each language lists, leaning ones by half."""
    hits: dict[str, float] = {}
    for word in words:
        for code, share in _uses(word).items():
            hits[code] = hits.get(code, 0.0) + share
    return hits


@lru_cache(maxsize=8192)
def _uses(word: str) -> dict[str, float]:
    """Who uses the word; an elided one (``d'accord``) by its last part, a Malay or Indonesian one by its stem."""
    known = load_words()
    uses = known.get(word)
    if uses is None and "'" in word:
        uses = known.get(word.rpartition("'")[2])
    if uses is None and (clitic := _CLITIC.fullmatch(word)):
        stem = known.get(clitic[1], {})
        uses = {code: stem[code] for code in ("ms", "id") if code in stem}
    return uses or {}


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Whether an unaccented word could be one Vietnamese syllable."""
    return _SYLLABLE.fullmatch(word) is not None
