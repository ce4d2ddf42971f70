"""What a reply says that the assistant did or will do, held against what tools did in this turn (I4).

Owns reading claimed actions and which deeds cover them. Leaves states of a record ("was cancelled on 3 May") to
``statuses`` and the verdict to ``replies``.

Values: ``did:sent``, ``will:cancelled``, ``will:call_back``, ``will:check``, ``grant:compensation`` …
"""

from collections.abc import Iterable
from functools import cache

import regex

from app.guardrails.clauses import clause_of, mood
from app.guardrails.dates import Span
from app.guardrails.lexicon import Pattern, any_of, compiled, keys
from app.guardrails.skeletons import make_skeleton

_POLICY_MATTERS = frozenset({"refunded", "cancelled", "exchanged", "changed", "sent"})
"""What a policy announces under a condition: "once we have the item, we refund you"."""
_DENIED_WITHIN = 14
"""Characters between a denial and the promise that it takes back, at most."""

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
    return [
        skeleton.span("promise", found.start(), found.end(), f"{tense}:{value}")
        for tense, value, pattern in _patterns(language)
        for found in pattern.finditer(skeleton.text)
        if _is_meant(skeleton.text, language, tense, value, found.start(), found.end())
    ]


def is_covered(value: str, done: Iterable[str]) -> bool:
    """Whether a tool of this turn did what the promise says."""
    deeds = set(done)
    covering = _COVERED_BY.get(value, {value.partition(":")[2]})
    return bool(deeds & covering)


def _is_meant(text: str, language: str, tense: str, what: str, start: int, end: int) -> bool:
    if tense == "did":
        return mood(text, language, start, end) == "asserted" and not _addressed(language).search(text, 0, start)
    clause = clause_of(text, language, start)
    if clause.asked or _offers(language).search(text, clause.start, clause.end):
        return False
    if tense == "will" and _addressed(language).search(text, 0, start):
        return False
    if tense == "will" and clause.conditional and what in _POLICY_MATTERS | {"handed_off"}:
        return False
    if what == "check" and clause.conditional and _order_word(language).search(text, clause.sentence, start):
        return False  # "if you tell me the order number, I will look it up"
    return not _denials(language).search(text, max(clause.start, start - _DENIED_WITHIN), start)


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


@cache
def _addressed(language: str) -> Pattern:
    """The customer as the subject, right before the verb: "the e-mail that you sent"."""
    return regex.compile(rf"{any_of(language, 'you', english=False)}\s*\Z")


@cache
def _order_word(language: str) -> Pattern:
    return compiled(language, "order")
