"""``kaunter language``: detect the language of texts, and hold the detector to its word on labelled lines."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.language.detect import detect
from app.language.evaluation import Rate, Report, evaluate, read_lines

app = typer.Typer(help="Detect languages, and measure how well that works.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Languages = Annotated[str, typer.Option(help="Only these languages, separated by commas; default: all.")]


@app.command("detect")
def detect_texts(
    texts: Annotated[list[str], typer.Argument(help="The messages.", metavar="TEXT…")],
    prior: Annotated[str, typer.Option(help="The conversation's language so far.")] = "",
    languages: Languages = "",
    as_json: Json = False,
) -> None:
    """Say what language each TEXT is in, how sure that is, and by what evidence."""
    rows: list[dict[str, Any]] = []
    for text in texts:
        found = detect(text, prior or None, candidates=_read_codes(languages))
        rows.append(
            {
                "text": text,
                "language": found.language,
                "confidence": round(found.confidence, 3),
                "evidence": found.evidence,
                "romanised": found.romanised,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        romanised = ", romanised" if row["romanised"] else ""
        typer.echo(f"{row['language']:8}{row['confidence']:6.1%}  {row['evidence']}{romanised}  {row['text'][:60]}")


@app.command("eval")
def evaluate_file(
    file: Annotated[Path, typer.Argument(help="Tab-separated, with the columns lang and text.", metavar="FILE.tsv")],
    languages: Languages = "",
    held_out: Annotated[
        bool,
        typer.Option("--held-out", help="Score each line with weights fitted without it (for the fitted file)."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure detection on the labelled lines of FILE. A line right in two languages has both labels: ms|id."""
    try:
        lines = read_lines(file)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if not lines:
        typer.echo(f"{file}: no lines", err=True)
        raise typer.Exit(2)
    report = evaluate(lines, _read_codes(languages), held_out=held_out)
    typer.echo(json.dumps(describe(report), ensure_ascii=False, indent=2) if as_json else _format(report))


def describe(report: Report) -> dict[str, Any]:
    """The report as plain data; accuracies 0..1 with 95 % intervals, times in milliseconds."""
    low, high = report.macro_interval
    return {
        "lines": len(report.seconds),
        "macro": round(report.macro, 4),
        "macro_interval": [round(low, 4), round(high, 4)],
        "languages": {name: _describe(rate) for name, rate in sorted(report.languages.items())},
        "lengths": {name: _describe(rate) for name, rate in sorted(report.buckets.items())},
        "later_turns": _describe(report.later_turns),
        "confusions": [
            {"is": label, "said": said, "lines": count} for (label, said), count in report.confusions.most_common(20)
        ],
        "messages_per_second": round(len(report.seconds) / sum(report.seconds)),
        "p50_ms": round(report.percentile(0.5) * 1000, 3),
        "p99_ms": round(report.percentile(0.99) * 1000, 3),
    }


def _describe(rate: Rate) -> dict[str, Any]:
    if not rate.total:
        return {"lines": 0}
    low, high = rate.interval
    return {"lines": rate.total, "accuracy": round(rate.accuracy, 4), "interval": [round(low, 4), round(high, 4)]}


def _format(report: Report) -> str:
    low, high = report.macro_interval
    rows = ["language         lines  right   95 % interval"]
    rows += [_row(name, rate) for name, rate in sorted(report.languages.items())]
    rows += ["", "words"] + [_row(name, rate) for name, rate in sorted(report.buckets.items())]
    rows += ["", _row("later turns", report.later_turns)] if report.later_turns.total else []
    rows += [f"{'macro':15}{len(report.seconds):7}{report.macro:8.2%}   {low:.2%} to {high:.2%}", "", "most confused"]
    rows += [f"  {label} taken for {said}: {count}" for (label, said), count in report.confusions.most_common(12)]
    speed = len(report.seconds) / sum(report.seconds)
    p50, p99 = (report.percentile(share) * 1000 for share in (0.5, 0.99))
    return "\n".join([*rows, "", f"{speed:,.0f} messages a second, p50 {p50:.2f} ms, p99 {p99:.2f} ms, one core"])


def _row(name: str, rate: Rate) -> str:
    low, high = rate.interval
    return f"{name:15}{rate.total:7}{rate.accuracy:8.2%}   {low:.2%} to {high:.2%}"


def _read_codes(languages: str) -> list[str] | None:
    return [code.strip() for code in languages.split(",") if code.strip()] or None
