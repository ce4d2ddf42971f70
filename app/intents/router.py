"""Routes an utterance to an intent by its nearest neighbours in the bank."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from app.errors import PolicyError
from app.policies.library import Policies
from app.retrieval import Entry, Index

INTENTS = (
    "track_order", "list_orders", "get_refund_status", "find_product", "answer_from_policy", "hand_off", "small_talk",
    "ask_for_order", "cancel_order", "return_items", "exchange_items", "change_address", "change_payment_method",
    "report_problem", "resend_invoice", "apply_voucher", "out_of_scope",
)  # fmt: skip
"""Every name that an intent can have; ``small_talk`` and ``answer_from_policy`` carry a detail."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SMALL_TALK = ("greeting", "thanks", "bye", "who_are_you", "ok")
"""The details of ``small_talk``."""

CERTAIN = 0.40
"""Score from which the intent may be acted on without asking; fitted with ``bench/retrieval.py``."""


@dataclass(frozen=True, slots=True)
class Intent:
    name: str
    score: float
    """Between 0 and 1."""
    detail: str | None = None
    """The policy id of ``answer_from_policy``, the kind of ``small_talk``, else None."""
    section: str | None = None
    """The policy's section, with ``answer_from_policy``."""
    certain: bool = False
    others: tuple[str, ...] = ()
    """Names of the next best intents, to offer when it is not certain."""


@lru_cache(maxsize=1)
def read_bank(folder: Path = Path(__file__).parent) -> tuple[Entry, ...]:
    """The utterances of all languages, labelled ``name`` or ``small_talk/kind``. Raises PolicyError."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.yaml")):
        bank = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
        for label, texts in bank.items():
            name, _, kind = label.partition("/")
            if name not in INTENTS or (name == "small_talk" and kind not in SMALL_TALK):
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
        ranked = self._ready().rank(text, limit=6)
        if not ranked or ranked[0][1] <= 0:
            return Intent("out_of_scope", 0.0)
        label, score = ranked[0]
        name, detail, section = _read(label)
        others = tuple(dict.fromkeys(_read(other)[0] for other, _ in ranked[1:]))
        return Intent(name, score, detail, section, score >= CERTAIN, tuple(o for o in others if o != name))

    def _ready(self) -> Index:
        if self._index is None or self._version != self.policies.version:
            self._version = self.policies.version
            self._index = Index([*read_bank(), *self.policies.entries("answer_from_policy/")])
        return self._index


def _read(label: str) -> tuple[str, str | None, str | None]:
    """``answer_from_policy/returns#window`` → name, policy id, section."""
    name, _, rest = label.partition("/")
    detail, _, section = rest.partition("#")
    return name, detail or None, section or None
