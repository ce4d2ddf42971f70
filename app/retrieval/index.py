"""Ranks labelled lines for a text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.retrieval.lexical import Lexical, Vector


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a bank and what it stands for."""

    text: str
    language: str
    label: str


class Index:
    """Ranks the labels of a bank for a text."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self.labels = tuple(dict.fromkeys(entry.label for entry in entries))
        position = {label: number for number, label in enumerate(self.labels)}
        self._label_of = np.array([position[entry.label] for entry in self.entries], dtype=np.int64)
        self._lexical = Lexical([entry.text for entry in self.entries])

    def rank(self, text: str, limit: int = 5) -> list[tuple[str, float]]:
        """The best labels with scores between 0 and 1, best first; equal scores in the bank's order."""
        if not self.entries:
            return []
        scores = self._by_label(self._lexical.score(text))
        order = np.argsort(-scores, kind="stable")[:limit]
        return [(self.labels[i], float(scores[i])) for i in order]

    def _by_label(self, scores: Vector) -> Vector:
        """The best entry of each label."""
        best = np.zeros(len(self.labels), dtype=np.float32)
        np.maximum.at(best, self._label_of, scores)
        return best
