"""What the lines of a label have in common: one direction a label, where its own variety counts little.

Lines of one label differ in mood, length and detail; neighbouring labels ("how long", "how much" of the same policy)
differ in little. Directions in which lines of the same label vary are therefore shrunk (within-class whitening) before
the labels' means are compared with a question. Nothing is trained: it is computed from the lines of the index.
"""

import numpy as np
from numpy.typing import NDArray

from app.retrieval.lexical import Vector

SHRINKAGE = 1.0
"""Added to each direction's variance, in units of the mean one: how far whitening is trusted."""


class Topics:
    """Cosine similarity of a question to each label's mean, in the whitened space."""

    def __init__(self, vectors: Vector, owner: NDArray[np.int64]) -> None:
        order = np.argsort(owner, kind="stable")
        starts = np.searchsorted(owner[order], np.arange(owner.max() + 1))
        sums = np.add.reduceat(vectors[order], starts)
        means = np.asarray(sums / np.bincount(owner)[:, None], dtype=np.float32)
        self._whiten = _find_whitening(vectors - means[owner])
        lines = _to_units(vectors @ self._whiten)
        self._directions = _to_units(np.add.reduceat(lines[order], starts)) @ self._whiten.T

    def score(self, question: Vector) -> Vector:
        """Of every label, in [-1, 1]."""
        length = float(np.linalg.norm(question @ self._whiten)) or 1.0
        return np.asarray(self._directions @ question / length, dtype=np.float32)


def _find_whitening(rest: Vector) -> Vector:
    scatter = (rest.T @ rest / len(rest)).astype(np.float64)
    mean = float(np.trace(scatter)) / len(scatter)
    if mean < 1e-9:  # one line a label: nothing varies
        return np.eye(len(scatter), dtype=np.float32)
    values, axes = np.linalg.eigh(scatter / mean + SHRINKAGE * np.eye(len(scatter)))
    return np.asarray((axes / np.sqrt(values)) @ axes.T, dtype=np.float32)


def _to_units(rows: Vector) -> Vector:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)
