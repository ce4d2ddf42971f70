"""Routes an utterance to an intent by its nearest neighbours in the bank."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml

from app.errors import PolicyError
from app.identity import find_order_numbers, strip_proof
from app.language.consent import begins_with_yes, holds_no
from app.policies.library import Policies
from app.retrieval import Entry, Index
from app.retrieval.encoder import shared

INTENTS = (
    "track_order", "show_order", "list_orders", "get_refund_status", "find_product", "answer_from_policy", "hand_off",
    "small_talk", "ask_for_order", "cancel_order", "return_items", "exchange_items", "change_address",
    "change_payment_method", "report_problem", "resend_invoice", "apply_voucher", "request_refund", "out_of_scope",
)  # fmt: skip
"""Every name that an intent can have; ``small_talk`` and ``answer_from_policy`` carry a detail."""

DECLINE = "decline"
"""The label of lines that mean something after a proposal only: "leave it as it is"."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SMALL_TALK = ("greeting", "thanks", "bye", "who_are_you", "ok")
"""The details of ``small_talk``."""

PROBLEMS = ("damaged", "wrong", "missing", "not_received")
"""The details of ``report_problem``."""

SECTION_PROBLEMS = {"not-received": "not_received"}
"""Sections of the policy on deliveries that are about one of them."""

KIND_LEAD = 0.015
"""Distance to the next kind of problem from which we need not ask what is wrong: 142 of 143 complaints of three suites
that have it are of the first kind, two of the other three."""

CERTAIN = 0.60
"""Score from which an intent may be acted on without asking, if it also leads by ``LEAD``."""

LEAD = 0.10
"""Distance to the next intent; docs/benchmarks.md says how often the certain ones are right on unseen lines."""

RANKED = 12
"""Labels that are looked at."""

POLICY_OF_INTENT = {
    "cancel_order": "cancellation",
    "return_items": "returns",
    "exchange_items": "exchanges",
    "change_address": "address-change",
    "change_payment_method": "payment",
    "report_problem": "damaged",
    "resend_invoice": "invoices",
    "apply_voucher": "vouchers",
}
"""The policy that a wish is about."""

ABOUT_ONE_ORDER = {
    "delays#not-shipped": "track_order",
    "delays#late": "track_order",
    "delays#lost": "track_order",
    "damaged#not-received": "report_problem",
}
"""Sections whose questions are about the customer's own order: "why has it not shipped?" wants its state first."""

FAINT = 0.50
"""Below this, where the encoder runs, nothing was understood."""

FAINT_TALK = 0.69
"""The same for small talk, which random letters and emojis are nearest to: half of them score under 0.66, and one of
118 greetings and thanks of three suites scores under this."""

DECLINED = 0.74
"""Score from which free words decline what was proposed, whatever else they are near to: the lowest of 76 that did, in
four suites, has 0.75."""

CLEARLY = 0.15
"""Distance to the next intent from which they do with any score."""

HEAD_START = 0.06
"""Added to intents that act, and to small talk, which has nothing else in it: where a wish and a question about its
rules are equally near, the wish is meant."""

LEVEL = frozenset({"answer_from_policy", "hand_off", "find_product", "out_of_scope", "ask_for_order", "report_problem"})
"""Intents without it; a problem has four labels, of which the best is counted, and needs none."""


@dataclass(frozen=True, slots=True)
class Intent:
    name: str
    score: float
    """From 0 (nothing in common) to about 1.5 (a line of the bank)."""
    detail: str | None = None
    """The policy id where a policy's example was nearest, the kind of ``small_talk`` or of a problem, else None."""
    section: str | None = None
    """The section of that policy."""
    certain: bool = False
    others: tuple[str, ...] = ()
    """Names of the next best intents, to offer when it is not certain."""
    nearest: tuple["Intent", ...] = ()
    """All that the words were near to, best first, for who knows more than the words."""
    problem: str | None = None
    """What is wrong with a delivery, where the words are near to complaints of one kind alone."""


