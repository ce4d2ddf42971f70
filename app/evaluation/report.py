"""The report: one HTML file with heat maps, plots and every transcript with its evidence; it asks nothing of anybody.

Owns what is shown. The page's structure and looks are in ``report.html.j2``, whose environment escapes everything.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from babel import Locale
from jinja2 import Environment, StrictUndefined

from app.evaluation.figures import Figures, count, count_by, count_causes
from app.evaluation.intervals import percentile
from app.evaluation.results import Result

BINS = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a heat map: ``level`` from 0 (bad) to 1 (good), None where there is nothing to say."""

    text: str
    level: float | None
    target: str = ""


@dataclass(frozen=True, slots=True)
class HeatMap:
    id: str
    title: str
    hint: str
    rows: dict[str, list[Cell]]


def write_report(results: Sequence[Result], figures: dict[str, Any]) -> str:
    """The page as text."""
    languages = sorted({r.language for r in results})
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("app.evaluation").joinpath("report.html.j2").read_text(encoding="utf-8"))
    by_language = count_by(results, lambda r: r.language)
    ordered = sorted(results, key=lambda r: (r.resolved, r.situation, r.language, r.run))
    return template.render(
        figures=figures,
        whole=count(results),
        languages=languages,
        names={code: _name(code) for code in languages},
        maps=_make_maps(results, languages),
        titles={r.situation: r.title for r in results},
        bars=sorted(((code, f.resolution) for code, f in by_language.items()), key=lambda b: (-b[1].share, b[0])),
        histogram=_make_histogram(results),
        causes=count_causes(results).most_common(),
        results=ordered,
        anchor=_anchor,
        percent=lambda share: f"{share:.0%}" if share in (0, 1) else f"{share:.1%}",
        is_rtl=lambda code: Locale.parse(code.replace("-", "_")).text_direction == "rtl",
    )


def _name(code: str) -> str:
    locale = Locale.parse(code.replace("-", "_"))
    return locale.get_display_name("en") or code


def _anchor(result: Result) -> str:
    return f"{result.situation}.{result.language}.{result.run}"


def _make_maps(results: Sequence[Result], languages: Sequence[str]) -> list[HeatMap]:
    slow = max((percentile(count([r]).turns, 0.5) for r in results), default=1.0) or 1.0

    def rate(name: str) -> Callable[[Figures], tuple[str, float | None]]:
        def read(figures: Figures) -> tuple[str, float | None]:
            found = getattr(figures, name)
            return (f"{found.share:.0%}", found.share) if found.total else ("", None)

        return read

    def none_of(name: str) -> Callable[[Figures], tuple[str, float | None]]:
        def read(figures: Figures) -> tuple[str, float | None]:
            found = getattr(figures, name)
            return (str(found.right) if found.right else "0", 1 - found.share)

        return read

    def latency(figures: Figures) -> tuple[str, float | None]:
        median = percentile(figures.turns, 0.5)
        return f"{median:.1f}", 1 - min(1.0, median / slow)

    kinds = (
        ("resolution", "Resolution", "State, facts, language and outcome all hold.", rate("resolution")),
        ("language", "Language", "Replies wholly in the customer's language.", rate("language")),
        ("fabrication", "Fabrication", "Scenarios with an invented fact.", none_of("fabrication")),
        ("handoff", "Hand-off precision", "Of the hand-offs, those that were expected.", rate("handoff_precision")),
        ("latency", "Latency", "Median seconds to the whole reply.", latency),
    )
    cells: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        cells[result.situation, result.language].append(result)
    situations = sorted({r.situation for r in results})

    def make(read: Callable[[Figures], tuple[str, float | None]], situation: str, code: str) -> Cell:
        found = cells.get((situation, code))
        if not found:
            return Cell("", None)
        return Cell(*read(count(found)), _anchor(next((r for r in found if not r.resolved), found[0])))

    return [
        HeatMap(key, title, hint, {s: [make(read, s, code) for code in languages] for s in situations})
        for key, title, hint, read in kinds
    ]


def _make_histogram(results: Sequence[Result]) -> dict[str, Any]:
    """Seconds of all replies in equal bins up to the 99th percentile; the last bin holds what is slower."""
    turns = count(results).turns
    top = max(percentile(turns, 0.99), 0.001)
    bins = [0] * BINS
    for seconds in turns:
        bins[min(BINS - 1, int(BINS * seconds / top))] += 1
    marks = {f"p{round(100 * p)}": percentile(turns, p) for p in (0.5, 0.9, 0.99)}
    return {"top": top, "bins": bins, "most": max(bins) or 1, "marks": marks}
