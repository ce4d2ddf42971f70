"""Measures selection and routing: recall by language, milliseconds, memory.

    python -m bench.retrieval [--set heldout3|dev] [--misses]

``questions_*.tsv`` (lang, section, text) are for the selection of policy sections, ``intents_*.tsv`` (lang, intent,
text) for routing. ``heldout3`` was written after the last freeze and the banks never saw it. The others were written
and scored the same way earlier (``dev`` while the engine was built) and are part of the banks since: they measure
nothing any more except that the engine still knows them.
"""

import argparse
import platform
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from app.evaluation.intervals import wilson
from app.intents import Router
from app.policies import Policies, load
from app.policies.selection import make_entries
from app.retrieval import Index
from app.retrieval.encoder import shared

HERE = Path(__file__).resolve().parent
Row = tuple[str, list[str], str]


def read(name: str) -> list[Row]:
    lines = (HERE / "data" / name).read_text(encoding="utf-8").splitlines()[1:]
    cells = [line.split("\t") for line in lines if line]
    return [(language, wanted.split("|"), text) for language, wanted, text in cells]


def memory() -> float:
    """Peak resident megabytes of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_table(title: str, heads: Sequence[str], rows: dict[str, list[tuple[bool, ...]]]) -> None:
    print(f"\n## {title}\n\n| language | lines | {' | '.join(heads)} |\n|---|---|{'---|' * len(heads)}")
    for language, hits in [*rows.items(), ("all", [hit for each in rows.values() for hit in each])]:
        shares = (_share(sum(column), len(hits)) for column in zip(*hits, strict=True))
        print(f"| {language} | {len(hits)} | {' | '.join(shares)} |")


def _share(right: int, total: int) -> str:
    """Per cent with the 95 % interval."""
    low, high = wilson(right, total)
    return f"{100 * right / total:.0f} % ({100 * low:.0f}–{100 * high:.0f})"


def measure_selection(rows: list[Row], rank: Callable[[str, str], list[str]], title: str, misses: bool) -> None:
    hits: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
    for language, wanted, text in rows:
        found = rank(text, language)
        policies = {_policy(x) for x in found[:3]}
        three, five = (any(x in wanted for x in found[:k]) for k in (3, 5))
        hits[language].append((found[0] in wanted, three, five, any(_policy(x) in policies for x in wanted)))
        if misses and not hits[language][-1][1]:
            print(f"miss: {language} {wanted} {text!r} -> {found}")
    print_table(title, ("section @1", "section @3", "section @5", "policy @3"), hits)


def _policy(label: str) -> str:
    return label.split("#", 1)[0]


def measure_routing(rows: list[Row], router: Router, misses: bool) -> None:
    hits: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
    sure = [0, 0]
    for language, wanted, text in rows:
        intent = router.route(text, language)
        good = intent.name in wanted
        hits[language].append((good, good or any(other in wanted for other in intent.others[:2])))
        if intent.certain:
            sure[0] += 1
            sure[1] += good
        if misses and not good:
            print(f"miss: {language} {wanted} {text!r} -> {intent.name} {intent.detail or ''} {intent.score:.2f}")
    print_table("Routing", ("intent @1", "intent @3"), hits)
    print(f"\ncertain: {sure[0]} of {len(rows)}, of which {100 * sure[1] / max(1, sure[0]):.1f} % right")


def measure_time(policies: Policies, router: Router, rows: list[Row]) -> None:
    """Processor time beside the clock's: on a busy machine the clock also shows the others' work."""
    for name, call in (("select", policies.select), ("route", router.route)):
        clock, processor = [], []
        for language, _, text in rows:
            start, begun = time.perf_counter(), time.thread_time()
            call(f"{text} ", language)
            processor.append(1000 * (time.thread_time() - begun))
            clock.append(1000 * (time.perf_counter() - start))
        for what, times in (("processor", sorted(processor)), ("clock", sorted(clock))):
            print(f"{name}, {what}: median {median(times):.1f} ms, p95 {times[int(0.95 * len(times))]:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", choices=("heldout3", "heldout", "heldout2", "heldout1", "dev"), default="heldout3")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    before, start = memory(), time.perf_counter()
    policies = load(HERE.parent / "policies")
    router = Router(policies)
    router.route("ok", "en")
    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(f"loaded in {time.perf_counter() - start:.1f} s, {memory() - before:.0f} MB more")
    questions, intents = read(f"questions_{options.set}.tsv"), read(f"intents_{options.set}.tsv")
    lexical = Index(make_entries(policies.policies))
    measure_selection(
        questions, lambda text, _: [x for x, _ in lexical.rank(text, 5)], "Selection, lexical voice alone", False
    )
    measure_selection(
        questions,
        lambda text, language: [f"{s.policy}#{s.section}" for s in policies.select(text, language, 5).sections],
        "Selection" if shared() else "Selection (this machine has no encoder)",
        options.misses,
    )
    measure_routing(intents, router, options.misses)
    print()
    measure_time(policies, router, [*questions, *intents])
    print(f"memory at the end: {memory() - before:.0f} MB more than before loading")


if __name__ == "__main__":
    main()
