"""The customer's text on its way in: cleaned, measured, and marked when it is hostile.

Owns what counts as an empty or too long message and the signs of prompt injection and abuse. Leaves to the
assistant what to do about them: a mark never blocks, because a customer may quote anything.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import regex

from app.guardrails.folding import fold, fold_pattern
from app.guardrails.lexicon import load_shared

# NFC never shortens a text more than this (four code points of Greek with three marks become one).
_NFC_SHRINKS_AT_MOST = 4
_SURROGATES = regex.compile(r"[\ud800-\udfff]")
# Control characters except newline and tab; the bidi embeddings and overrides can only spoof what an agent reads.
_CONTROLS = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]+")
_NEWLINES = regex.compile(r"\r\n?|[\x85\u2028\u2029]")
# A single class, so that matching is one linear pass. Blank letters: Hangul fillers and the braille blank.
_VISIBLE = regex.compile(r"[^\p{Z}\p{C}\p{M}\u115f\u1160\u3164\uffa0\u2800]")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's text after cleaning; ``text`` is cut to the limit when the message is too long."""

    text: str
    problem: Literal["message_empty", "message_too_long"] | None
    injection: bool
    """It tries to give the assistant new orders. The facts stay out of reach anyway (I5)."""
    abuse: bool


def check_incoming(text: str, max_characters: int) -> Incoming:
    """Clean and judge one message; ``max_characters`` counts code points after cleaning. Never raises."""
    cleaned = _CONTROLS.sub("", _NEWLINES.sub("\n", _SURROGATES.sub("\ufffd", text))).strip()
    if not _VISIBLE.search(cleaned):
        return Incoming("", "message_empty", injection=False, abuse=False)
    # Normalising sorts runs of marks, which is slow on megabytes of them: a hopelessly long text is left as it is.
    if len(cleaned) <= max_characters * _NFC_SHRINKS_AT_MOST:
        cleaned = unicodedata.normalize("NFC", cleaned)
    if len(cleaned) > max_characters:
        return Incoming(cleaned[:max_characters], "message_too_long", injection=False, abuse=False)
    folded = fold(cleaned).text
    return Incoming(cleaned, None, bool(_signs("injection").search(folded)), bool(_signs("abuse").search(folded)))


@lru_cache(maxsize=2)
def _signs(kind: str) -> regex.Pattern[str]:
    patterns = [pattern for patterns in load_shared("incoming")[kind].values() for pattern in patterns]
    return regex.compile("|".join(f"(?:{fold_pattern(pattern)})" for pattern in patterns), regex.MULTILINE)
