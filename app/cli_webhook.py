"""``kaunter webhook``: whether the configured webhooks take what they are told, and another try where they did not."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

import typer

from app.config import load_settings
from app.store.opening import name_target, opened

app = typer.Typer(no_args_is_help=True)


@app.command()
def status() -> None:
    """Show what waits and what was given up, by webhook; exit with 1 when something was given up."""
    settings = load_settings()
    counts, lost = asyncio.run(_count()), 0
    for place, url in enumerate(settings.webhook_urls, 1):
        target = name_target(url)
        waiting, given_up = (counts.get((target, state), 0) for state in ("waiting", "given_up"))
        lost += given_up
        print(f"{place}. {urlsplit(url).hostname}: {waiting} waiting, {given_up} given up")
    if not settings.webhook_urls:
        print("No webhook is set; see KAUNTER_WEBHOOK_URLS.")
    if lost:
        print("Correct the receiver, then run: kaunter webhook retry")
        raise typer.Exit(1)


@app.command()
def retry() -> None:
    """Send again what was given up."""
    print(f"{asyncio.run(_retry())} events will be sent again.")


async def _count() -> Mapping[tuple[str, str], int]:
    async with opened(load_settings()) as store:
        return await store.count_announcements()


async def _retry() -> int:
    async with opened(load_settings()) as store:
        return await store.retry_announcements()
