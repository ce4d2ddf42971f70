"""Languages: the registry, who speaks what, and whether a text is in a given language."""

from app.language.checks import is_in_language
from app.language.detect import Detection, detect, warm
from app.language.registry import LANGUAGES, LAUNCH, Language, find, negotiate
from app.language.speaker import Speaker, hear

__all__ = [
    "LANGUAGES",
    "LAUNCH",
    "Detection",
    "Language",
    "Speaker",
    "detect",
    "find",
    "hear",
    "is_in_language",
    "negotiate",
    "warm",
]
