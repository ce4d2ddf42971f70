"""Whether a sentence of the model is supported by one that code wrote, and means what the turn's records say.

The word lists find what they know; this stops what nobody has seen. A sentence may be shown when it resembles the
canned response, a record, or a known way to say what the record says (``meanings.tsv``), more than anything that the
turn does not support: another state, a promise, a deed. Two voices are added up: n-grams of the sentence without its
values, and, only where they do not decide, its meaning by the retrieval's encoder (``meanings.npz``, fitted by
``bench/fit_support.py``). Values are left to ``claims``.
"""

import csv
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import pairwise
from math import log
from pathlib import Path

import numpy as np
import regex

from app.guardrails.folding import fold
from app.guardrails.ngrams import HAN, count
from app.guardrails.records import CUSTOMER, Facts, Source, facts_of
from app.guardrails.scopes import find_carried
from app.guardrails.segments import Segmenter
from app.guardrails.skeletons import make_skeleton
from app.guardrails.values import find_values
from app.retrieval.encoder import shared

FOLDER = Path(__file__).parent

STATING = 1.0
"""What a sentence needs that states a traced date, amount or duration: its likeness, from -1 to 2, and its share. This
and the next were set on two batches that the word lists and the bank had not seen."""

FREE = 2.0
"""What any other sentence needs."""

UNREAD = 1.7
"""What a sentence needs whose words about an order or a rule the word lists do not know."""

MISREAD = 3.0
"""What a sentence of one part needs that the word lists read as another state: their word for it may mean something
else ("we sent the money", "is processed by customs"). No false one of batch 7 or of a real model reached 2.95."""

ALONE = 1.2
"""A likeness that suffices for what the word lists can read, whatever the encoder would say, which takes 15 ms."""

PART = 1.0
"""What each part of a longer sentence needs: one that is true in its first half may lie in its second."""

SHARE = 2.0
"""What a meaning counts that the encoder is sure of."""

SURE = 0.9
"""How probable a rule must be, so that a state in it is none of an order."""

COUNT_BITS = 4
MOST = (1 << COUNT_BITS) - 1

_CUT = regex.compile(
    r"[,;:،؛၊။។，；：、]\s*|\s[-–—]\s"
    r"|(?:(?<=[\p{Thai}\p{Lao}\p{Khmer}]{8})|(?<=ค่ะ|คะ|ครับ|ເຈົ້າ|ເດີ|ចាស|បាទ))\s+(?=[\p{Thai}\p{Lao}\p{Khmer}]{8})"
)
_LETTER = regex.compile(r"\p{L}")
_FEWEST = {False: 10, True: 5}
"""Letters of a part, at least; fewer in Chinese and Japanese."""
_ALWAYS = frozenset({"courtesy", "amount", "contents", "carrier"})
_OF_STATES = {
    "waiting": ("waiting_stock",), "unshipped": ("not_shipped",), "delivered": ("delivered",),
    "refunded": ("refunded",), "refund_waiting": ("refund_pending",), "cancelled": ("cancelled",),
    "processing": ("processing",), "payment_pending": ("payment_pending",),
    "customs": ("in_customs", "trouble:customs"), "out": ("out_for_delivery",), "failed": ("delivery_failed",),
    "returned": ("returned",),
    "late": ("trouble:delayed_weather", "trouble:delayed_carrier"), "why_busy": ("trouble:high_volume",),
    "why_address": ("trouble:address_incomplete",), "why_payment": ("trouble:payment_failed", "payment_failed"),
    "preorder": ("trouble:preorder",), "split": ("trouble:split_shipment",),
}  # fmt: skip
_TOLD_BY_ALL = frozenset({"returns", "refunds", "cancellation"})
"""Policies whose rules are the lines of the meaning ``policy``; those of another have its name behind it."""
_OVER = frozenset({"delivered", "returned", "cancelled"})
_REFUNDING = frozenset({"refund_pending", "refund_approved", "refund_rejected"})


