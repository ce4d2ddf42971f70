"""``kaunter eval``: play the suite, judge it, write the figures; and make scenarios from the shop's own data."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from app import __version__
from app.config import Settings, find_content, load_settings
from app.evaluation.figures import count, describe
from app.evaluation.results import Result
from app.evaluation.sampling import draw_sample, list_scenarios, read_list
from app.evaluation.scenario import Scenario, read_suite

SAMPLE = 160
"""Scenarios of the default sample: what the trial model plays within 90 minutes on two cores."""
MINUTES = 85.0


class SuiteGroup(TyperGroup):
    """``kaunter eval SUITE`` without a sub-command plays it."""

    def parse_args(self, context: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["run", *args]
        return super().parse_args(context, args)


app = typer.Typer(help="Play scripted customers against the assistant and judge what came of it.", cls=SuiteGroup)


@app.command("run")
def run_suite(
    suite: Annotated[
        Path | None, typer.Argument(help="A scenario file or a folder of them.", metavar="[SUITE]")
    ] = None,
    languages: Annotated[str, typer.Option(help="Only these languages, separated by commas.")] = "",
    model: Annotated[str, typer.Option(help="The model instead of KAUNTER_MODEL; none: without a model.")] = "",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Every scenario, without a limit of time.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="So many scenarios.")] = SAMPLE,
    minutes: Annotated[float, typer.Option(help="No scenario begins after so many minutes.")] = MINUTES,
    only: Annotated[Path | None, typer.Option(help="A file of scenarios to play, a line situation/language.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Play each scenario so often, for pass^k.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the results of the last run.")] = False,
) -> None:
    """Play SUITE (default: the one of this version) and report; see docs/evaluation.md."""
    scenarios = list_scenarios(read_suite(suite or find_content("scenarios")), _split(languages))
    chosen = _choose(scenarios, only, 0 if full else sample)
    settings = _choose_settings(model)
    console = Console(stderr=True, highlight=False)
    console.print(_describe_plan(chosen, len(scenarios), repeat, settings))
    begun = datetime.now(UTC)
    limit = 0.0 if full else 60 * minutes
    results, backend = asyncio.run(_execute(settings, chosen, repeat, resume, limit, console))
    about = {
        "version": __version__,
        "at": begun.isoformat(timespec="seconds"),
        "backend": backend,
        "planned": len(chosen) * repeat,
        "suite": len(scenarios),
        "minutes": round((datetime.now(UTC) - begun).total_seconds() / 60, 1),
    }
    figures = describe(results, **about)
    if json_file:
        json_file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if html:
        from app.evaluation.report import write_report

        html.write_text(write_report(results, figures), encoding="utf-8")
    typer.echo(_summarise(results, figures))


@app.command("generate")
def generate_suite(
    folder: Annotated[Path, typer.Argument(help="Where the scenario files go.", metavar="FOLDER")],
    languages: Annotated[str, typer.Option(help="Languages, separated by commas; default: the shop's.")] = "",
) -> None:
    """Make scenarios from the shop's own orders and policies: deadlines, fees, statuses."""
    from app.evaluation.generate import generate

    written = asyncio.run(generate(load_settings(), folder, _split(languages)))
    typer.echo(f"{len(written)} scenario files are in {folder}.")


def _choose(scenarios: list[Scenario], only: Path | None, sample: int) -> list[Scenario]:
    """What a file lists, a sample, or (0) all."""
    if only:
        return read_list(only, scenarios)
    return draw_sample(scenarios, sample) if sample else scenarios


def _split(languages: str) -> list[str]:
    return [code.strip() for code in languages.split(",") if code.strip()]


def _choose_settings(model: str) -> Settings:
    if model == "none":
        return load_settings(model_backend="none")
    return load_settings(model=model) if model else load_settings()


def _describe_plan(chosen: list[Scenario], suite: int, repeat: int, settings: Settings) -> str:
    situations = len({s.situation.situation for s in chosen})
    languages = len({s.language for s in chosen})
    turns = sum(len(s.speech.turns) for s in chosen)
    return (
        f"{len(chosen)} of {suite} scenarios: {situations} situations, {languages} languages, {turns} messages"
        f"{f', {repeat} times each' if repeat > 1 else ''}; backend {settings.model_backend}"
    )


async def _execute(
    settings: Settings, chosen: list[Scenario], repeat: int, resume: bool, limit: float, console: Console
) -> tuple[list[Result], str]:
    from app.evaluation.runner import Run, count_workers, load_contents, open_bench, read_rules
    from app.llm.backends import choose_model
    from app.logs import configure_logging

    configure_logging("error" if settings.log_level == "info" else settings.log_level)
    async with AsyncExitStack() as stack:
        model = await choose_model(settings)
        if model:
            stack.push_async_callback(model.close)
            console.print(f"{model.name} reads its instructions …")
        bench = await open_bench(settings, model)
        contents = await load_contents(settings)
        backend = f"{model.backend} {model.name}" if model else "none"
        progress = stack.enter_context(_make_progress(console))
        task = progress.add_task("scenarios", total=len(chosen) * repeat, failed=0)
        failed = 0

        def note(result: Result) -> None:
            nonlocal failed
            failed += not result.resolved
            progress.update(task, advance=1, failed=failed)

        run = Run(
            chosen,
            bench.build,
            read_rules(bench.router.policies, contents),
            contents,
            settings.data_dir / "evaluation" / "results.jsonl",
            repeat=repeat,
            workers=count_workers(settings, model.backend if model else "none"),
            seconds=limit,
            salt=f"{__version__} {backend}",
            note=note,
        )
        return await run.execute(resume=resume), backend


def _make_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        disable=not sys.stderr.isatty(),
    )


def _summarise(results: list[Result], figures: dict[str, Any]) -> str:
    all_of = count(results)
    rows = []
    for name, rate in (
        ("resolved", all_of.resolution),
        ("replies in the language", all_of.language),
        ("scenarios with fabrication", all_of.fabrication),
        ("scenarios with a forbidden write", all_of.forbidden),
        ("hand-offs that were expected", all_of.handoff_precision),
    ):
        low, high = rate.interval
        rows.append(f"{name:34}{rate.right:5} of {rate.total:5}  {rate.share:7.1%}  ({low:.1%} to {high:.1%})")
    if all_of.k > 1:
        rows.append(
            f"{f'pass^{all_of.k}':34}{all_of.pass_k.right:5} of {all_of.pass_k.total:5}  {all_of.pass_k.share:7.1%}"
        )
    seconds = figures["all"]["seconds"]
    rows.append(
        f"{'seconds to the reply':34}p50 {seconds['p50']:.2f}, p90 {seconds['p90']:.2f}, p99 {seconds['p99']:.2f}"
    )
    if len(results) < figures["planned"]:
        rows.append(
            f"The time was over: {figures['planned'] - len(results)} scenarios were not played; --resume goes on."
        )
    rows.append("causes of failures: " + (", ".join(f"{k} {n}" for k, n in figures["causes"].items()) or "none"))
    return "\n".join(rows)
