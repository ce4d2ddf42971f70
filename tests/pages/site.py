"""A running site and a visitor's browser, for tests: real HTTP on loopback, real Chromium, everything recorded."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect

from app.assistant import Turn
from app.config import load_settings
from app.conversations import Conversations
from app.events import Event, Progress, Text
from app.identity import Identities
from app.limits import Limits
from app.llm.base import Model
from app.main import Services, build_services, create_app
from app.models import Outcome, Reply
from tests.conftest import UNLIMITED

DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM = {
    "executable_path": str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None,
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
PATIENCE = 20_000.0
"""Milliseconds for anything to appear: generous, because nothing here measures time."""


class SlowAssistant:
    """Says ``segments`` one by one, each when the test allows it."""

    def __init__(self, segments: Sequence[str], language: str) -> None:
        self.segments = list(segments)
        self.language = language
        self.allowed = asyncio.Semaphore(0)
        self.turns: list[Turn] = []

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        self.turns.append(turn)
        yield Progress("reading")
        for index, segment in enumerate(self.segments):
            await self.allowed.acquire()
            yield Text(index, segment)
        await self.allowed.acquire()
        yield Reply("".join(self.segments).strip(), self.language, Outcome.ANSWERED)


@dataclass
class Site:
    """The server on one port and one data directory; ``restart`` is a new process as far as the page can tell."""

    data: Path
    model: Model | None = None
    assistant: Any = None
    port: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    """More than the defaults."""
    handlers: dict[str, int] = field(default_factory=dict)
    """Ids of the page's handlers by name, once somebody has read them."""
    services: Services = field(init=False)
    _server: uvicorn.Server = field(init=False)
    _task: "asyncio.Task[None]" = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        settings = load_settings(data_dir=self.data, model_backend="none", **self.settings)
        self.services = await build_services(settings, model=self.model)
        if self.assistant is not None:
            self.services = _with_assistant(self.services, self.assistant)
        config = uvicorn.Config(self.make_app(), log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([listener]))
        while not self._server.started:
            assert not self._task.done(), "the server did not start"
            await asyncio.sleep(0.02)

    def make_app(self) -> FastAPI:
        return create_app(self.services)

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._task

    async def restart(self) -> None:
        await self.stop()
        await self.start()


def _with_assistant(services: Services, assistant: Any) -> Services:
    conversations = Conversations(
        services.store,
        assistant,
        Identities(services.store, services.store),
        services.wording,
        languages=services.settings.languages,
        shop_name=services.policies.shop.name,
        max_characters=services.settings.max_message_characters,
        clock=services.clock,
        meters=services.meters,
        limits=Limits(**{name.removeprefix("limit_"): limit for name, limit in UNLIMITED.items()}),
        token_days=services.settings.token_days,
    )
    return replace(services, conversations=conversations)


@dataclass
class Shopper:
    """One person at the page; ``hosts`` are all that the browser asked for anything."""

    page: Page
    url: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def arrive(cls, browser: Browser, url: str, locale: str, **context: Any) -> "Shopper":
        """Open the page in a fresh browser profile."""
        shopper = cls(await (await browser.new_context(locale=locale, **context)).new_page(), url)
        shopper.page.on("request", lambda request: shopper.hosts.add(urlsplit(request.url).hostname or ""))
        shopper.page.on("websocket", lambda socket: shopper.hosts.add(urlsplit(socket.url).hostname or ""))
        shopper.page.on("pageerror", lambda error: shopper.complaints.append(str(error)))
        shopper.page.on("dialog", lambda dialog: shopper.complaints.append(dialog.message))
        shopper.page.set_default_timeout(PATIENCE)
        await shopper.page.goto(url)
        await shopper.settle()
        return shopper

    async def settle(self) -> None:
        await self.page.wait_for_selector("html[data-ready]")

    async def reload(self) -> None:
        await self.page.reload()
        await self.settle()

    async def type(self, text: str) -> None:
        """Write a message and press Enter."""
        await self.page.fill("#box textarea", text)
        await self.page.press("#box textarea", "Enter")

    async def say(self, text: str) -> str:
        """Write a message and read the reply to it."""
        before = await self.page.locator(REPLIES).count()
        await self.type(text)
        await expect(self.page.locator(REPLIES)).to_have_count(before + 1, timeout=PATIENCE)
        return await self.page.locator(REPLIES).last.inner_text()

    async def prove(self, number: str, contact: str) -> None:
        """Fill in the form beside the chat."""
        await self.page.fill("#number input", number)
        await self.page.fill("#contact input", contact)
        await self.page.click("#verify")

    async def see(self, selector: str, text: str) -> None:
        await expect(self.page.locator(selector).first).to_contain_text(text, timeout=PATIENCE)

    async def texts(self, selector: str) -> list[str]:
        return await self.page.locator(selector).all_inner_texts()

    async def kept(self) -> dict[str, str]:
        """What the browser stores for this site."""
        stored = await self.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
        found: dict[str, str] = json.loads(stored)
        return found


REPLIES = "#thread .message.assistant .bubble"
MINE = "#thread .message.customer .bubble"
