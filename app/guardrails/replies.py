"""The verdict on a reply, segment by segment and as a whole, before a customer reads it (I2, I3, I4).

Owns the order of the checks and the reasons. Leaves facts to ``claims`` and actions to ``promises``.
"""

from dataclasses import dataclass
from datetime import datetime

import regex

from app.guardrails.claims import Source, extract, trace
from app.language import is_in_language
from app.models import Claim

_MARKUP = regex.compile(r"<[/!a-zA-Z][^>]*>|```|!?\[[^\]]*\]\(|<\|")


@dataclass(frozen=True, slots=True)
class Context:
    """What a reply of this turn may draw on."""

    language: str
    sources: tuple[Source, ...] = ()
    customer_words: str = ""
    done: frozenset[str] = frozenset()
    """Actions that tools did in this turn: cancelled, refunded, returned, exchanged, changed, sent, handed_off …"""
    prompt_texts: tuple[str, ...] = ()
    """Lines of the system prompt, which must not leak."""
    shown: str = ""
    """What was already accepted in this turn."""
    question: str = ""
    required: tuple[str, ...] = ()
    """Values that the whole reply must contain."""
    now: datetime | None = None
    """Local time of the customer; without it no relative date traces."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a text may be shown; ``reason`` is one English sentence without personal data."""

    passed: bool
    kind: str | None = None
    """language, claim, promise, leak, markup, repetition, empty, garbage, insult or advice."""
    reason: str = ""
    claims: tuple[Claim, ...] = ()


def check_segment(segment: str, context: Context) -> Verdict:
    """Judge one segment before it is shown. Never raises."""
    if _MARKUP.search(segment):
        return Verdict(False, "markup", "The text contains markup.")
    if not is_in_language(segment, context.language):
        return Verdict(False, "language", "The text is not in the customer's language.")
    claims = tuple(trace(extract(segment, context.language), context.sources, context.language))
    for claim in claims:
        if claim.source is None:
            return Verdict(False, "claim", f"It states a {claim.kind} that is in no source.", claims)
    return Verdict(True, claims=claims)


def check_reply(text: str, context: Context) -> Verdict:
    """Judge the whole reply again: every segment's checks, and emptiness, repetition and missing facts."""
    if not text.strip():
        return Verdict(False, "empty", "The reply is empty.")
    verdict = check_segment(text, context)
    if verdict.passed and any(value not in text for value in context.required):
        return Verdict(False, "claim", "A fact that the customer asked for is missing.", verdict.claims)
    return verdict