@lru_cache(maxsize=1)
def read_bank(folder: Path = Path(__file__).parent) -> tuple[Entry, ...]:
    """The utterances of all languages, labelled ``name`` or ``small_talk/kind``. Raises PolicyError."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.yaml")):
        bank = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
        for label, texts in bank.items():
            name, _, kind = label.partition("/")
            kinds = {"small_talk": SMALL_TALK, "report_problem": PROBLEMS}.get(name, ("",))
            if name not in (*INTENTS, DECLINE) or kind not in kinds:
                raise PolicyError(f"unknown intent {label}", path.name)
            entries += [Entry(text, path.stem, label) for text in texts]
    return tuple(entries)


class Router:
    """Routes with the bank and a shop's policies; follows a live reload of the policies."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self._version = -1
        self._index: Index | None = None

    def route(self, text: str, language: str) -> Intent:
        """The intent of an utterance in any language. Never raises, whatever the text."""
        if not strip_proof(text).strip("?!") and find_order_numbers(text):  # numbers and contacts are near to nothing
            return Intent("ask_for_order", CERTAIN, certain=True)
        found = self._rank(text, language)
        ranked = [each for each in found if each.name != DECLINE][:RANKED]
        if not ranked or ranked[0].score <= 0:
            return Intent("out_of_scope", 0.0)
        best = ranked[0]
        if shared() is not None and best.score < (FAINT_TALK if best.name == "small_talk" else FAINT):
            return Intent("out_of_scope", best.score, nearest=tuple(ranked))
        # A wish to leave things as they are counts: "forget it" is nearly as near to that as to cancelling.
        lead = best.score - max((other.score for other in found if other.name != best.name), default=0.0)
        others = tuple(dict.fromkeys(other.name for other in ranked[1:] if other.name != best.name))
        certain = best.score >= CERTAIN and lead >= LEAD
        nearest, problem = tuple(ranked[1:]), _read_problem(ranked)
        return replace(best, certain=certain, others=others, nearest=nearest, problem=problem)

    def declines(self, text: str, language: str, proposed: str) -> bool:
        """Whether an answer to what was proposed says, in free words, to leave things as they are.

        "Don't cancel" is near to cancelling, so words with a no in them are not compared with the proposed action.
        """
        if begins_with_yes(text):
            return False
        about = {proposed, POLICY_OF_INTENT.get(proposed, proposed)} if holds_no(text) else set()
        rest = [f for f in self._rank(text, language) if f.name not in about and f.detail not in about]
        first, second = (*rest, Intent("", 0.0), Intent("", 0.0))[:2]
        if first.name != DECLINE or first.score < CERTAIN:
            return False
        return first.score >= DECLINED or first.score - second.score >= CLEARLY

    def _rank(self, text: str, language: str) -> list[Intent]:
        """The intents that the words are near to, best first, and ``DECLINE``."""
        return sorted(map(_weigh, self._ready().rank(text, RANKED + 1, language)), key=lambda f: -f.score)

    def _ready(self) -> Index:
        if self._index is None or self._version != self.policies.version:
            self._version = self.policies.version
            self._index = Index([*read_bank(), *self.policies.entries("answer_from_policy/")], shared())
        return self._index


def _weigh(found: tuple[str, float]) -> Intent:
    """``answer_from_policy/returns#window`` → name, policy id and section, with what its kind is worth."""
    label, score = found
    name, _, rest = label.partition("/")
    detail, _, section = rest.partition("#")
    name = ABOUT_ONE_ORDER.get(rest, name)
    if name not in LEVEL:
        score += HEAD_START
    return Intent(name, score, detail or None, section or None)


def _read_problem(ranked: Sequence[Intent]) -> str | None:
    """The kind of complaint that is clearly nearer than the others."""
    kinds: dict[str, float] = {}
    for found in ranked:
        kind = SECTION_PROBLEMS.get(found.section) if found.section else found.detail
        if found.name == "report_problem" and kind in PROBLEMS:
            kinds.setdefault(kind, found.score)
    best, second = (*kinds.items(), ("", 0.0), ("", 0.0))[:2]
    return best[0] if best[1] - second[1] >= KIND_LEAD else None
