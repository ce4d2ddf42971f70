"""Figures from results: rates with intervals, by language, by situation, together; times; causes of failures."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.evaluation.intervals import clopper_pearson, percentile, wilson
from app.evaluation.results import Result


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many, with a 95 % interval; exact where it should be zero."""

    right: int
    total: int
    exact: bool = False

    @property
    def share(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return (clopper_pearson if self.exact else wilson)(self.right, self.total)

    def describe(self) -> dict[str, Any]:
        low, high = self.interval
        interval = [round(low, 4), round(high, 4)]
        return {"count": self.right, "of": self.total, "rate": round(self.share, 4), "interval": interval}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of results comes to."""

    resolution: Rate
    language: Rate
    """Replies wholly in the language."""
    fabrication: Rate
    """Scenarios in which at least one fact was invented."""
    fabricated: int
    """Invented facts."""
    forbidden: Rate
    """Scenarios with a write that nobody expected."""
    handoff_precision: Rate
    """Of the hand-offs, those that were expected."""
    handoff_recall: Rate
    turns: tuple[float, ...]
    """Seconds of every reply."""
    pass_k: Rate
    """Scenarios that were resolved in each of their runs."""
    k: int

    def describe(self) -> dict[str, Any]:
        """Plain data; times in seconds."""
        rates = ("resolution", "language", "fabrication", "forbidden", "handoff_precision", "handoff_recall")
        return {
            **{name: getattr(self, name).describe() for name in rates},
            "fabricated_facts": self.fabricated,
            "pass_k": {"k": self.k, **self.pass_k.describe()},
            "seconds": {f"p{round(100 * p)}": round(percentile(self.turns, p), 3) for p in (0.5, 0.9, 0.99)},
            "replies": len(self.turns),
        }


def count(results: Sequence[Result]) -> Figures:
    handed = [r for r in results if r.handed_off]
    expected = [r for r in results if r.handoff_expected]
    runs: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for result in results:
        runs[result.situation, result.language].append(result.resolved)
    return Figures(
        resolution=Rate(sum(r.resolved for r in results), len(results)),
        language=Rate(sum(r.right_language for r in results), sum(r.replies for r in results)),
        fabrication=Rate(sum(r.fabricated > 0 for r in results), len(results), exact=True),
        fabricated=sum(r.fabricated for r in results),
        forbidden=Rate(sum(r.forbidden > 0 for r in results), len(results), exact=True),
        handoff_precision=Rate(sum(r.handoff_expected for r in handed), len(handed)),
        handoff_recall=Rate(sum(r.handed_off for r in expected), len(expected)),
        turns=tuple(float(e["seconds"]) for r in results for e in r.exchanges),
        pass_k=Rate(sum(all(each) for each in runs.values()), len(runs)),
        k=max((len(each) for each in runs.values()), default=0),
    )


def count_by(results: Sequence[Result], key: Callable[[Result], str]) -> dict[str, Figures]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[key(result)].append(result)
    return {name: count(group) for name, group in groups.items()}


def count_causes(results: Sequence[Result]) -> Counter[str]:
    """How many failed scenarios have a finding of each kind."""
    return Counter(kind for r in results for kind in dict.fromkeys(f["kind"] for f in r.findings))


def describe(results: Sequence[Result], **about: Any) -> dict[str, Any]:
    """The whole evaluation as plain data, without the transcripts."""
    return {
        **about,
        "scenarios": len(results),
        "all": count(results).describe(),
        "causes": dict(count_causes(results).most_common()),
        "languages": {name: f.describe() for name, f in count_by(results, lambda r: r.language).items()},
        "situations": {name: f.describe() for name, f in count_by(results, lambda r: r.situation).items()},
        "failed": [
            {
                "situation": r.situation,
                "language": r.language,
                "run": r.run,
                "findings": [f["text"] for f in r.findings],
            }
            for r in results
            if not r.resolved
        ],
    }
