"""Who speaks what: the language of one message, given the language of the conversation so far.

Owns the decision. Leaves scripts to ``scripts`` and the check of replies to ``checks``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.language.registry import LANGUAGES, find
from app.language.scripts import SOLE_LANGUAGE, count_scripts, han_standard


@dataclass(frozen=True, slots=True)
class Detection:
    """What language a message is in, how sure that is, and why."""

    language: str
    """Registry code; always one of the candidates."""
    confidence: float
    """Calibrated probability, 0..1, that a reader would name this language."""
    evidence: str
    """``script``, ``vote``, ``prior``, ``wish`` or ``none``; ``picked`` is for the conversation layer."""
    romanised: bool = False
    """The language's own script is another one: Thai karaoke, Arabizi, Hinglish."""


def detect(
    text: str, prior: str | None = None, *, candidates: Sequence[str] | None = None, default: str = "en"
) -> Detection:
    """The language of ``text``; ``prior`` is the conversation's language, ``candidates`` what the shop serves.

    Deterministic, never raises. Where the text tells nothing, the prior speaks, else ``default``.
    """
    allowed = tuple(candidates or LANGUAGES)
    known = find(prior) if prior else None
    fallback = known.code if known and known.code in allowed else default
    if fallback not in allowed:
        fallback = allowed[0]
    scripts = count_scripts(text)
    if not scripts:
        return Detection(fallback, 0.5, "prior" if known else "none")
    script, _ = scripts.most_common(1)[0]
    if script in SOLE_LANGUAGE:
        language = SOLE_LANGUAGE[script]
        return Detection(language, 0.99, "script") if language in allowed else Detection(fallback, 0.1, "none")
    if script in ("Hani", "Kana"):
        standards = [han_standard(c) for c in text]
        language = (
            "ja" if scripts["Kana"] else "zh-Hant" if standards.count("Hant") > standards.count("Hans") else "zh-Hans"
        )
        return Detection(language, 0.9, "script") if language in allowed else Detection(fallback, 0.1, "none")
    scores = {code: value for code, value in _ask_eldc(text) if code in allowed}
    if not scores:
        return Detection(fallback, 0.2, "none")
    best = max(scores, key=lambda code: scores[code])
    return Detection(best, min(0.99, scores[best]), "vote")


@lru_cache(maxsize=1)
def _eldc() -> Any:
    import eldc

    eldc.init()
    instance = eldc.instance()
    instance.set_scores(10)
    return instance


def _ask_eldc(text: str) -> list[tuple[str, float]]:
    scores = _eldc().detect_details(text.encode("utf-8", "replace").decode()).scores
    return [({"tl": "fil", "zh": "zh-Hans"}.get(code, code), value) for code, value in scores.items()]


def warm() -> None:
    """Load everything that the first message would otherwise wait for."""
    detect("good morning")