@dataclass(frozen=True)
class Bank:
    """The known sentences of a language, found by their n-grams."""

    meanings: tuple[str, ...]
    postings: "dict[str, array[int]]"
    """The lines that have an n-gram, and how often: ``line << COUNT_BITS | times``, four bytes each."""
    weights: dict[str, float]
    rare: float
    """The weight of an n-gram that no line has."""

    def sum(self, grams: Mapping[str, int]) -> float:
        """The weight of n-grams; a rare one weighs more."""
        return sum(self.weights.get(gram, self.rare) * n for gram, n in grams.items())

    def compare(self, grams: Mapping[str, int], meanings: frozenset[str]) -> tuple[float, float, set[str]]:
        """The weight shared with the nearest line of these meanings and with that of all others, and which n-grams
        lines of these meanings have."""
        lines: dict[int, float] = defaultdict(float)
        covered = set()
        for gram, n in grams.items():
            weight = self.weights.get(gram, self.rare)
            for code in self.postings.get(gram, ()):
                line = code >> COUNT_BITS
                lines[line] += weight * min(n, code & MOST)
                if self.meanings[line] in meanings:
                    covered.add(gram)
        near = max((score for line, score in lines.items() if self.meanings[line] in meanings), default=0.0)
        far = max((score for line, score in lines.items() if self.meanings[line] not in meanings), default=0.0)
        return near, far, covered


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence is like, and what the turn supports."""

    likeness: float
    """How much more its n-grams resemble what is supported, from -1 to 2."""
    meanings: frozenset[str]
    """What the turn supports."""
    skeleton: str
    language: str
    parts: tuple["Reading", ...] = ()

    def is_supported(self, wanted: float) -> bool:
        """Whether it may be shown; ``wanted`` is one of the module's constants. May cost an encoding for each part."""
        return self._reaches(wanted) and all(part._reaches(PART) for part in self.parts)

    def _reaches(self, wanted: float) -> bool:
        if self.likeness >= wanted or (self.likeness >= ALONE and wanted < UNREAD):
            return True
        return self.likeness + SHARE >= wanted and self.likeness + SHARE * self._share(self.meanings) >= wanted

    @property
    def is_rule(self) -> bool:
        """Whether it tells a rule of one of the turn's policies, and nothing of an order."""
        rules = {meaning for meaning in self.meanings if meaning.startswith("policy")}
        return self._share(rules) >= SURE

    def _share(self, meanings: Collection[str]) -> float:
        """How probably the sentence has one of these meanings; 0 without an encoder."""
        odds = _read_meaning(self.skeleton, self.language)
        return float(sum(odds.get(meaning, 0.0) for meaning in meanings))


def read(segment: str, language: str, sources: Sequence[Source], canned: str, shown: str = "") -> Reading:
    """Compare the sentence, its parts and any two of them in a row with what is known, by n-grams. About 4 ms.

    Of several orders, none named here or in what was shown, it must mean what is true of each.
    """
    facts = [facts_of(source, language) for source in sources if source.id != CUSTOMER]
    known = {f.order for f in facts if f.order}
    named = {order for order in known if order in segment} or {find_carried(shown, known, language)} & known
    each = [find_meanings((f for f in facts if f.order == order), facts) for order in named or known or {None}]
    meanings = frozenset[str].union(*each) if named else frozenset[str].intersection(*each)
    records = tuple(f.text for f in facts if f.order in named or f.id.startswith("product:"))
    own = _own_sentences(records, canned if named or not known else "", language)
    skeleton = strip(segment, language)
    parts = cut(skeleton)
    pairs = [" ".join(pair) for pair in pairwise(parts)] if len(parts) > 2 else []
    whole, *rest = (_compare(text, language, meanings, own) for text in (skeleton, *parts, *pairs))
    return replace(whole, parts=tuple(rest) if len(parts) > 1 else ())


def _compare(skeleton: str, language: str, meanings: frozenset[str], own: Sequence[Counter[str]]) -> Reading:
    grams, bank = count(skeleton), read_bank(language)
    total = bank.sum(grams)
    if not total:
        return Reading(FREE, meanings, skeleton, language)
    near, far, covered = bank.compare(grams, meanings)
    for sentence in own:
        near = max(near, bank.sum(grams & sentence))
        covered |= grams.keys() & sentence.keys()
    share = bank.sum({gram: grams[gram] for gram in covered})
    return Reading((share + near - far) / total, meanings, skeleton, language)


