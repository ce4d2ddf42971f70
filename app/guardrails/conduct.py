"""Tone and limits of a reply: no insult, no medical or legal advice, no generosity that no policy grants.

Owns these word lists' meaning and which source grounds a promise. Leaves the promises themselves to ``promises``.
"""

from collections.abc import Sequence
from functools import cache, lru_cache

from app.guardrails.folding import fold
from app.guardrails.lexicon import Pattern, compiled, keys
from app.guardrails.promises import find_promises
from app.guardrails.records import Source
from app.guardrails.texture import Fault


def find_fault(segment: str, language: str) -> Fault | None:
    """An insult, or advice that belongs to a doctor or lawyer."""
    text = fold(segment).text
    if compiled_list("insults", language).search(text):
        return Fault("insult", "It insults somebody.")
    if compiled_list("advice", language).search(text):
        return Fault("advice", "It gives medical or legal advice.")
    return None


def find_ground(promise: str, sources: Sequence[Source], language: str) -> str | None:
    """The id of a source that grants or announces the same: a policy's "free returns", "we refund in 5 days".

    An order's record may report what was done ("a refund was requested"); what the assistant says that it will
    look into, or whom it will contact, is in no record. That the shop refunds or refunded is true where every order
    in play has a paid refund.
    """
    tense, _, what = promise.partition(":")
    orders = [s for s in sources if s.id.startswith("order:")]
    if what == "refunded" and orders and all("refund:paid" in s.statuses for s in orders):
        return orders[0].id
    if tense == "will" and what not in ("refunded", "cancelled", "exchanged", "sent"):
        return None
    if tense == "did":
        return next((s.id for s in orders if promise in _reported(s.text, language)), None)
    return next((source.id for source in sources if promise in _announced(source.text, language)), None)


@lru_cache(maxsize=512)
def _announced(text: str, language: str) -> frozenset[str]:
    folded = fold(text).text
    return frozenset(
        f"{tense}:{value}"
        for tense, section in (("will", "will"), ("grant", "grants"))
        for value in keys(language, section)
        if compiled(language, section, value).search(folded)
    )


@lru_cache(maxsize=512)
def _reported(text: str, language: str) -> frozenset[str]:
    return frozenset(span.value for span in find_promises(fold(text).text, language) if span.value.startswith("did:"))


@cache
def compiled_list(name: str, language: str) -> Pattern:
    """The compiled list ``insults`` or ``advice``."""
    return compiled(language, name)
