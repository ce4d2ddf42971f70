"""Computes the vectors that the package ships: ``python -m bench.vectors`` (about two minutes on one core).

Run it after the bank of intents or a shipped policy's examples changed; without it those lines are computed at start.
"""

from pathlib import Path

import numpy as np

from app.intents import read_bank
from app.policies.folder import read_folder
from app.policies.selection import make_entries
from app.retrieval import Entry
from app.retrieval.encoder import SIZE, VECTORS, encode, hash_text, load_model, shorten
from app.retrieval.spelling import count_syllables, expand

WORDS = VECTORS.with_name("vietnamese.txt")
"""Common words of shopping, one to four syllables a line, for the speller."""
POLICIES = Path(__file__).resolve().parent.parent / "policies"


def known() -> dict[int, np.ndarray]:
    """Vectors of the file that is there, so that only new lines are computed."""
    if not VECTORS.exists():
        return {}
    with np.load(VECTORS) as data:
        return {int(key): row for key, row in zip(data["keys"], data["data"], strict=True)}


def main() -> None:
    entries: list[Entry] = [*read_bank(), *make_entries(read_folder(POLICIES)[0])]
    lines = {hash_text(e.text): e for e in entries}
    rows = known()
    missing = [key for key in lines if key not in rows]
    model = load_model() if missing else None
    for start in range(0, len(missing), 64):
        part = missing[start : start + 64]
        vectors = encode(model, [shorten(expand(lines[key].text, lines[key].language)) for key in part])
        for key, vector in zip(part, vectors, strict=True):
            rows[key] = np.round(vector / np.abs(vector).max() * 127).astype(np.int8)
    keys = sorted(lines)
    data = np.stack([rows[key] for key in keys])
    units = {
        key: (row / np.linalg.norm(row)).astype(np.float32) for key, row in zip(keys, data.astype(float), strict=True)
    }
    languages = sorted({e.language for e in entries})
    means = [np.mean([units[hash_text(e.text)] for e in entries if e.language == tag], axis=0) for tag in languages]
    syllables, pairs = count_syllables(
        [e.text for e in entries if e.language == "vi"] + WORDS.read_text(encoding="utf-8").splitlines()
    )
    np.savez_compressed(
        VECTORS,
        keys=np.array(keys, dtype=np.uint64),
        data=data,
        languages=np.array(languages),
        means=np.array(means, dtype=np.float16),
        syllables=np.array(list(syllables.items())),
        pairs=np.array([(a, b, n) for (a, b), n in pairs.items()]),
    )
    print(f"{len(keys)} lines of {SIZE} numbers, {len(missing)} of them new, {VECTORS.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
