"""The lexical voice: TF-IDF over words and character n-grams. Sure about near-repetitions, in every script."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.retrieval.text import ngrams, normalise

Vector = NDArray[np.float32]


class Lexical:
    """TF-IDF over character n-grams and words, cosine similarity, as posting lists in numpy arrays."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        counts = [Counter(ngrams(normalise(text))) for text in texts]
        spread: Counter[str] = Counter()
        for count in counts:
            spread.update(count.keys())
        self._idf = {gram: float(np.log((1 + self._size) / (1 + n)) + 1) for gram, n in spread.items()}
        lists: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for gram, weight in self._weigh(count).items():
                lists[gram].append((number, weight))
        self._postings = {
            gram: (np.array([n for n, _ in pairs], dtype=np.int32), np.array([w for _, w in pairs], dtype=np.float32))
            for gram, pairs in lists.items()
        }

    def _weigh(self, counts: Counter[str]) -> dict[str, float]:
        weights = {g: (1 + float(np.log(n))) * self._idf.get(g, 1.0) for g, n in counts.items()}
        length = sum(w * w for w in weights.values()) ** 0.5 or 1.0
        return {gram: weight / length for gram, weight in weights.items()}

    def score(self, text: str) -> Vector:
        """Cosine similarity to every text of the index, in [0, 1]."""
        scores = np.zeros(self._size, dtype=np.float32)
        for gram, weight in self._weigh(Counter(ngrams(normalise(text)))).items():
            posting = self._postings.get(gram)
            if posting is not None:
                scores[posting[0]] += weight * posting[1]
        return np.clip(scores, 0.0, 1.0)
