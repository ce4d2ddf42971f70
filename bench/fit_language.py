"""Fits the weights of the language vote (``app/language/weights.json``) on labelled lines, and cross-validates.

    python -m bench.fit_language LINES.tsv [--out app/language/weights.json]

The file has a header and the columns ``lang`` and ``text``. Only lines of scripts that several languages share
take part; a line with two labels (``ms|id``) takes part in neither fit. Every language weighs the same. Every
line takes part twice, once with the noise of ``bench.noise``. Lines go
to folds by the CRC-32 of their text, so that ``kaunter language eval --cross-validated`` can score each line with
weights that never saw it.
"""

import argparse
import csv
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.language.cleaning import read_words
from app.language.evaluation import fold_of
from app.language.registry import find
from app.language.scripts import count_scripts, main_script
from app.language.vote import CONTESTED, FOLDS, features
from bench.noise import add_noise

# A bias may only lean: its scale is a third of a feature's, so the shrinkage below acts ten times as strongly.
BIAS_SCALE = 0.3
SHRINKAGE = 1e-3
STEPS = 400
NOISE_SEED = 7


@dataclass(frozen=True)
class Line:
    """One training line: its language's position among those of its script, features by language, fold."""

    target: int
    language: str
    values: list[dict[str, float]]
    fold: int


def read_lines(path: Path) -> list[Line]:
    """The contested lines of a labelled file, each as it is and once with noise, with their features."""
    lines = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            language = find(row["lang"])
            group = CONTESTED.get(main_script(count_scripts(row["text"])), ())
            if language is None or language.code not in group:
                continue
            for text in (row["text"], add_noise(row["text"], NOISE_SEED)):
                values = features(read_words(text), group)
                lines.append(Line(group.index(language.code), language.code, values, fold_of(row["text"])))
    return lines


def fit(lines: list[Line], names: list[str]) -> dict[str, float]:
    """Weights of a multinomial logistic model, every language weighing the same (Adam, full batch)."""
    width = max(map(len, CONTESTED.values()))
    inputs = np.zeros((len(lines), width, len(names)))
    allowed = np.zeros((len(lines), width), bool)
    for row, line in enumerate(lines):
        allowed[row, : len(line.values)] = True
        for column, values in enumerate(line.values):
            for name, value in values.items():
                inputs[row, column, names.index(name)] = value
    scale = np.array([BIAS_SCALE if name.startswith("is_") else 1.0 for name in names])
    inputs *= scale
    targets = np.array([line.target for line in lines])
    counts = Counter(line.language for line in lines)
    importance = np.array([1 / counts[line.language] for line in lines])
    importance /= importance.sum()
    trusted = np.array([not name.startswith(("is_", "malay")) and not name.endswith("_absent") for name in names])
    weights = _descend(inputs, allowed, targets, importance, trusted) * scale
    return {name: round(float(value), 4) for name, value in zip(names, weights, strict=True)}


def _descend(
    inputs: np.ndarray, allowed: np.ndarray, targets: np.ndarray, importance: np.ndarray, trusted: np.ndarray
) -> np.ndarray:
    """Weights; those of ``trusted`` evidence never fall below 0: a voice may be ignored, not contradicted."""
    weights, momentum, spread = (np.zeros(inputs.shape[2]) for _ in range(3))
    for step in range(1, STEPS + 1):
        scores = np.where(allowed, inputs @ weights, -np.inf)
        shares = np.exp(scores - scores.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        shares[np.arange(len(targets)), targets] -= 1
        gradient = np.einsum("ij,ijk,i->k", shares, inputs, importance) + SHRINKAGE * weights
        momentum = 0.9 * momentum + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        rate = 0.1 if step <= 0.75 * STEPS else 0.01
        weights -= rate * (momentum / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
        weights = np.where(trusted, np.maximum(weights, 0.0), weights)
    return weights


def main() -> None:
    """Fit on everything and on everything but each fold; write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--out", type=Path, default=Path("app/language/weights.json"))
    arguments = parser.parse_args()
    lines = read_lines(arguments.lines)
    names = sorted({name for line in lines for values in line.values for name in values})
    stored = {
        "fitted": f"{datetime.now(UTC):%Y-%m-%d}, {len(lines)} lines of {arguments.lines.name}, bench/fit_language.py",
        "provenance": "public short lines in 30 languages (interface strings, dialogues, Tatoeba); none is kept here",
        "weights": fit(lines, names),
        "folds": [fit([line for line in lines if line.fold != fold], names) for fold in range(1, FOLDS + 1)],
    }
    arguments.out.write_text(json.dumps(stored, indent=1) + "\n")
    print(f"{len(lines)} lines, {len(names)} weights -> {arguments.out}")


if __name__ == "__main__":
    main()
