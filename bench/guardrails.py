"""What the verification of one sentence costs.

    python -m bench.guardrails [--repeat N]

Judges the sentences of ``bench/data/fabrication.tsv`` one after another, as segments of a turn: the facts of the
turn's records are read once (by the first segment) and stay in memory. Prints milliseconds per language: median,
95th percentile, and what the first segment of a turn costs with its records unread. The encoder is warm, but no
sentence's vector is known.
"""

import argparse
import platform
import statistics
import time

from app.guardrails import skeletons, support, values
from app.guardrails.records import facts_of
from app.guardrails.replies import check_phrased
from app.language.registry import LAUNCH
from app.wording import Wording
from bench.fabrication import Case, make_cases, read_sentences


def forget() -> None:
    """Forget every text that was read, but not the word lists."""
    for cached in (facts_of, values.find_values, values.find_names, skeletons.make_skeleton, support._read_meaning):
        cached.cache_clear()


def milliseconds(case: Case) -> float:
    start = time.perf_counter()
    check_phrased(case.text, case.context)
    return (time.perf_counter() - start) * 1000


def measure(language: str, cases: list[Case]) -> tuple[list[float], list[float]]:
    """Per sentence with the records read, and for the first sentence of a turn."""
    check_phrased(cases[0].text, cases[0].context)  # compile the lexicon
    support._read_meaning("ok", language)
    first, later = [], []
    for case in cases:
        forget()
        first.append(milliseconds(case))
        for source in case.context.sources:
            facts_of(source, language)
        for cached in (values.find_values, values.find_names, skeletons.make_skeleton, support._read_meaning):
            cached.cache_clear()
        later.append(milliseconds(case))
    return first, later


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    sentences, wording = read_sentences(), Wording()
    print(f"{platform.machine()} · Python {platform.python_version()} · {time.strftime('%Y-%m-%d')}")
    print(f"{'language':10}{'sentences':>10}{'median':>9}{'p95':>9}{'first':>9}  ms")
    everything: list[float] = []
    for language in LAUNCH:
        cases = list(make_cases(language, sentences, wording, options.repeat))
        first, later = measure(language, cases)
        everything += later
        p95 = statistics.quantiles(later, n=20)[-1]
        print(
            f"{language:10}{len(later):>10}{statistics.median(later):>9.2f}{p95:>9.2f}{statistics.median(first):>9.2f}"
        )
    p95 = statistics.quantiles(everything, n=20)[-1]
    print(f"{'all':10}{len(everything):>10}{statistics.median(everything):>9.2f}{p95:>9.2f}")


if __name__ == "__main__":
    main()
