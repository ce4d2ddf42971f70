"""The counter in a shell: one question and its reply object, or a chat in the terminal."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Literal

from rich.console import Console

from app.api.schemas import as_reply_object
from app.config import Settings
from app.errors import ConfigurationError, InvalidMessage
from app.events import Text
from app.identity import SHELL, Proof
from app.logs import configure_logging
from app.main import Services, build_services
from app.models import Author, Message

PATIENCE = 300.0
"""Seconds that a command waits for the model to load and read its instructions."""


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Services for one command: no server, no taking up of other turns."""
    configure_logging("error" if settings.log_level == "info" else settings.log_level)
    services = await build_services(settings, patience=PATIENCE)
    try:
        await services.start(serve=False)
        yield services
    finally:
        await services.close()


async def ask_once(
    settings: Settings,
    text: str | None,
    *,
    confirm: str | None = None,
    decline: str | None = None,
    order: str | None = None,
    contact: str | None = None,
    lang: str | None = None,
    conversation: str | None = None,
) -> dict[str, Any]:
    """The reply object of one step, with ``conversation_id`` and ``proposals``. Raises KaunterError."""
    async with open_services(settings) as services:
        counter = services.conversations
        key = conversation or (await counter.start(lang)).conversation.id
        if lang:
            await counter.choose_language(key, lang)
        verified = None
        if order and contact:
            verified = await counter.verify_contact(key, Proof(order, contact), address=SHELL) is not None
        if confirm or decline:
            decision: Literal["confirm", "decline"] = "confirm" if confirm else "decline"
            proposal, settled = await counter.decide_proposal(key, confirm or decline or "", decision)
            return as_reply_object(settled, conversation_id=key, verified=verified, proposal=asdict(proposal))
        if text is None:
            raise ConfigurationError("Say what to ask, or name a proposal with --confirm or --decline.")
        receipt = await counter.receive_message(key, uuid.uuid4().hex, text, address=SHELL)
        reply = None
        async for event in counter.follow(key, receipt.message.seq):
            reply = event if isinstance(event, Message) else None
        more = {"conversation_id": key, "verified": verified}
        if reply is None:
            return {"text": "", "outcome": receipt.message.outcome, "language": receipt.message.language, **more}
        return as_reply_object(reply, **more)


async def chat_in_terminal(settings: Settings, lang: str | None) -> None:
    """Read lines, show verified segments as they come. An empty line or Ctrl-D ends."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    async with open_services(settings) as services:
        counter = services.conversations
        started = await counter.start(lang)
        if lang:
            await counter.choose_language(started.conversation.id, lang)
        console.print(started.greeting, style="green")
        while line := await asyncio.to_thread(_read_line):
            await _answer_line(services, console, started.conversation.id, line)


async def _answer_line(services: Services, console: Console, id: str, line: str) -> None:
    counter, streamed = services.conversations, False
    try:
        receipt = await counter.receive_message(id, uuid.uuid4().hex, line, address=SHELL)
    except InvalidMessage as error:
        console.print(str(error), style="yellow")
        return
    async for event in counter.follow(id, receipt.message.seq):
        if isinstance(event, Text):
            console.print(event.text, end="", style="green")
            streamed = True
        elif isinstance(event, Message) and event.author is Author.ASSISTANT:
            console.print("\n" if streamed else event.text, style="green")


def _read_line() -> str:
    try:
        return input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""
