"""How often detection is right on labelled lines, with the uncertainty of the answer.

Owns reading ``lang``/``text`` files, scoring and intervals. Leaves printing to ``app.cli_language`` and the
comparison with other detectors to ``bench/language.py``.
"""

import csv
import math
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.language.detect import Context, Detection, detect_with, read_context, warm
from app.language.registry import LANGUAGES, find
from app.language.vote import FOLDS

_CONVERSATION_LINES = 5
_BUCKETS = ((3, "1-3"), (8, "4-8"), (25, "9-25"), (10**9, "26+"))
_UNSPACED = frozenset({"Thai", "Laoo", "Khmr", "Mymr", "Hans", "Hant", "Jpan"})
_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line."""

    label: str
    """As in the file: ``th``, ``zh``, ``ms|id``."""
    text: str
    right: frozenset[str]
    """The registry codes that count as right; empty for a language that the registry does not know."""
    bucket: str

    @property
    def name(self) -> str:
        """The language that the line counts for: the first label."""
        return self.label.partition("|")[0]


@dataclass(slots=True)
class Rate:
    """So many right of so many."""

    right: int = 0
    total: int = 0

    def add(self, is_right: bool) -> None:
        self.right += is_right
        self.total += 1

    @property
    def accuracy(self) -> float:
        return self.right / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        if not self.total:
            return (math.nan, math.nan)
        share, square = self.accuracy, _Z95**2 / self.total
        middle = (share + square / 2) / (1 + square)
        half = _Z95 * math.sqrt(share * (1 - share) / self.total + square / (4 * self.total)) / (1 + square)
        return (max(0.0, middle - half), min(1.0, middle + half))


@dataclass(slots=True)
class Report:
    """What an evaluation found."""

    languages: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    buckets: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    later_turns: Rate = field(default_factory=Rate)
    """From the second turn of conversations of five lines each, the language so far as prior."""
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Processor time of each detection without prior."""

    @property
    def macro(self) -> float:
        """Mean of the languages' accuracies."""
        return math.fsum(rate.accuracy for rate in self.languages.values()) / (len(self.languages) or 1)

    @property
    def macro_interval(self) -> tuple[float, float]:
        """95 % interval of the macro mean (languages are independent samples)."""
        variances = [rate.accuracy * (1 - rate.accuracy) / rate.total for rate in self.languages.values()]
        half = _Z95 * math.sqrt(math.fsum(variances)) / (len(variances) or 1)
        return (max(0.0, self.macro - half), min(1.0, self.macro + half))

    def percentile(self, share: float) -> float:
        """Seconds that this share of the detections needed at most."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def fold_of(text: str) -> int:
    """The cross-validation fold of a line, 1 … FOLDS, by its text alone."""
    return zlib.crc32(text.encode("utf-8", "replace")) % FOLDS + 1


def read_lines(path: Path) -> list[Line]:
    """The labelled lines of a tab-separated file with a header and the columns ``lang`` and ``text``.

    Raises ``ValueError`` when a column is missing and ``OSError`` when the file cannot be read.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"lang", "text"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: no column {' and '.join(sorted(missing))} in the first line")
        return [_read_line(row) for row in rows if row["text"]]


def evaluate(lines: Sequence[Line], candidates: Sequence[str] | None = None, *, held_out: bool = False) -> Report:
    """Detect every line, alone and in conversations. ``held_out``: with weights fitted without the line's fold."""
    warm()
    context = read_context(None, candidates, "en")
    report = Report()

    def hear(line: Line, known: Context) -> Detection:
        return detect_with(line.text, known, fold_of(line.text) if held_out else 0)

    for line in lines:
        start = time.thread_time()
        said = hear(line, context).language
        report.seconds.append(time.thread_time() - start)
        is_right = said in line.right
        report.languages[line.name].add(is_right)
        report.buckets[line.bucket].add(is_right)
        if not is_right:
            report.confusions[line.label, said] += 1
    _converse(lines, candidates, hear, report.later_turns)
    return report


def _converse(
    lines: Sequence[Line],
    candidates: Sequence[str] | None,
    hear: Callable[[Line, Context], Detection],
    rate: Rate,
) -> None:
    for conversation in _deal(lines):
        heard: Detection | None = None
        for line in conversation:
            trust = heard.confidence if heard else 1.0
            found = hear(line, read_context(heard.language if heard else None, candidates, "en", trust))
            if heard:
                rate.add(found.language in line.right)
            heard = found


def _deal(lines: Iterable[Line]) -> list[list[Line]]:
    """Conversations of five lines of one language, in the order of their checksums (as good as shuffled)."""
    by_language: dict[tuple[str, frozenset[str]], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: zlib.crc32(line.text.encode("utf-8", "replace")[::-1])):
        by_language[line.name, line.right if line.name == "zh" else frozenset()].append(line)
    return [
        group[start : start + _CONVERSATION_LINES]
        for group in by_language.values()
        for start in range(0, len(group), _CONVERSATION_LINES)
    ]


def _read_line(row: dict[str, str]) -> Line:
    label, text = row["lang"].strip(), row["text"]
    right = {language.code for tag in label.split("|") if (language := find(tag))}
    if "zh" in label.lower().split("|"):
        right |= {"zh-Hans", "zh-Hant"}
    return Line(label, text, frozenset(right), row.get("length_bucket") or _bucket(text, right))


def _bucket(text: str, right: Iterable[str]) -> str:
    """The length in words; scripts without spaces count three signs as a word."""
    unspaced = any(LANGUAGES[code].script in _UNSPACED for code in right)
    words = math.ceil(len(text) / 3) if unspaced else len(text.split())
    return next(name for most, name in _BUCKETS if words <= most)
