"""The report is one file that asks nothing of anybody and shows hostile text as text; a run can be gone on with."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from app.cli import app
from app.config import load_settings
from app.evaluation.figures import count, describe
from app.evaluation.generate import make_situations
from app.evaluation.report import write_report
from app.evaluation.results import Result, append, read_results
from app.evaluation.runner import load_contents
from app.evaluation.scenario import Situation
from app.intents import Router

HOSTILE = "</script><img src=x onerror=alert(1)>'\"{{ 7*7 }}"


def result_of(situation: str = "late", language: str = "th", *, resolved: bool = True, run: int = 1) -> Result:
    exchange = {
        "said": HOSTILE,
        "reply": HOSTILE,
        "outcome": "answered",
        "said_language": language,
        "seconds": 0.5,
        "entry": 0,
        "spoke": "canned",
        "citations": ["returns#window"],
        "model_calls": 0,
    }
    findings = () if resolved else ({"kind": "facts", "text": HOSTILE},)
    return Result(
        situation,
        HOSTILE,
        (),
        language,
        run,
        "f",
        resolved,
        findings,
        (HOSTILE,),
        1,
        1,
        0,
        0,
        False,
        False,
        (exchange,),
        0.5,
    )


ABOUT = {"version": "0", "at": "2026-11-27T00:00:00", "backend": HOSTILE, "planned": 3, "suite": 3, "minutes": 0.1}


def test_the_report_asks_nothing_of_anybody_and_escapes_everything() -> None:
    results = [result_of(), result_of(language="ar", resolved=False), result_of("early", "my")]
    page = write_report(results, describe(results, **ABOUT))
    assert "<img" not in page
    assert "<script" not in page
    assert "{{ 7*7 }}" in page
    assert not re.search(r"(?:src|href)\s*=\s*\"(?!#)", page)
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert 'dir="rtl"' in page
    assert "color-scheme: light dark" in page


def test_a_report_without_results_is_a_page() -> None:
    assert "Kaunter evaluation" in write_report([], describe([], **ABOUT))


def test_pass_k_needs_every_run() -> None:
    runs = [result_of(run=1), result_of(run=2), result_of("x", run=1), result_of("x", resolved=False, run=2)]
    figures = count(runs)
    assert (figures.k, figures.pass_k.right, figures.pass_k.total) == (2, 1, 2)
    assert figures.resolution.right == 3


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    append(path, result_of())
    append(path, result_of("early"))
    whole = path.read_text(encoding="utf-8")
    for cut in range(0, len(whole), 97):
        path.write_text(whole[:cut], encoding="utf-8")
        assert len(read_results(path)) <= 2
    path.write_text(whole + "{}\n[]\nnull\n", encoding="utf-8")
    assert read_results(path) == [result_of(), result_of("early")]


SCENARIO = """\
situation: says-thanks
title: Says thanks
expect: {outcome: answered}
languages:
  th: ["ขอบคุณค่ะ"]
  vi: ["cảm ơn shop nhé"]
"""


def test_the_command_plays_reports_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = tmp_path / "says-thanks.yaml"
    suite.write_text(SCENARIO, encoding="utf-8")
    monkeypatch.setenv("KAUNTER_DATA_DIR", str(tmp_path / "data"))
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    options = ["eval", str(suite), "--model", "none", "--html", str(page), "--json", str(data)]
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 0, done.output
    figures = json.loads(data.read_text(encoding="utf-8"))
    assert figures["all"]["resolution"]["count"] == 2
    assert "ขอบคุณค่ะ" in page.read_text(encoding="utf-8")
    lines = (tmp_path / "data" / "evaluation" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "data" / "evaluation" / "results.jsonl").write_text(lines[0] + "\n", encoding="utf-8")
    assert CliRunner().invoke(app, [*options, "--resume"]).exit_code == 0
    again = (tmp_path / "data" / "evaluation" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert again[0] == lines[0]
    assert len(again) == 2


def test_a_mistake_in_a_scenario_is_a_sentence(tmp_path: Path) -> None:
    suite = tmp_path / "x.yaml"
    suite.write_text(SCENARIO.replace("outcome: answered", "outcome: solved"), encoding="utf-8")
    done = CliRunner().invoke(app, ["eval", str(suite), "--model", "none"])
    assert done.exit_code != 0
    assert "x.yaml:3" in str(done.exception)


async def test_generated_scenarios_can_be_read_and_touch_both_sides_of_the_deadline(
    tmp_path: Path, router: Router
) -> None:
    contents = await load_contents(load_settings(data_dir=tmp_path))
    made = [
        Situation.model_validate(yaml.safe_load(yaml.safe_dump(s)))
        for s in make_situations(contents, router.policies, ["th", "ms"])
    ]
    by_name = {s.situation: s for s in made}
    window = by_name["own-return-last-day"].shop["order"].delivered_days_ago
    assert window is not None
    assert by_name["own-return-day-after"].shop["order"].delivered_days_ago == window + 1
    assert by_name["own-return-last-day"].expect.outcome == ("proposed",)
    assert by_name["own-return-day-after"].expect.outcome == ("refused",)
    assert all(set(s.languages) == {"th", "ms"} for s in made)
    assert len(made) > 30
