"""Distils py3langid's model into ``app/language/ngrams.bin``, once, when that package is updated.

    python -m bench.distil_langid

py3langid (BSD-3-Clause) loads 68 MB of byte n-grams of 140 languages in a second. Of these the vote needs only the
ones that tell apart the languages sharing a script, in lower case: a hundredth of the memory, loaded in milliseconds.
"""

import json
import zlib
from collections import deque
from pathlib import Path

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE
from py3langid.modelio import load_model

from app.language.vote import CONTESTED

OUT = Path("app/language/ngrams.bin")
LANGUAGES = [language for group in CONTESTED.values() for language in group]
LANGID_CODES = {"fil": "tl"}
# Log-probabilities (natural) span -14.8 to -4.7: a byte each, in steps of a 25th.
LOWEST, STEP = -15.0, 0.04
# An n-gram that none of the languages uses differs between them by their smoothing alone, at most 0.6.
LEAST_SPREAD = 1.5


def main() -> None:
    """Write the n-grams that distinguish, with one byte of log-probability a language."""
    table, _, classes, next_states, rows, outputs = load_model(MODEL_DIR / MODEL_FILE)
    columns = [classes.index(LANGID_CODES.get(language, language)) for language in LANGUAGES]
    values = np.asarray(table)[:, columns].astype(float)
    records = []
    for state, ngram in _read_states(np.array(next_states).reshape(-1, 256), rows).items():
        feature = outputs[state]
        if feature < 0 or np.ptp(values[feature]) < LEAST_SPREAD or not _may_occur(ngram):
            continue
        levels = np.clip(np.round((values[feature] - LOWEST) / STEP), 0, 255).astype(np.uint8)
        records.append((ngram, levels.tobytes()))
    header = json.dumps({"languages": LANGUAGES, "step": STEP, "source": "py3langid 0.4.0, BSD-3-Clause"}).encode()
    body = b"".join(bytes([len(ngram)]) + ngram + levels for ngram, levels in sorted(records))
    OUT.write_bytes(zlib.compress(header + b"\n" + body, 9))
    print(f"{len(records)} n-grams, {OUT.stat().st_size} bytes -> {OUT}")


def _read_states(next_states: np.ndarray, rows: list[int]) -> dict[int, bytes]:
    """The n-gram of each automaton state: the shortest way to it."""
    ngrams, queue = {0: b""}, deque([0])
    while queue:
        state = queue.popleft()
        for byte, target in enumerate(next_states[rows[state]].tolist()):
            if target not in ngrams:
                ngrams[target] = ngrams[state] + bytes([byte])
                queue.append(target)
    return ngrams


def _may_occur(ngram: bytes) -> bool:
    """Whether it can occur in lower-case words joined by spaces."""
    return all(byte in b" '" or 97 <= byte <= 122 or byte >= 128 for byte in ngram)


if __name__ == "__main__":
    main()
