"""Writes what ``app/guardrails/support.py`` knows: ``python -m bench.fit_support [--without BATCH] [--out FOLDER]``.

Lines are the catalogues' sentences and those of ``bench/data/fabrication*.tsv`` that were scored already, each with
what it means, without values. The meaning of a vector is a softmax fitted to all of them (three minutes on one core).
"""

import argparse
from pathlib import Path

import numpy as np
import regex

from app.guardrails import support
from app.guardrails.segments import Segmenter
from app.language.registry import LAUNCH
from app.retrieval.encoder import shared
from app.wording import read_catalogue
from bench.fabrication import DATA, read_sentences

SCORED = ("fabrication", "fabrication_unseen", "fabrication_unseen2")
LOCALE = Path(support.__file__).parents[1] / "locale"
OF_CODE = {
    "w2": "unshipped", "w3": "amount", "h1": "shipped", "h2": "delivered", "h4": "refunded", "h15": "out",
    "h23": "customs", "h24": "failed", "h10": "promise", "h11": "promise", "h20": "promise", "h13": "promise",
}  # fmt: skip
OF_LETTER = {
    "w": "waiting", "s": "shipped", "d": "delivered", "r": "refunded", "c": "cancelled", "p": "policy", "g": "courtesy",
    "h": "promise",
}  # fmt: skip
COURTESY = frozenset({
    "greeting", "greeting_short", "thanks_reply", "bye", "who_are_you", "ok_ack", "ask_order_number", "ask_proof",
    "ask_contact", "proof_ok", "proof_failed", "which_order", "order_not_found", "orders_none", "sorry_not_understood",
    "sorry_technical", "topics_offer", "out_of_scope", "which_item", "which_variant", "ask_new_address",
    "which_payment_method", "which_problem", "confirm_hint",
})  # fmt: skip
OF_KEY = {
    "order_waiting_stock": "waiting", "why_restock": "waiting", "ship_expected": "unshipped", "ship_late": "unshipped",
    "ship_unknown": "unshipped", "order_processing": "processing", "order_pending_payment": "payment_pending",
    "delivery_expected": "shipped", "shipment_carrier": "shipped", "parcel_line": "shipped",
    "parcel_expected": "shipped", "delivered_on": "delivered", "parcel_delivered": "delivered",
    "refund_paid": "refunded", "refund_paid_on": "refunded", "order_returned": "returned",
    "order_in_customs": "customs", "order_out_for_delivery": "out", "order_delivery_failed": "failed",
    "order_shipped": "shipped", "order_delivered": "delivered", "order_cancelled": "cancelled",
}  # fmt: skip
DEEDS = ("done_", "handoff", "agent_has", "requested", "already_done", "declined", "busy", "attachment")
PLAIN_POLICIES = frozenset({"returns", "refunds", "cancellation"})
CATALOGUE_WEIGHT = 0.3
RIDGE = 1e-4
STEPS = 600


def meaning_of_key(key: str) -> str:
    if key in COURTESY:
        return "courtesy"
    if key.startswith("policy_summary_"):
        policy = key.removeprefix("policy_summary_").replace("_", "-")
        return "policy" if policy in PLAIN_POLICIES else f"policy:{policy}"
    if key.startswith(DEEDS):
        return "promise"
    return OF_KEY.get(key) or OF_KEY.get(key.removesuffix("_on")) or "other"


def read_lines(without: str | None) -> list[tuple[str, str, str, float]]:
    """Language, meaning, skeleton and weight of every line."""
    lines: dict[tuple[str, str], tuple[str, float]] = {}
    for language in LAUNCH:
        for key, forms in read_catalogue(LOCALE / language / "replies.po").texts.items():
            if key.startswith("topic_") or key in ("days", "hours", "months"):
                continue
            for part in cut(forms[0]):
                lines.setdefault((language, fill(part, language)), (meaning_of_key(key), CATALOGUE_WEIGHT))
    for batch in SCORED:
        if batch == without:
            continue
        for language, sentences in read_sentences(DATA.with_name(f"{batch}.tsv")).items():
            for code, sentence in sentences.items():
                meaning = OF_CODE.get(code) or OF_LETTER[code[0]]
                lines[language, fill(sentence, language)] = (meaning, 1.0)
                if meaning != "promise":  # a true sentence may be shown in parts, each of which must be known
                    for part in cut(sentence.replace("{n}", "#12345")):
                        lines.setdefault((language, fill(part, language)), (meaning, 1.0))
    return [(language, meaning, text, weight) for (language, text), (meaning, weight) in lines.items() if text]


def cut(text: str) -> list[str]:
    """The segments in which a text is verified and shown."""
    segmenter = Segmenter()
    return [*segmenter.feed(text), *segmenter.flush()]


def fill(sentence: str, language: str) -> str:
    return " ".join(support.strip(regex.sub(r"\{\w+\}", "0", sentence), language).split())


def fit(vectors: np.ndarray, labels: np.ndarray, kinds: int, weights: np.ndarray) -> np.ndarray:
    """A softmax by gradient descent with momentum (Adam), with a ridge on all but the constant."""
    rows = np.hstack([vectors, np.ones((len(vectors), 1))])
    aim = np.eye(kinds)[labels]
    found, mean, square = (np.zeros((rows.shape[1], kinds)) for _ in range(3))
    ridge = np.vstack([np.full((rows.shape[1] - 1, kinds), RIDGE), np.zeros((1, kinds))])
    for step in range(1, STEPS + 1):
        scores = rows @ found
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        off = (odds / odds.sum(axis=1, keepdims=True) - aim) * weights[:, None]
        slope = rows.T @ off / weights.sum() + ridge * found
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        found -= 0.1 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without", choices=SCORED, help="leave a batch out, to measure on it")
    parser.add_argument("--out", type=Path, default=support.FOLDER)
    options = parser.parse_args()
    lines = read_lines(options.without)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "meanings.tsv").open("w", encoding="utf-8") as file:
        file.writelines(f"{language}\t{meaning}\t{text}\n" for language, meaning, text, _ in lines)
    encoder = shared()
    if encoder is None:
        raise SystemExit("there is no encoder on this machine")
    names = sorted({meaning for _, meaning, _, _ in lines})
    vectors = np.stack([encoder.line(text, language) for language, _, text, _ in lines])
    labels = np.array([names.index(meaning) for _, meaning, _, _ in lines])
    weights = fit(vectors, labels, len(names), np.array([weight for *_, weight in lines]))
    np.savez_compressed(options.out / "meanings.npz", names=np.array(names), weights=weights.astype(np.float16))
    print(f"{len(lines)} lines, {len(names)} meanings")


if __name__ == "__main__":
    main()
