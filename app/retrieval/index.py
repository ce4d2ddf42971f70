"""Ranks labelled lines for a text: nearest lines by meaning and lexical repetition, one score a label."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread

import numpy as np

from app.retrieval.encoder import Encoder
from app.retrieval.lexical import Lexical, Vector

NEIGHBOURS = 3
"""Lines of a label whose similarity to the text is averaged: one alone may be near by accident."""

LEXICAL_SHARE = 0.5
"""Weight of the squared lexical similarity next to the encoder's: only near-repetitions count."""

EXACT = 0.97
"""Lexical similarity of a repeated line, which needs no encoder: "ok", "thanks", a button's text."""

AT_ONCE = 16
"""Lines without a shipped vector that are computed while the index is made; more follow in the background."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a bank and what it stands for."""

    text: str
    language: str
    label: str


class Index:
    """Ranks the labels of a bank for a text. Without an encoder the lexical voice speaks alone."""

    def __init__(self, entries: Sequence[Entry], encoder: Encoder | None = None) -> None:
        self.entries = tuple(entries)
        self.labels = tuple(dict.fromkeys(entry.label for entry in entries))
        position = {label: number for number, label in enumerate(self.labels)}
        self._owner = np.array([position[entry.label] for entry in self.entries], dtype=np.int64)
        self._order = np.argsort(self._owner, kind="stable")
        self._starts = np.searchsorted(self._owner[self._order], np.arange(len(self.labels)))
        self._lexical = Lexical([entry.text for entry in self.entries])
        self._encoder = encoder
        self._vectors: Vector | None = None
        self._worker: Thread | None = None
        if encoder is not None and self.entries:
            self._encode(encoder)

    def rank(self, text: str, limit: int = 5, language: str = "") -> list[tuple[str, float]]:
        """The best labels, best first; equal ones in the bank's order.

        Scores are between 0 and 1 without an encoder, else between 0 and 1 + ``LEXICAL_SHARE``.
        """
        if not self.entries:
            return []
        scores = self._best(self._lexical.score(text))
        if self._encoder is not None and self._vectors is not None and scores.max() >= EXACT:
            scores = scores + LEXICAL_SHARE * scores**2
        elif self._encoder is not None and self._vectors is not None and text.strip():
            question = self._encoder.question(text, language)
            near = np.maximum(self._mean_of_best(self._vectors @ question), 0.0)
            scores = near + LEXICAL_SHARE * scores**2
        order = np.argsort(-scores, kind="stable")[:limit]
        return [(self.labels[i], float(scores[i])) for i in order]

    def wait(self) -> None:
        """Return when every line has its vector."""
        if self._worker is not None:
            self._worker.join()

    def _encode(self, encoder: Encoder) -> None:
        """Vectors of all lines; zeros, which are near to nothing, stand for those that are still being computed."""
        missing = [number for number, entry in enumerate(self.entries) if not encoder.has(entry.text)]
        later = set(missing[AT_ONCE:])
        lines = [
            np.zeros(encoder.size, np.float32) if number in later else encoder.line(entry.text, entry.language)
            for number, entry in enumerate(self.entries)
        ]
        self._vectors = np.stack(lines)
        if later:
            self._worker = Thread(target=self._complete, args=(encoder, sorted(later)), daemon=True)
            self._worker.start()

    def _complete(self, encoder: Encoder, missing: list[int]) -> None:
        assert self._vectors is not None  # noqa: S101 - set before the thread starts
        for number in missing:
            entry = self.entries[number]
            self._vectors[number] = encoder.line(entry.text, entry.language)

    def _best(self, scores: Vector) -> Vector:
        """The best line of each label."""
        return np.maximum.reduceat(scores[self._order], self._starts)

    def _mean_of_best(self, scores: Vector) -> Vector:
        """The mean of each label's ``NEIGHBOURS`` best lines, or of all if it has fewer."""
        ordered = scores[self._order]
        ends = [*self._starts[1:], len(ordered)]
        return np.array(
            [np.sort(ordered[a:b])[-NEIGHBOURS:].mean() for a, b in zip(self._starts, ends, strict=True)],
            dtype=np.float32,
        )
