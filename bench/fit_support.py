"""Writes what ``app/guardrails/support.py`` knows: ``python -m bench.fit_support [--without BATCH] [--out FOLDER]``.

Lines are the catalogues' sentences, those of ``bench/data/guard_lines.tsv``, which were written for this, and those of
``bench/data/fabrication*.tsv`` and of a real model that were scored already, each with what it means, without values.
The meaning of a vector is read by small networks fitted to all of them (half an hour on one core, most of it for the
vectors).
"""

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex

from app.guardrails import support
from app.guardrails.events import names_event
from app.guardrails.folding import fold
from app.guardrails.segments import Segmenter
from app.guardrails.statuses import find_statuses
from app.guardrails.values import find_values
from app.language.registry import LAUNCH
from app.retrieval.encoder import shared
from app.wording import read_catalogue
from bench.fabrication import DATA, read_sentences

SCORED = ("fabrication", *(f"fabrication_unseen{number}" for number in ("", *"23456")))
LINES = DATA.with_name("guard_lines.tsv")
WRITTEN = DATA.with_name("written2.jsonl")
LOCALE = Path(support.__file__).parents[1] / "locale"
OF_CODE = {
    "w2": "unshipped", "w3": "amount", "h1": "shipped", "h2": "delivered", "h4": "refunded", "h15": "out",
    "h23": "customs", "h24": "failed", "h10": "promise", "h11": "promise", "h20": "promise", "h13": "promise",
}  # fmt: skip
OF_LETTER = {
    "w": "waiting", "s": "shipped", "d": "delivered", "r": "refunded", "c": "cancelled", "p": "policy", "g": "courtesy",
    "h": "promise", "k": "processing", "y": "payment_pending", "o": "out", "u": "customs", "f": "failed",
    "b": "returned", "e": "refund_waiting",
}  # fmt: skip
MIXED = ("fabrication_unseen5", "fabrication_unseen6")
"""Batches whose h15 is another state in every language."""
COURTESY = frozenset({
    "greeting", "greeting_short", "thanks_reply", "bye", "who_are_you", "ok_ack", "ask_order_number", "ask_proof",
    "ask_contact", "proof_ok", "proof_failed", "which_order", "order_not_found", "orders_none", "sorry_not_understood",
    "sorry_technical", "topics_offer", "out_of_scope", "which_item", "which_variant", "ask_new_address",
    "which_payment_method", "which_problem", "confirm_hint",
})  # fmt: skip
OF_KEY = {
    "order_waiting_stock": "waiting", "why_restock": "waiting", "ship_expected": "unshipped", "ship_late": "unshipped",
    "ship_unknown": "unshipped", "order_processing": "processing", "order_pending_payment": "payment_pending",
    "delivery_expected": "shipped", "shipment_carrier": "carrier", "parcel_line": "shipped",
    "parcel_expected": "shipped", "delivered_on": "delivered", "parcel_delivered": "delivered",
    "refund_paid": "refunded", "refund_paid_on": "refunded", "order_returned": "returned",
    "order_in_customs": "customs", "order_out_for_delivery": "out", "order_delivery_failed": "failed",
    "order_shipped": "shipped", "order_delivered": "delivered", "order_cancelled": "cancelled",
    "refund_requested": "refund_waiting", "refund_approved": "refund_waiting", "refund_processing": "refund_waiting",
    "refund_expected": "refund_waiting", "no_refund": "no_refund", "delivery_late": "late",
    "why_high_volume": "why_busy", "why_address_incomplete": "why_address", "why_payment_failed": "why_payment",
    "why_preorder": "preorder", "why_delayed_weather": "late", "why_delayed_carrier": "late",
    "why_split_shipment": "split", "why_customs": "customs",
}  # fmt: skip
DEEDS = ("done_", "handoff", "agent_has", "requested", "already_done", "declined", "busy", "attachment")
PLAIN_POLICIES = frozenset({"returns", "refunds", "cancellation"})
NEVER_SHOWN = frozenset({"promise", "other"})
SCALE = 384**0.5
"""Unit vectors are too short to learn from."""
HIDDEN, KEPT = 512, 0.5
EPOCHS, BATCH, RATE, DECAY, SMOOTHING = 30, 256, 3e-3, 0.1, 0.02
NETWORKS = 3
"""Fitted from other beginnings; the mean of their odds is steadier than those of one."""


def meaning_of_key(key: str) -> str:
    if key in COURTESY:
        return "courtesy"
    if key.startswith("policy_summary_"):
        policy = key.removeprefix("policy_summary_").replace("_", "-")
        return "policy" if policy in PLAIN_POLICIES else f"policy:{policy}"
    if key.startswith(DEEDS):
        return "promise"
    return OF_KEY.get(key) or OF_KEY.get(key.removesuffix("_on")) or "other"


def read_lines(without: str | None) -> list[tuple[str, str, str]]:
    """Language, meaning and skeleton of every line."""
    lines: dict[tuple[str, str], str] = {}
    for language in LAUNCH:
        for key, forms in read_catalogue(LOCALE / language / "replies.po").texts.items():
            if key.startswith("topic_") or key in ("days", "hours", "months"):
                continue
            for part in cut(forms[0]):
                lines.setdefault((language, fill(part, language)), meaning_of_key(key))
    for language, code, sentence in read_rows(LINES):
        add(lines, language, "policy" if code.startswith("policy_") else code, sentence)
    for line in WRITTEN.read_text("utf-8").splitlines():
        row = json.loads(line)
        if "meaning" in row:  # what stands word for word in the record needs none
            add(lines, row["language"], row["meaning"], row["text"])
    for batch in SCORED:
        if batch == without:
            continue
        for language, sentences in read_sentences(DATA.with_name(f"{batch}.tsv")).items():
            for code, sentence in sentences.items():
                if code == "h15" and batch in MIXED:
                    continue
                add(lines, language, OF_CODE.get(code) or OF_LETTER[code[0]], sentence)
    return [(language, meaning, text) for (language, text), meaning in lines.items() if text]


