"""How far a rate can be trusted: Wilson's and Clopper and Pearson's 95 % intervals, and percentiles."""

import math
from collections.abc import Callable, Sequence

Z95 = 1.959964
_ALPHA = 0.05
_STEPS = 60


def wilson(right: int, total: int) -> tuple[float, float]:
    """Good for rates in the middle; (0, 1) without observations."""
    if not total:
        return 0.0, 1.0
    share, square = right / total, Z95**2 / total
    middle = (share + square / 2) / (1 + square)
    half = Z95 * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def clopper_pearson(right: int, total: int) -> tuple[float, float]:
    """Exact, never too narrow: for counts that should be zero. (0, 1) without observations."""
    if not total:
        return 0.0, 1.0
    low = 0.0 if right == 0 else _solve(lambda p: 1 - _at_most(right - 1, total, p) - _ALPHA / 2)
    high = 1.0 if right == total else _solve(lambda p: _ALPHA / 2 - _at_most(right, total, p))
    return low, high


def _at_most(most: int, total: int, share: float) -> float:
    """The probability of at most so many of ``total``."""
    return math.fsum(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(most + 1))


def _solve(rises: Callable[[float], float]) -> float:
    """Where a rising function of a probability crosses zero."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
