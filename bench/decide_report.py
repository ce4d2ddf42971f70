"""What ``bench.decide`` collected: the index, the model and both together, with 95 % intervals by situation.

*Both* is a softmax over the tools with three weights, fitted on the lines to fit with: the index's score, whether the
index and the rules over it choose the tool, and the logarithm of the model's probability.
"""

import statistics
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.tools import TOOLS
from bench.decide_cases import Asked, name_of

Told = dict[str, float]
FLOOR = -12.0
"""The logarithm of the probability of a tool that is not among the most probable tokens."""


NAMES = tuple(sorted({name_of(tool.name) for tool in TOOLS} - {"ask_for_order"}))


def find_means(asked: Sequence[Asked]) -> Told:
    """How probable the model finds each tool whatever the message: its liking for a letter."""
    return {name: statistics.mean(a.said.get(name, FLOOR) for a in asked) for name in NAMES}


def features(asked: Asked, means: Told) -> NDArray[np.float64]:
    """A row a tool: the index's score, whether it and its rules choose it, the model's voice."""
    lowest = min(asked.case.scores.values(), default=0.0)
    return np.array(
        [
            (
                asked.case.scores.get(name, lowest),
                float(name == asked.case.index),
                asked.said.get(name, FLOOR) - means.get(name, 0.0),
            )
            for name in NAMES
        ]
    )


def fit(asked: Sequence[Asked], means: Told, used: Sequence[int]) -> NDArray[np.float64]:
    """Weights of the features ``used``: a softmax over the tools, slightly shrunk."""
    rows = [(features(a, means), [NAMES.index(n) for n in a.case.wanted if n in NAMES]) for a in asked]
    weights = np.zeros(3)
    mask = np.array([n in used for n in range(3)], dtype=float)
    for _ in range(4000):
        slope = -0.02 * weights
        for row, right in rows:
            if not right:
                continue
            share = np.exp(row @ weights - (row @ weights).max())
            share /= share.sum()
            good = share[right] / share[right].sum()
            slope += (good @ row[right] - share @ row) / len(rows)
        weights += 0.3 * mask * slope
    return weights


def is_right(asked: Asked, weights: NDArray[np.float64], means: Told) -> bool:
    return NAMES[int(np.argmax(features(asked, means) @ weights))] in asked.case.wanted


def draw_interval(values: Mapping[str, list[float]], draws: int = 2000) -> tuple[float, float]:
    """95 % interval of the mean of all values; whole groups are drawn."""
    random_state = np.random.default_rng(5)
    sums = np.array([(sum(v), len(v)) for v in values.values()])
    picks = random_state.integers(0, len(sums), (draws, len(sums)))
    drawn = sums[picks].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], (2.5, 97.5))
    return float(low), float(high)


def report(asked: Sequence[Asked]) -> None:
    known = [a for a in asked if a.case.part == "fit"]
    for part in ("fit", "score"):
        some = [a for a in asked if a.case.part == part]
        print(
            f"\n{part}: {len(some)} lines, {len({a.case.group for a in some})} groups; seconds a call: "
            f"median {statistics.median(a.seconds for a in some):.2f}, "
            f"p90 {sorted(a.seconds for a in some)[int(0.9 * len(some))]:.2f}"
        )
        base = {id(a): a.case.index in a.case.wanted for a in some}
        means, none = find_means(known), dict.fromkeys(NAMES, 0.0)
        methods = {"index": base}
        for name, used, which in (
            ("model", (2,), none),
            ("model, centred", (2,), means),
            ("index scores, refitted", (0, 1), none),
            ("both", (0, 1, 2), none),
            ("both, model centred", (0, 1, 2), means),
        ):
            weights = fit(known, which, used)
            methods[f"{name} {np.round(weights, 2).tolist()}"] = {id(a): is_right(a, weights, which) for a in some}
        for k in (3, 4):
            methods[f"model among the index's {k}"] = {id(a): pick_among(a, k, means) in a.case.wanted for a in some}
        for name, right in methods.items():
            shares: dict[str, list[float]] = {}
            gains: dict[str, list[float]] = {}
            for a in some:
                shares.setdefault(a.case.group, []).append(right[id(a)])
                gains.setdefault(a.case.group, []).append(right[id(a)] - base[id(a)])
            low, high = draw_interval(shares)
            less, more = draw_interval(gains)
            mean = statistics.mean(right.values())
            gain = mean - statistics.mean(base.values())
            print(f"{name:60} {mean:6.1%} ({low:.1%} to {high:.1%})  gain {gain:+.1%} ({less:+.1%} to {more:+.1%})")


def pick_among(asked: Asked, count: int, means: Told) -> str:
    scores = {n: s for n, s in asked.case.scores.items() if n in NAMES}
    near = sorted(scores, key=lambda name: -scores[name])[:count]
    return max(near, key=lambda name: asked.said.get(name, FLOOR) - means[name])
