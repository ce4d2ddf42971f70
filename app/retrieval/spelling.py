"""Spells a question out before it is encoded: chat abbreviations, and Vietnamese typed without its accents.

The encoder was trained on written language: "don hang cua e ship chua z" means nothing to it, "đơn hàng của em ship
chưa vậy" does. Only the encoder's input is changed; nobody is shown the result.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log
from pathlib import Path

import yaml

ABBREVIATIONS = Path(__file__).parent / "abbreviations.yaml"
_WORD = re.compile(r"[^\W\d_]+")
_ACCENTED_SHARE = 0.15
"""Words with accents from which a Vietnamese text counts as typed with them (teencode mixes both)."""


@lru_cache(maxsize=1)
def read_abbreviations() -> dict[str, dict[str, str]]:
    """By language: what is typed → what is meant."""
    data = yaml.safe_load(ABBREVIATIONS.read_text(encoding="utf-8"))
    return {language: {str(k): str(v) for k, v in words.items()} for language, words in data.items()}


def expand(text: str, language: str) -> str:
    """Replace whole-word abbreviations of the language."""
    words = read_abbreviations().get(language)
    if not words:
        return text
    return _WORD.sub(lambda match: words.get(match[0].lower(), match[0]), text)


def strip_accents(text: str) -> str:
    """``đơn hàng`` → ``don hang``."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return bare.replace("đ", "d").replace("Đ", "D")


class Speller:
    """Restores Vietnamese accents with the most likely sequence of syllables (a bigram model, Viterbi)."""

    def __init__(self, syllables: Iterable[tuple[str, int]], pairs: Iterable[tuple[str, str, int]]) -> None:
        self._counts = {str(syllable): int(count) for syllable, count in syllables}
        self._pairs = {(str(first), str(second)): int(count) for first, second, count in pairs}
        self._forms: Mapping[str, list[str]] = defaultdict(list)
        for syllable in self._counts:
            self._forms[strip_accents(syllable)].append(syllable)

    def spell(self, text: str, language: str) -> str:
        """The text with abbreviations spelled out and, in Vietnamese, its accents restored where it has none."""
        text = expand(text, language)
        if language != "vi":
            return text
        words = _WORD.findall(text)
        accented = sum(strip_accents(word) != word for word in words)
        if not words or accented > _ACCENTED_SHARE * len(words):
            return text
        restored = iter(self._restore([word.lower() for word in words]))
        return _WORD.sub(lambda _: next(restored), text)

    def _restore(self, words: list[str]) -> list[str]:
        best: dict[str, tuple[float, list[str]]] = {"": (0.0, [])}
        for word in words:
            forms = [word] if strip_accents(word) != word else (self._forms.get(word) or [word])
            best = {form: max(self._step(best, form)) for form in forms}
        return max(best.values())[1]

    def _step(self, best: dict[str, tuple[float, list[str]]], form: str) -> Iterable[tuple[float, list[str]]]:
        alone = log(1 + self._counts.get(form, 0))
        for before, (score, path) in best.items():
            together = log(1 + 8 * self._pairs.get((before, form), 0))
            yield score + alone + together, [*path, form]


def count_syllables(texts: Iterable[str]) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """What a speller learns from well-typed Vietnamese lines; those without any accent teach nothing."""
    syllables: dict[str, int] = defaultdict(int)
    pairs: dict[tuple[str, str], int] = defaultdict(int)
    for text in texts:
        words = [word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text))]
        if all(strip_accents(word) == word for word in words):
            continue
        for first, second in zip(["", *words], words, strict=False):
            syllables[second] += 1
            pairs[first, second] += 1
    return dict(syllables), dict(pairs)
