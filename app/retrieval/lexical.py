"""The lexical voice: TF-IDF over words and character n-grams. Sure about near-repetitions, in every script."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from app.retrieval.text import ngrams, normalise

Vector = NDArray[np.float32]


@lru_cache(maxsize=16384)
def count_features(text: str) -> Counter[str]:
    """The features of a text and how often it has them. Kept, because several indexes hold the same lines."""
    return Counter(ngrams(normalise(text)))


class Lexical:
    """TF-IDF over character n-grams and words, cosine similarity, as posting lists in flat arrays."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._ids: dict[str, int] = {}
        lines, grams, counts = [], [], []
        for number, text in enumerate(texts):
            for gram, count in count_features(text).items():
                lines.append(number)
                grams.append(self._ids.setdefault(gram, len(self._ids)))
                counts.append(count)
        gram_of = np.array(grams, dtype=np.int64)
        spread = np.bincount(gram_of, minlength=len(self._ids))
        self._idf = np.log((1 + self._size) / (1 + spread)) + 1
        weights = (1 + np.log(np.array(counts, dtype=np.float64))) * self._idf[gram_of]
        line_of = np.array(lines, dtype=np.int64)
        lengths = np.sqrt(np.bincount(line_of, weights**2, minlength=self._size))
        order = np.argsort(gram_of, kind="stable")
        self._lines = line_of[order]
        self._weights = (weights / lengths[line_of])[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(spread)])

    def score(self, text: str) -> Vector:
        """Cosine similarity to every text of the index, in [0, 1]."""
        scores = np.zeros(self._size, dtype=np.float32)
        counts = count_features(text)
        weights = {g: (1 + log(n)) * (self._idf[self._ids[g]] if g in self._ids else 1.0) for g, n in counts.items()}
        length = sum(weight * weight for weight in weights.values()) ** 0.5 or 1.0
        for gram, weight in weights.items():
            number = self._ids.get(gram)
            if number is not None:
                span = slice(self._starts[number], self._starts[number + 1])
                scores[self._lines[span]] += weight / length * self._weights[span]
        return np.clip(scores, 0.0, 1.0)
