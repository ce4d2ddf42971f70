"""What a reply says that the assistant did or will do, held against what tools did in this turn (I4).

Owns reading claimed actions and which deeds cover them. Leaves states of a record ("was cancelled on 3 May") to
``statuses`` and the verdict to ``replies``.

Values: ``did:sent``, ``will:cancelled``, ``will:call_back``, ``will:check``, ``grant:compensation`` …
"""

from collections.abc import Iterable
from functools import cache

from app.guardrails.clauses import find_clauses, mood
from app.guardrails.dates import Span
from app.guardrails.lexicon import Pattern, compiled, keys
from app.guardrails.skeletons import make_skeleton

# Which deeds of this turn cover a promise besides the deed of the same name. Nothing covers a telephone call.
_COVERED_BY = {
    "did:handed_off": {"handed_off"},
    "will:handed_off": {"handed_off"},
    "will:contact": {"handed_off", "reported"},
    "will:check": {"handed_off", "reported"},
    "did:reported": {"reported", "handed_off"},
    "will:reported": {"reported", "handed_off"},
    "did:cancelled": {"cancelled"},
    "did:changed": {"changed", "exchanged"},
}
# A state that an action of this turn brought about.
STATES_OF_DEEDS = {
    "cancelled": {"cancelled", "refund_pending", "refund_approved"},
    "refunded": {"refunded", "refund_pending", "refund_approved"},
    "returned": {"returned", "refund_pending", "refund_approved"},
    "requested": {"refund_pending"},
}


def find_promises(text: str, language: str) -> list[Span]:
    """Actions that the folded text claims as done or commits the shop to, and grants beyond the order."""
    skeleton = make_skeleton(text, language)
    spans: list[Span] = []
    for tense, value, pattern in _patterns(language):
        for found in pattern.finditer(skeleton.text):
            if _is_meant(skeleton.text, language, tense, found.start(), found.end()):
                spans.append(skeleton.span("promise", found.start(), found.end(), f"{tense}:{value}"))
    return spans


def is_covered(value: str, done: Iterable[str]) -> bool:
    """Whether a tool of this turn did what the promise says."""
    deeds = set(done)
    covering = _COVERED_BY.get(value, {value.partition(":")[2]})
    return bool(deeds & covering)


def _is_meant(text: str, language: str, tense: str, start: int, end: int) -> bool:
    if tense == "did":
        return mood(text, language, start, end) == "asserted"
    clause = next((c for c in find_clauses(text, language) if c.start <= start < c.end), None)
    if clause is not None and (clause.asked or _offers(language).search(text, clause.start, clause.end)):
        return False
    if tense == "will" and clause is not None and clause.conditional:
        return False
    return not _denials(language).search(text, max(clause.start if clause else 0, start - 14), end)


@cache
def _patterns(language: str) -> tuple[tuple[str, str, Pattern], ...]:
    return tuple(
        (tense, str(value), compiled(language, section, value))
        for tense, section in (("did", "did"), ("will", "will"), ("grant", "grants"))
        for value in keys(language, section)
    )


@cache
def _offers(language: str) -> Pattern:
    return compiled(language, "offers")


@cache
def _denials(language: str) -> Pattern:
    return compiled(language, "negations")