def find_meanings(orders: Iterable[Facts], facts: Iterable[Facts]) -> frozenset[str]:
    """What the turn's sources support, in the words of ``meanings.tsv``."""
    states = {state for f in orders if f.order for state in f.statuses}
    found = {meaning for meaning, any_of in _OF_STATES.items() if states.intersection(any_of)}
    if "shipped" in states and not states & _OVER:
        found.add("shipped")
    if "not_refunded" in states and not states & _REFUNDING:
        found.add("no_refund")
    policies = {f.id.removeprefix("policy:").split("#")[0] for f in facts if f.id.startswith("policy:")}
    told = {f"policy:{policy}" for policy in policies} | ({"policy"} if policies & _TOLD_BY_ALL else set())
    return frozenset(found | told | _ALWAYS)


@lru_cache(maxsize=512)
def _read_meaning(text: str, language: str) -> dict[str, float]:
    encoder, fitted = shared(), _read_fitted(FOLDER)
    if encoder is None or fitted is None:
        return {}
    names, into, out = fitted
    hidden = np.maximum(encoder.line(text, language) @ into[:, :-1] + into[:, -1], 0)
    scores = np.einsum("nh,nhk->nk", hidden, out[:, :-1]) + out[:, -1]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return dict(zip(names, (odds / odds.sum(axis=1, keepdims=True)).mean(axis=0), strict=True))


@cache
def _read_fitted(folder: Path) -> tuple[tuple[str, ...], np.ndarray, np.ndarray] | None:
    """The names of the meanings and the weights of each network's two layers, the constants last."""
    path = folder / "meanings.npz"
    if not path.is_file():
        return None
    with np.load(path) as data:
        return tuple(data["names"].tolist()), data["into"].astype(np.float32), data["out"].astype(np.float32)


def cut(skeleton: str) -> list[str]:
    """The parts of a sentence that could stand alone, between commas, dashes or, in scripts without spaces, spaces."""
    return [part for part in _CUT.split(skeleton) if len(_LETTER.findall(part)) >= _FEWEST[bool(HAN.search(part))]]


def strip(text: str, language: str) -> str:
    """The sentence without its values, also those in words ("tomorrow"): they are traced by ``claims``."""
    folded = fold(text).text
    for span in reversed(find_values(folded, language)):
        folded = f"{folded[: span.start]}0{folded[span.end :]}"
    return make_skeleton(folded, language).text.strip()


@lru_cache(maxsize=64)
def _own_sentences(records: tuple[str, ...], canned: str, language: str) -> tuple[Counter[str], ...]:
    sentences = []
    for text in (*records, canned):
        segmenter = Segmenter()
        sentences += [*segmenter.feed(text), *segmenter.flush()]
    return tuple(count(strip(s, language)) for s in dict.fromkeys(sentences) if s.strip())


def read_bank(language: str) -> Bank:
    return _read_bank(language, FOLDER)


@cache
def _read_bank(language: str, folder: Path) -> Bank:
    meanings: list[str] = []
    postings: dict[str, array[int]] = defaultdict(partial(array, "I"))
    for meaning, text in _read_lines(folder).get(language, ()):
        for gram, n in count(text).items():
            postings[gram].append(len(meanings) << COUNT_BITS | min(n, MOST))
        meanings.append(meaning)
    size = len(meanings)
    weights = {gram: log((1 + size) / (1 + len(lines))) + 0.2 for gram, lines in postings.items()}
    return Bank(tuple(meanings), dict(postings), weights, log(1 + size) + 0.2)


@cache
def _read_lines(folder: Path) -> dict[str, list[tuple[str, str]]]:
    lines: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with (folder / "meanings.tsv").open(encoding="utf-8") as file:
        for language, meaning, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            lines[language].append((meaning, text))
    return dict(lines)
