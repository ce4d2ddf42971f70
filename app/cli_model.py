"""``kaunter model``: list, pull and check model files, and say what serves. Owns the terminal, nothing else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from app import model_files, model_sources
from app.config import EMBEDDED_MODEL, Settings, load_settings
from app.errors import KaunterError
from app.llm.backends import choose_model
from app.llm.base import ChatMessage, Health, Sampling
from app.llm.calls import complete, wait_until_ready

app = typer.Typer(help="Model files and the backend that serves.", no_args_is_help=True)
LOAD_SECONDS = 120.0


@contextmanager
def one_sentence() -> Iterator[None]:
    """Our own errors become one line on standard error and exit code 2."""
    try:
        yield
    except KaunterError as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None


@app.command("list")
def show_list() -> None:
    """The catalogue: what each model is good for, and what lies on the disk."""
    with one_sentence():
        folder = load_settings().data_dir / "models"
        table = Table(box=None, pad_edge=False)
        for heading in ("name", "size", "licence", "on the disk", "languages"):
            table.add_column(heading, overflow="fold")
        for found in model_files.inspect(folder):
            size = f"{found.entry.expected_bytes / 1e9:.2f} GB"
            table.add_row(found.entry.name, size, found.entry.licence, describe(found), found.entry.languages)
        Console().print(table)


def describe(found: model_files.Presence) -> str:
    if not found.present:
        return "pull not finished" if found.partial else "no"
    return "verified" if found.verified else "present, not verified"


@app.command()
def pull(
    name: str = typer.Argument(EMBEDDED_MODEL, help="A name of `kaunter model list`."),
    force: bool = typer.Option(False, "--force", help="Fetch it again even when it is there."),
) -> None:
    """Fetch a model file, verified by SHA-256; after an interruption it goes on where it stopped."""
    with one_sentence():
        folder = load_settings().data_dir / "models"
        entry = model_files.find_entry(name)
        with show_progress() as watch:
            path = model_sources.pull(folder, entry, watch, force=force)
        typer.echo(f"{path}: verified.")
        typer.echo(f"{entry.title}: {entry.languages}.")


@contextmanager
def show_progress() -> Iterator[model_sources.Watch]:
    """A bar on a terminal, one plain line a step elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield model_sources.Watch(lambda step, total: announce(step, total))
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:

        def begin(step: str, total: int) -> model_files.Advance:
            task = progress.add_task(step, total=total)
            return lambda count: progress.advance(task, count)

        yield model_sources.Watch(begin)


def announce(step: str, total: int) -> model_files.Advance:
    typer.echo(f"{step} ({total / 1e6:,.0f} MB) …", err=True)
    return lambda count: None


@app.command()
def status() -> None:
    """The backend in force, its health, its context and its speed on one short reply."""
    with one_sentence():
        health, speed = asyncio.run(try_out(load_settings()))
    typer.echo(f"backend  {health.backend}\nmodel    {health.model}\nstate    {health.state}")
    if health.detail:
        typer.echo(f"         {health.detail}")
    for fact, value in health.facts.items():
        typer.echo(f"{fact:<24} {value}")
    if speed:
        typer.echo(speed)
    if health.state != "ready":
        raise typer.Exit(1)


async def try_out(settings: Settings) -> tuple[Health, str]:
    """Start the model, wait for it, and let it say a few words."""
    model = await choose_model(settings)
    if model is None:
        return Health("unavailable", "none", "none", "KAUNTER_MODEL_BACKEND=none: replies are canned."), ""
    loop = asyncio.get_running_loop()
    try:
        await model.start()
        health = await wait_until_ready(model, LOAD_SECONDS)
        if health.state != "ready":
            return health, ""
        begun = loop.time()
        question = [ChatMessage("user", "Count from one to twenty in words.")]
        _, usage, _ = await complete(model, question, Sampling(temperature=0.0, max_tokens=48))
        seconds = loop.time() - begun
        return await model.health(), f"one reply: {usage.generated} tokens in {seconds:.1f} s"
    finally:
        await model.close()
