"""The side-by-side table of what ``run`` wrote: scenarios that every arm has played.

python -m bench.peers.report FOLDER [--arms plain,langchain,…]
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.evaluation.figures import Rate, count
from app.evaluation.intervals import percentile
from app.evaluation.results import Result, read_results
from bench.peers.run import ARMS

WRITES = {"return-in-time"}
NEEDS_TOOLS = {"langchain", "openai-agents"}
Key = tuple[str, str]


def read_arm(folder: Path, arm: str) -> tuple[dict[Key, Result], dict[Key, list[dict[str, Any]]]]:
    """The last result and the turns of each scenario."""
    results = {(r.situation, r.language): r for r in read_results(folder / f"{arm}.jsonl")}
    costs = {}
    path = folder / f"{arm}-costs.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        data = json.loads(line)
        costs[data["situation"], data["language"]] = data["turns"]
    return results, costs


def write_rate(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.right} of {rate.total} ({rate.share:.0%}; {low:.0%} to {high:.0%})"


def write_row(arm: str, results: Sequence[Result], turns: Sequence[dict[str, Any]]) -> dict[str, str]:
    figures = count(results)
    talk = count([r for r in results if r.situation not in WRITES]).resolution
    writes = count([r for r in results if r.situation in WRITES]).resolution
    wrong = Rate(figures.language.total - figures.language.right, figures.language.total)
    calls = [call for turn in turns for call in turn["calls"]]
    many = max(1, len(turns))
    first, whole = [t["first_text"] for t in turns], [t["seconds"] for t in turns]
    return {
        "arm": arm,
        "resolved": write_rate(figures.resolution),
        "of these, looked up, explained or refused": write_rate(talk),
        "of these, returned after a confirmation": write_rate(writes),
        "replies in a wrong language": write_rate(wrong),
        "scenarios with an invented fact": write_rate(figures.fabrication),
        "forbidden writes": write_rate(figures.forbidden),
        "model calls a turn": f"{len(calls) / many:.2f}",
        "prompt tokens computed a turn": f"{sum(c['computed'] for c in calls) / many:.0f}",
        "first text, s, p50 / p90": f"{percentile(first, 0.5):.1f} / {percentile(first, 0.9):.1f}",
        "whole reply, s, p50 / p90": f"{percentile(whole, 0.5):.1f} / {percentile(whole, 0.9):.1f}",
        "turns with a tool call": f"{sum(any(c['tools'] for c in t['calls']) for t in turns)} of {len(turns)}"
        if arm in NEEDS_TOOLS
        else "",
        "turns that ended in an error": f"{sum(bool(t['error']) for t in turns)}",
    }


def write_table(folder: Path, arms: Sequence[str]) -> str:
    """Arms as columns."""
    read = {arm: read_arm(folder, arm) for arm in arms}
    shared = set.intersection(*(set(results) for results, _ in read.values()))
    rows = []
    for arm, (results, costs) in read.items():
        keys = sorted(shared)
        turns = [turn for key in keys for turn in costs.get(key, [])]
        rows.append(write_row(arm, [results[key] for key in keys], turns))
    lines = [f"{len(shared)} scenarios that every arm has played", ""]
    for name in rows[0]:
        lines.append("| " + " | ".join([name if name != "arm" else "", *(row[name] for row in rows)]) + " |")
        if name == "arm":
            lines.append("|---" * (len(rows) + 1) + "|")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arms", default="")
    wanted = parser.parse_args()
    arms = wanted.arms.split(",") if wanted.arms else [a for a in ARMS if (wanted.folder / f"{a}.jsonl").is_file()]
    print(write_table(wanted.folder, arms))


if __name__ == "__main__":
    main()
