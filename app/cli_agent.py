"""``kaunter agent``: conversations that wait for a person, and answering them, until the console is there."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.config import load_settings
from app.store import InboxEntry
from app.store.opening import opened
from app.terminal import tame

app = typer.Typer(no_args_is_help=True)


@app.command()
def inbox(as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False) -> None:
    """List the conversations that wait for a person or have one."""
    entries = asyncio.run(_inbox())
    if as_json:
        print(json.dumps([_as_json(entry) for entry in entries], ensure_ascii=False, indent=2))
        return
    table = Table("conversation", "language", "reason", "assignee", "since", "last message")
    for entry in entries:
        c, last = entry.conversation, entry.messages[-1] if entry.messages else None
        table.add_row(
            c.id,
            c.language,
            tame(c.handoff_reason or ""),
            c.assignee or "",
            c.updated_at.isoformat(timespec="minutes"),
            tame(f"{last.author}: {last.text}") if last else "",
        )
    Console().print(table if entries else "Nobody waits.", markup=False)


@app.command()
def reply(
    conversation: Annotated[str, typer.Argument(help="The conversation's id.")],
    text: Annotated[str, typer.Argument(help="What the customer is to read.")],
    name: Annotated[str, typer.Option(help="Your name, as the customer sees it.")] = "Agent",
    hand_back: Annotated[bool, typer.Option("--hand-back", help="Let the assistant answer again after it.")] = False,
) -> None:
    """Answer a conversation as a person; the assistant stays silent from then on."""
    asyncio.run(_reply(conversation, text, name, hand_back))
    print("Sent." + (" The assistant answers again." if hand_back else ""))


@app.command()
def photos(
    conversation: Annotated[str, typer.Argument(help="The conversation's id.")],
    folder: Annotated[Path, typer.Argument(help="Where to write them.")] = Path(),
) -> None:
    """Save the photos that a customer sent."""
    for path in asyncio.run(_photos(conversation, folder)):
        print(path)


async def _photos(conversation: str, folder: Path) -> list[Path]:
    async with opened(load_settings()) as store:
        found = await store.photos(conversation)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    paths = [folder / f"{conversation}-{photo.message_seq}.jpg" for photo in found]
    for path, photo in zip(paths, found, strict=True):
        await asyncio.to_thread(path.write_bytes, photo.content)
    return paths


async def _inbox() -> list[InboxEntry]:
    async with opened(load_settings()) as store:
        return list(await store.inbox())


async def _reply(conversation: str, text: str, name: str, hand_back: bool) -> None:
    async with opened(load_settings()) as store:
        await store.add_agent_message(conversation, name, text)
        if hand_back:
            await store.hand_back(conversation)


def _as_json(entry: InboxEntry) -> dict[str, object]:
    c = entry.conversation
    return {
        "conversation_id": c.id,
        "language": c.language,
        "reason": c.handoff_reason,
        "assignee": c.assignee,
        "updated_at": c.updated_at.isoformat(),
        "messages": [{"seq": m.seq, "author": m.author, "text": m.text} for m in entry.messages],
    }
