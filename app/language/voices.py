"""The identifiers that have a voice in the vote, each asked through one small function.

Owns loading them (at first use), their codes and their scales. Leaves weighing them to ``vote``. Every voice is
deterministic, and whatever it raises or returns on odd text counts as silence.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from app.language import ngrams

Scores = dict[str, float]

_CODES = {"tl": "fil", "jw": "jv", "iw": "he", "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-tw": "zh-Hant"}

_ALL = "en vi ms id fil es pt fr de jv nl it pl tr sw ru uk ar fa ur hi mr ne"
_UNKNOWN = {"eldc": "id jv sw ne", "langdetect": "ms jv", "cld2": "", "ngrams": ""}

KNOWN: dict[str, frozenset[str]] = {
    voice: frozenset(_ALL.split()) - frozenset(unknown.split()) for voice, unknown in _UNKNOWN.items()
}
"""Which of the contested languages (those that share a script with another) each voice can name."""


def ask_all(text: str) -> dict[str, Scores]:
    """What each voice says about lower-case words: language code to score, higher is likelier.

    ``langdetect`` stands in where ``cld2`` is silent (a few short words, or no wheel for the machine): beside all
    the others it adds nothing that could be measured. ``eldc`` 0..1, ``langdetect`` and ``cld2`` probabilities,
    ``ngrams`` log-odds to the best (0 down to -6).
    """
    said = {name: _ask(voice, text) for name, voice in _VOICES.items()}
    if not said["cld2"]:
        said["langdetect"] = _ask(_ask_langdetect, text)
    return said


def _ask(voice: Callable[[str], Scores], text: str) -> Scores:
    try:
        return voice(text)
    except Exception:
        # Four foreign libraries, two of them C: none of their complaints may cost a customer an answer.
        return {}


def _named(pairs: Any) -> Scores:
    return {_CODES.get(code, code): float(score) for code, score in pairs}


@lru_cache(maxsize=1)
def _load_eldc() -> Any:
    import eldc

    eldc.init()
    instance = eldc.instance()
    instance.set_scores(20)
    return instance


def _ask_eldc(text: str) -> Scores:
    return _named(_load_eldc().detect_details(text).scores.items())


@lru_cache(maxsize=1)
def load_langdetect() -> Any:
    """langdetect's ``detect_langs``, seeded: the Rust port where it is installed, else the original."""
    try:
        import langdetect_rs as langdetect
    except ImportError:
        import langdetect
    langdetect.DetectorFactory.seed = 0
    return langdetect.detect_langs


def _ask_langdetect(text: str) -> Scores:
    return _named((guess.lang, guess.prob) for guess in load_langdetect()(text))


def _ask_cld2(text: str) -> Scores:
    import pycld2

    _, _, guesses = pycld2.detect(text, bestEffort=True, isPlainText=True)
    return _named((code, percent / 100) for _, code, percent, _ in guesses if code != "un")


_VOICES: dict[str, Callable[[str], Scores]] = {
    "eldc": _ask_eldc,
    "cld2": _ask_cld2,
    "ngrams": ngrams.rank,
}
