"""One judged scenario as a line of JSON, and the file of such lines that a run can go on from."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.evaluation.judge import Verdict
from app.evaluation.record import Played
from app.evaluation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Result:
    """What a report needs to know of one run of one scenario."""

    situation: str
    title: str
    tags: tuple[str, ...]
    language: str
    run: int
    fingerprint: str
    resolved: bool
    findings: tuple[dict[str, str], ...]
    held: tuple[str, ...]
    right_language: int
    replies: int
    fabricated: int
    forbidden: int
    handoff_expected: bool
    handed_off: bool
    exchanges: tuple[dict[str, Any], ...]
    seconds: float

    @property
    def key(self) -> tuple[str, str, int, str]:
        return self.situation, self.language, self.run, self.fingerprint


def make_result(scenario: Scenario, run: int, played: Played, verdict: Verdict, fingerprint: str) -> Result:
    situation = scenario.situation
    return Result(
        situation=situation.situation,
        title=situation.title,
        tags=situation.tags,
        language=scenario.language,
        run=run,
        fingerprint=fingerprint,
        resolved=verdict.resolved,
        findings=tuple(asdict(finding) for finding in verdict.findings),
        held=verdict.held,
        right_language=verdict.right_language,
        replies=verdict.replies,
        fabricated=verdict.fabricated,
        forbidden=verdict.forbidden,
        handoff_expected=verdict.handoff_expected,
        handed_off=verdict.handed_off,
        exchanges=tuple(asdict(exchange) for exchange in played.exchanges),
        seconds=sum(exchange.seconds for exchange in played.exchanges),
    )


def make_broken(scenario: Scenario, run: int, mistake: str, fingerprint: str) -> Result:
    """The result of a scenario that cannot be played or judged: it counts as failed."""
    situation = scenario.situation
    return Result(
        situation=situation.situation,
        title=situation.title,
        tags=situation.tags,
        language=scenario.language,
        run=run,
        fingerprint=fingerprint,
        resolved=False,
        findings=({"kind": "scenario", "text": mistake},),
        held=(),
        right_language=0,
        replies=0,
        fabricated=0,
        forbidden=0,
        handoff_expected=situation.expect.handoff is True,
        handed_off=False,
        exchanges=(),
        seconds=0.0,
    )


def append(path: Path, result: Result) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def read_results(path: Path) -> list[Result]:
    """The whole lines of a file; the last one may have been cut off."""
    if not path.is_file():
        return []
    return list(_parse(path.read_text(encoding="utf-8").splitlines()))


def _parse(lines: Iterable[str]) -> Iterable[Result]:
    for line in lines:
        try:
            data = json.loads(line)
            lists = {name: tuple(data[name]) for name in ("tags", "findings", "held", "exchanges")}
            yield Result(**{**data, **lists})
        except (ValueError, TypeError, KeyError):
            continue