def read_rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def add(lines: dict[tuple[str, str], str], language: str, meaning: str, sentence: str) -> None:
    """A sentence, and where it may be shown also the parts in which it is, each of which must be known.

    A promise with a duration is left out: without the duration, which ``claims`` traces, it reads like a true rule.
    """
    if meaning == "promise" and any(span.kind == "duration" for span in find_values(fold(sentence).text, language)):
        return
    lines[language, fill(sentence, language)] = meaning
    if meaning not in NEVER_SHOWN:
        for part in cut(sentence.replace("{n}", "#12345")):
            lines.setdefault((language, fill(part, language)), meaning)


def add_parts(lines: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The lines, and the parts of what may be shown: the network must know what is judged part by part."""
    found = {(language, text): meaning for language, meaning, text in lines}
    for language, meaning, text in lines:
        for part in support.cut(text) if meaning not in NEVER_SHOWN else ():
            own = "carrier" if meaning == "shipped" and names_no_state(part, language) else meaning
            found.setdefault((language, support.strip(part, language)), own)
    return [(language, meaning, text) for (language, text), meaning in found.items() if text]


def names_no_state(skeleton: str, language: str) -> bool:
    """ "Its tracking number is 0": half of a sentence about a parcel under way, and as true of one that has arrived."""
    stated = find_statuses(skeleton, language) or names_event(skeleton, language, 0, len(skeleton))
    return "0" in skeleton and not stated


def cut(text: str) -> list[str]:
    """The segments in which a text is verified and shown."""
    segmenter = Segmenter()
    return [*segmenter.feed(text), *segmenter.flush()]


def fill(sentence: str, language: str) -> str:
    return " ".join(support.strip(regex.sub(r"\{\w+\}", "0", sentence), language).split())


@dataclass
class Network:
    """Vector → one hidden layer of rectified units → the logarithms of the odds of each meaning."""

    into: np.ndarray
    out: np.ndarray

    def __init__(self, width: int, kinds: int, chance: np.random.Generator) -> None:
        self.into = chance.normal(0, (2 / width) ** 0.5, (width + 1, HIDDEN)).astype(np.float32)
        self.out = chance.normal(0, (1 / HIDDEN) ** 0.5, (HIDDEN + 1, kinds)).astype(np.float32)

    def slopes(self, rows: np.ndarray, aim: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of the cross-entropy, by each of the two weight matrices; ``kept`` drops hidden units out."""
        hidden = np.maximum(rows @ self.into[:-1] + self.into[-1], 0) * kept
        scores = hidden @ self.out[:-1] + self.out[-1]
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        off = (odds / odds.sum(axis=1, keepdims=True) - aim) / len(rows)
        back = (off @ self.out[:-1].T) * kept * (hidden > 0)
        return with_constant(rows).T @ back, with_constant(hidden).T @ off


def with_constant(rows: np.ndarray) -> np.ndarray:
    return np.hstack([rows, np.ones((len(rows), 1), rows.dtype)])


def fit(vectors: np.ndarray, labels: np.ndarray, kinds: int, seed: int) -> Network:
    """AdamW (Loshchilov and Hutter 2019) in batches, the rate falling to nothing; half of the hidden units drop out."""
    chance = np.random.default_rng(seed)
    network = Network(vectors.shape[1], kinds, chance)
    weights = [network.into, network.out]
    means, squares = ([np.zeros_like(w) for w in weights] for _ in range(2))
    aim = np.eye(kinds, dtype=np.float32)[labels] * (1 - SMOOTHING) + SMOOTHING / kinds
    steps, step = EPOCHS * -(-len(vectors) // BATCH), 0
    for _ in range(EPOCHS):
        for batch in np.array_split(chance.permutation(len(vectors)), -(-len(vectors) // BATCH)):
            step += 1
            rate = RATE * (1 - step / steps)
            kept = (chance.random((len(batch), HIDDEN)) < KEPT).astype(np.float32) / KEPT
            for weight, slope, mean, square in zip(
                weights, network.slopes(vectors[batch], aim[batch], kept), means, squares, strict=True
            ):
                mean += 0.1 * (slope - mean)
                square += 0.001 * (slope**2 - square)
                weight *= 1 - rate * DECAY
                weight -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without", choices=SCORED, help="leave a batch out, to measure on it")
    parser.add_argument("--out", type=Path, default=support.FOLDER)
    options = parser.parse_args()
    lines = read_lines(options.without)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "meanings.tsv").open("w", encoding="utf-8") as file:
        file.writelines(f"{language}\t{meaning}\t{text}\n" for language, meaning, text in lines)
    lines = add_parts(lines)
    encoder = shared()
    if encoder is None:
        raise SystemExit("there is no encoder on this machine")
    names = sorted({meaning for _, meaning, _ in lines})
    vectors = np.stack([encoder.line(text, language) for language, _, text in lines])
    labels = np.array([names.index(meaning) for _, meaning, _ in lines])
    networks = [fit(vectors * SCALE, labels, len(names), seed) for seed in range(NETWORKS)]
    scale = np.append(np.full(vectors.shape[1], SCALE), 1)[:, None]
    np.savez_compressed(
        options.out / "meanings.npz",
        names=np.array(names),
        into=np.stack([network.into * scale for network in networks]).astype(np.float16),
        out=np.stack([network.out for network in networks]).astype(np.float16),
    )
    print(f"{len(lines)} lines, {len(names)} meanings")


if __name__ == "__main__":
    main()
