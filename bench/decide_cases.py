"""Labelled lines of which the index is not sure, for ``bench.decide``, and what a model said about them.

To fit with: ``intents_dev``, ``heldout``, ``heldout1`` and ``heldout2``, with an index that does not hold them. To
score: ``intents_heldout3`` and the first messages of ``scenarios/``, which are left out of the index as well.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.decision import Decider, Question
from app.demo import build_demo
from app.evaluation.scenario import PLACEHOLDER, read_suite
from app.intents import Router, read_bank
from app.intents.router import _weigh
from app.models import Order
from app.policies import load
from app.prompts import Prompts
from app.retrieval import Entry, Index
from app.retrieval.encoder import shared
from app.store.database import utc_now
from app.tools import TOOLS
from bench.retrieval import read

ROOT = Path(__file__).resolve().parent.parent
FIT = ("dev", "heldout", "heldout1", "heldout2")
SAME = {"out_of_scope": "offer_topics", "change_items": "exchange_items", "update_customer_address": "change_address"}
"""Names that come to the same for the customer."""

WANTED = {
    "angry": "hand_off", "are-you-a-bot": "small_talk", "arrived-damaged": "report_problem",
    "cancel-processing": "cancel_order", "cancel-shipped": "cancel_order", "cancel-waiting": "cancel_order",
    "change-address": "change_address", "change-address-unsafe": "change_address",
    "changes-her-mind": "cancel_order", "cod-refused": "track_order", "code-switching": "track_order",
    "correction": "cancel_order", "delayed-by-weather": "track_order", "exchange-size": "exchange_items",
    "final-sale": "return_items", "follow-up-it": "track_order", "follow-up-that-one": "track_order",
    "held-by-customs": "track_order", "how-long-to-return": "answer_from_policy", "invoice": "resend_invoice",
    "no-proof": "track_order", "not-received": "report_problem", "out-of-scope": "offer_topics",
    "paid-method-fixed": "change_payment_method", "paid-twice": "request_refund",
    "payment-method": "change_payment_method", "refund-state": "get_refund_status",
    "return-in-time": "return_items", "return-too-late": "return_items", "small-talk": "small_talk",
    "split-shipment": "track_order", "strangers-order": "cancel_order", "voucher-expired": "apply_voucher",
    "voucher": "apply_voucher", "wants-a-person": "hand_off", "warranty-length": "answer_from_policy",
    "where-is-it": "track_order", "why-not-shipped": "track_order", "wrong-identity": "track_order",
    "wrong-item": "report_problem",
}  # fmt: skip
"""What the first message of a situation asks for."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled line that the index is not sure of."""

    part: str
    """``fit`` or ``score``."""
    group: str
    """Lines that are one situation in several languages."""
    language: str
    text: str
    wanted: tuple[str, ...]
    index: str
    """What the index and the rules over it choose."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """The index's score of each tool."""


def name_of(name: str) -> str:
    return SAME.get(name, name)


def read_lines(number: str) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    """(part, group, language, text, wanted)"""
    for which in (*FIT, "heldout3"):
        for language, wanted, text in read(f"intents_{which}.tsv"):
            yield ("score" if which == "heldout3" else "fit"), f"{which}:{text}", language, text, tuple(wanted)
    for situation in read_suite(ROOT / "scenarios"):
        if wanted_name := WANTED.get(situation.situation):
            for language, speech in situation.languages.items():
                text = PLACEHOLDER.sub(number, speech.turns[0].say)
                yield "score", situation.situation, language, text, (wanted_name,)


class Lines:
    """Finds the uncertain ones among the labelled lines."""

    def __init__(self) -> None:
        self.policies = load(ROOT / "policies")
        self.order: Order = build_demo(utc_now()).orders[0]
        self.lines = list(read_lines(self.order.number))
        self.router = Router(self.policies)
        self.prompts = Prompts(
            ROOT / "prompts", shop=self.policies.shop, tools=list(TOOLS), policies=self.policies.policies.values()
        )
        self.decider = Decider(TOOLS, self.policies, self.router, self.prompts)
        known = {text for _, _, _, text, _ in self.lines}
        bank = (*read_bank(), *self.policies.entries("answer_from_policy/"))
        self.bank: list[Entry] = [entry for entry in bank if entry.text not in known]
        self.router._index, self.router._version = Index(self.bank, shared()), self.policies.version

    def question(self, text: str, language: str) -> Question:
        return Question(text, language, (), (self.order,), True, {})

    def find(self) -> list[Case]:
        return [case for line in self.lines if (case := self._read(*line))]

    def _read(self, part: str, group: str, language: str, text: str, wanted: tuple[str, ...]) -> Case | None:
        intent = self.router.route(text, language)
        if intent.certain:
            return None
        scores: dict[str, float] = {}
        for found in map(_weigh, self.router._ready().rank(text, 10_000, language)):
            name = name_of(found.name)
            scores[name] = max(found.score, scores.get(name, 0.0))
        calls = self.decider._from_intent(intent, self.question(text, language))
        names, right = [name_of(call.name) for call in calls], tuple(map(name_of, wanted))
        chosen = next((name for name in names if name in right), names[-1])  # a rule is told beside the order's answer
        return Case(part, group, language, text, right, chosen, scores)


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with what the model said."""

    case: Case
    said: dict[str, float]
    seconds: float


def read_asked(file: Path) -> list[Asked]:
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        said, seconds = value.pop("said"), value.pop("seconds")
        found.append(Asked(Case(**{**value, "wanted": tuple(value["wanted"])}), said, seconds))
    return found
