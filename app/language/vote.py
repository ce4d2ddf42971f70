"""The vote: how likely each language of a contested script is, from all voices and the word lists.

A log-linear model: a few features for each language, one weight a feature, a small bias a language, softmax. Owns
the features and applying ``weights.json``; ``bench/fit_language.py`` fits them. Leaves to ``detect`` what a
conversation makes of the probabilities.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from app.language.cleaning import fold
from app.language.lexicon import count_words, is_syllable, load_words
from app.language.voices import KNOWN, Scores, ask_all

CONTESTED: dict[str, tuple[str, ...]] = {
    "Latn": ("en", "vi", "ms", "id", "fil", "es", "pt", "fr", "de", "jv", "nl", "it", "pl", "tr", "sw"),
    "Cyrl": ("ru", "uk"),
    "Arab": ("ar", "fa", "ur"),
    "Deva": ("hi", "mr", "ne"),
}
"""Scripts that several registered languages share."""

# A voice that lacks a language but knows its nearest relative speaks for it, with a weight of its own.
_PROXY = {("eldc", "id"): "ms", ("langdetect", "ms"): "id"}
FOLDS = 5
"""Cross-validation folds whose weights are stored beside those fitted on everything."""

Weights = Mapping[str, float]


@lru_cache(maxsize=1)
def load_weights() -> tuple[Weights, ...]:
    """The fitted weights, then those of each cross-validation fold (fitted without the lines of that fold)."""
    stored = json.loads(files("app.language").joinpath("weights.json").read_text("utf-8"))
    return (stored["weights"], *stored["folds"])


def features(words: Sequence[str], languages: Sequence[str]) -> list[dict[str, float]]:
    """Named feature values for each language; a feature that is 0 is left out."""
    voices = ask_all(" ".join(words))
    hits = count_words(words)
    return [_features_of(language, words, voices, hits) for language in languages]


def score(words: Sequence[str], languages: Sequence[str], fold_number: int = 0) -> dict[str, float]:
    """Log-odds (up to a common constant) of each language for lower-case words; ``fold_number`` 0: all data."""
    weights = load_weights()[fold_number]
    return {
        language: sum(weights.get(name, 0.0) * value for name, value in values.items())
        for language, values in zip(languages, features(words, languages), strict=True)
    }


def normalise(scores: Mapping[str, float]) -> dict[str, float]:
    """Probabilities from log-odds (softmax)."""
    best = max(scores.values())
    shares = {language: math.exp(value - best) for language, value in scores.items()}
    total = sum(shares.values())
    return {language: share / total for language, share in shares.items()}


def _features_of(
    language: str, words: Sequence[str], voices: dict[str, Scores], hits: dict[str, float]
) -> dict[str, float]:
    values = {f"is_{language}": 1.0}
    for voice, scores in voices.items():
        if language in KNOWN[voice]:
            values[voice] = _scale(voice, scores.get(language))
        elif proxy := _PROXY.get((voice, language)):
            values[f"{voice}_proxy"] = _scale(voice, scores.get(proxy))
        else:
            values[f"{voice}_absent"] = 1.0
    count = hits.get(language, 0.0)
    values["words"] = math.log1p(count)
    values["coverage"] = count / (len(words) or 1)
    if language == "vi":
        values["syllables"] = max(-4.0, min(5.0, sum(map(_weigh_syllable, words)))) / 5
    if language == "ms":
        # The two share most words, so the few that they don't share weigh more between them.
        values["malay"] = max(-3.0, min(3.0, count - hits.get("id", 0.0)))
    return values


@lru_cache(maxsize=8192)
def _weigh_syllable(word: str) -> float:
    """How much a word looks like unaccented Vietnamese: a syllable of the language, and a word of no other."""
    listed = load_words().get(word, {})
    if "vi" in listed:
        return 1.0
    if not is_syllable(fold(word)):
        return -1.5
    return 0.25 if listed else 1.0


def _scale(voice: str, value: float | None) -> float:
    if voice == "ngrams":
        return -6.0 if value is None else value
    return value or 0.0
