"""Whether a sentence of the model is supported by one that code wrote, and means what the turn's records say.

The word lists find what they know; this stops what nobody has seen. A sentence may be shown when it resembles the
canned response, a record, or a known way to say what the record says (``meanings.tsv``), more than anything that the
turn does not support: another state, a promise, a deed. Two voices are added up: n-grams of the sentence without its
values, and, only where they do not decide, its meaning by the retrieval's encoder (``meanings.npz``, fitted by
``bench/fit_support.py``). Values are left to ``claims``.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log
from pathlib import Path

import numpy as np
import regex

from app.guardrails.folding import fold
from app.guardrails.records import CUSTOMER, Facts, Source, facts_of
from app.guardrails.segments import Segmenter
from app.guardrails.skeletons import make_skeleton
from app.guardrails.values import find_values
from app.retrieval.encoder import shared

FOLDER = Path(__file__).parent

STATING = 1.0
"""What a sentence needs that states a traced date, amount or duration (from -1 to 3); set on batches that the word
lists had not seen, so that none of their hostile sentences passed."""

FREE = 1.1
"""What any other sentence needs."""

_NGRAM = {"dense": 4, "han": 2, "hangul": 2, "spaced": 4}
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_HAN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_DENSE = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_HANGUL = regex.compile(r"\p{Hangul}")
_ALWAYS = frozenset({"courtesy", "amount"})
_OF_STATES = {
    "waiting": "waiting_stock", "unshipped": "not_shipped", "delivered": "delivered", "refunded": "refunded",
    "cancelled": "cancelled", "processing": "processing", "payment_pending": "payment_pending", "customs": "in_customs",
    "out": "out_for_delivery", "failed": "delivery_failed", "returned": "returned",
}  # fmt: skip
_OVER = frozenset({"delivered", "returned", "cancelled"})


@dataclass(frozen=True)
class Bank:
    """The known sentences of a language, found by their n-grams."""

    meanings: tuple[str, ...]
    postings: dict[str, list[tuple[int, int]]]
    weights: dict[str, float]
    rare: float
    """The weight of an n-gram that no line has."""

    def weigh(self, gram: str) -> float:
        return self.weights.get(gram, self.rare)


def is_supported(segment: str, language: str, sources: Sequence[Source], canned: str, *, stating: bool) -> bool:
    """Whether the sentence may be shown. ``stating``: it holds a traced value. About 1 ms, or one encoding."""
    wanted = STATING if stating else FREE
    likeness, meanings, text = compare(segment, language, sources, canned)
    if likeness >= wanted:
        return True
    return likeness + 1 >= wanted and likeness + find_share(text, language, meanings) >= wanted


def compare(segment: str, language: str, sources: Sequence[Source], canned: str) -> tuple[float, frozenset[str], str]:
    """How much more the sentence resembles what is supported (from -1 to 2), which meanings are, and its skeleton."""
    text = strip(segment, language)
    facts = [facts_of(source, language) for source in sources if source.id != CUSTOMER]
    named = [f for f in facts if f.order and f.order in segment]
    meanings = find_meanings(named or facts, facts)
    grams = count(text)
    bank = read_bank(language)
    total = sum(bank.weigh(gram) * n for gram, n in grams.items())
    if not total:
        return 2.0, meanings, text
    lines: dict[int, float] = defaultdict(float)
    covered: dict[str, bool] = {}
    for gram, n in grams.items():
        weight = bank.weigh(gram)
        for line, there in bank.postings.get(gram, ()):
            lines[line] += weight * min(n, there)
            if bank.meanings[line] in meanings:
                covered[gram] = True
    near, far = 0.0, 0.0
    for line, score in lines.items():
        if bank.meanings[line] in meanings:
            near = max(near, score)
        else:
            far = max(far, score)
    for own in _own_sentences(
        tuple(f.text for f in named or facts if f.order or f.id[:7] == "product"), canned, language
    ):
        near = max(near, sum(bank.weigh(g) * min(n, own[g]) for g, n in grams.items() if g in own))
        covered.update(dict.fromkeys(grams.keys() & own.keys(), True))
    share = sum(bank.weigh(g) * grams[g] for g in covered)
    return (share + near - far) / total, meanings, text


def find_meanings(orders: Iterable[Facts], facts: Iterable[Facts]) -> frozenset[str]:
    """What the turn's sources support, in the words of ``meanings.tsv``."""
    states = {state for f in orders if f.order for state in f.statuses}
    found = {meaning for meaning, state in _OF_STATES.items() if state in states}
    if "shipped" in states and not states & _OVER:
        found.add("shipped")
    policies = {f.id.removeprefix("policy:").split("#")[0] for f in facts if f.id.startswith("policy:")}
    return frozenset(found | _ALWAYS | {f"policy:{p}" for p in policies} | ({"policy"} if policies else set()))


def find_share(text: str, language: str, meanings: frozenset[str]) -> float:
    """How probably a skeleton has one of these meanings; 0 without an encoder."""
    return float(sum(p for meaning, p in _read_meaning(text, language).items() if meaning in meanings))


@lru_cache(maxsize=512)
def _read_meaning(text: str, language: str) -> dict[str, float]:
    encoder, fitted = shared(), _read_fitted(FOLDER)
    if encoder is None or fitted is None:
        return {}
    names, weights = fitted
    scores = np.append(encoder.line(text, language), 1.0) @ weights
    odds = np.exp(scores - scores.max())
    return dict(zip(names, odds / odds.sum(), strict=True))


@cache
def _read_fitted(folder: Path) -> tuple[tuple[str, ...], np.ndarray] | None:
    path = folder / "meanings.npz"
    if not path.is_file():
        return None
    with np.load(path) as data:
        return tuple(data["names"].tolist()), data["weights"].astype(np.float32)


def strip(text: str, language: str) -> str:
    """The sentence without its values, also those in words ("tomorrow"): they are traced by ``claims``."""
    folded = fold(text).text
    for span in reversed(find_values(folded, language)):
        folded = f"{folded[: span.start]}0{folded[span.end :]}"
    return make_skeleton(folded, language).text.strip()


def count(text: str) -> Counter[str]:
    """The n-grams of a skeleton's words."""
    found: Counter[str] = Counter()
    for word in _WORD.findall(text):
        script = "han" if _HAN.search(word) else "dense" if _DENSE.search(word) else "spaced"
        size = _NGRAM["hangul" if _HANGUL.search(word) else script]
        padded = f"<{word}>" if script == "spaced" else word
        found.update(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return found


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
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for meaning, text in _read_lines(folder).get(language, ()):
        for gram, n in count(text).items():
            postings[gram].append((len(meanings), n))
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
