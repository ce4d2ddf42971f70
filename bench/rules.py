"""What a model that says a policy's rules again would do, were it let: 83 replies, and sentences that turn the rules.

    python -m bench.rules [--failures]

Where the index names no section for certain, the model used to phrase. ``bench/data/rule_replies.jsonl`` holds such
questions in 15 languages with the sections that it got, and what a language model wrote from these alone: a true reply,
and three false sentences without a number of their own: a condition turned round, a number given to another thing, a
promise. Each sentence is judged as in a turn, the true ones with what was said before.
"""

import argparse
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from app.guardrails.claims import Source
from app.guardrails.replies import Context, check_phrased
from bench.fabrication import TODAY

DATA = Path(__file__).parent / "data" / "rule_replies.jsonl"
KINDS = ("condition turned round", "number of another thing", "promise or exception")


def judge(row: dict[str, Any], now: datetime) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Kind and text of the true sentences that are stopped and of the false ones that pass."""
    sources = tuple(Source(s["id"], s["text"], title=s["title"]) for s in row["sources"])
    stopped, passed, shown = [], [], ""
    for sentence in row["true"]:
        context = Context(
            row["language"], sources, shown=shown, question=row["question"], now=now, canned=row["canned"]
        )
        verdict = check_phrased(sentence, context)
        if not verdict.passed:
            stopped.append((str(verdict.kind), sentence))
        shown += f"{sentence} "
    context = Context(row["language"], sources, question=row["question"], now=now, canned=row["canned"])
    for kind, sentence in zip(KINDS, row["false"], strict=True):
        if check_phrased(sentence, context).passed:
            passed.append((kind, sentence))
    return stopped, passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failures", action="store_true", help="print every sentence that was judged wrongly")
    options = parser.parse_args()
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    judged = [(row, *judge(row, TODAY)) for row in rows]
    said = sum(len(row["true"]) for row in rows)
    print(f"true sentences stopped: {sum(len(stopped) for _, stopped, _ in judged)} of {said}")
    print(f"replies that pass whole: {sum(not stopped for _, stopped, _ in judged)} of {len(rows)}")
    passed = Counter(kind for _, _, found in judged for kind, _ in found)
    print("false sentences that pass: " + ", ".join(f"{kind} {passed[kind]} of {len(rows)}" for kind in KINDS))
    if options.failures:
        for row, stopped, found in judged:
            for kind, sentence in stopped:
                print(f"STOPPED {row['language']:8}{kind:14} {sentence}")
            for kind, sentence in found:
                print(f"PASSED  {row['language']:8}{kind:24} {sentence}")


if __name__ == "__main__":
    main()
