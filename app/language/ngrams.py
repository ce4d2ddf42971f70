"""A small byte n-gram identifier for the languages that share a script, distilled from py3langid's model.

Owns reading ``ngrams.bin`` (written by ``bench/distil_langid.py``; licence in ``ngrams.LICENSE``) and scoring with
it. Leaves weighing the scores to ``vote``.
"""

import json
import math
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_FLOOR = -6.0
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class _Model:
    languages: tuple[str, ...]
    step: float
    levels: dict[bytes, bytes]
    """N-gram to one level a language; a level is ``step`` of natural log-probability."""


@lru_cache(maxsize=1)
def load_model() -> _Model:
    """Read ``ngrams.bin``: a JSON header line, then length, n-gram and levels of each."""
    header, _, body = zlib.decompress(files("app.language").joinpath("ngrams.bin").read_bytes()).partition(b"\n")
    facts = json.loads(header)
    width, levels, at = len(facts["languages"]), {}, 0
    while at < len(body):
        end = at + 1 + body[at]
        levels[body[at + 1 : end]] = body[end : end + width]
        at = end + width
    return _Model(tuple(facts["languages"]), facts["step"], levels)


def rank(text: str) -> dict[str, float]:
    """Log-odds of each language to the best one, 0 down to -6, for lower-case words; empty if nothing is known.

    At each byte the longest n-gram that ends there counts, repeated ones by the logarithm of their number, and
    the sum is divided by the root of the length (as py3langid does to keep its probabilities honest).
    """
    model = load_model()
    data = b" " + text.encode("utf-8", "replace") + b" "
    found = Counter(_find(data, model.levels))
    if not found:
        return {}
    once = [levels for levels, count in found.items() if count == 1]
    totals = (
        [math.log(2) * value for value in map(sum, zip(*once, strict=True))] if once else [0.0] * len(model.languages)
    )
    for levels, count in found.items():
        if count > 1:
            totals = [total + math.log1p(count) * level for total, level in zip(totals, levels, strict=True)]
    scale = model.step / math.sqrt(len(data))
    best = max(totals)
    return {
        language: max(_FLOOR, (total - best) * scale) for language, total in zip(model.languages, totals, strict=True)
    }


def _find(data: bytes, known: dict[bytes, bytes]) -> list[bytes]:
    found = []
    for end in range(2, len(data) + 1):
        for start in range(max(0, end - _LONGEST), end - 1):
            levels = known.get(data[start:end])
            if levels is not None:
                found.append(levels)
                break
    return found
