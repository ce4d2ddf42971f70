"""A shop's page with the widget in it, on the counter's own site, and a guest who uses it through the shadow root."""

import json
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import jwt
from fastapi import FastAPI
from playwright.async_api import Browser, Locator, Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.api.application import build_api
from tests.pages.site import PATIENCE, Site

SECRET = secrets.token_urlsafe(32)
POLICY = "default-src 'none'; script-src {0}; connect-src {0}"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width">
</head><body><main><h1>A shop</h1><p>Things to buy. <a href="#more">More</a></p></main>
<script src="%s/widget.js" defer></script><support-chat %s></support-chat></body></html>"""


@dataclass
class Storefront(Site):
    """A site with a page ``/shop``; ``customer`` is who is signed in there, None for nobody."""

    attributes: str = ""
    customer: str | None = None
    counter: str = ""
    """Where the page loads the widget from; empty: its own origin."""

    def make_app(self) -> FastAPI:
        """Without the Gradio pages, which take seconds to build and which no storefront needs."""

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            await self.services.start()
            yield
            await self.services.close()

        app = build_api(self.services, lifespan)
        app.router.routes[:0] = [
            Route("/shop", self.show),
            Route("/shop/identity", self.identify, methods=["POST"]),
        ]
        return app

    async def show(self, request: Request) -> Response:
        policy = POLICY.format(f"'self' {self.counter}".strip())
        return HTMLResponse(PAGE % (self.counter, self.attributes), headers={"Content-Security-Policy": policy})

    async def identify(self, request: Request) -> Response:
        if self.customer is None:
            return Response(status_code=204)
        now = int(time.time())
        times = {"iat": now, "exp": now + 300}
        claims = {"sub": self.customer, "aud": "kaunter", "jti": secrets.token_urlsafe(16), **times}
        return Response(jwt.encode(claims, SECRET, algorithm="HS256"), media_type="text/plain")


@dataclass
class Guest:
    """One person in the shop; ``hosts`` are all that the browser asked for anything."""

    page: Page
    url: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def arrive(cls, browser: Browser, site: Site, locale: str, **context: Any) -> "Guest":
        page = await (await browser.new_context(locale=locale, **context)).new_page()
        guest = cls(page, f"{site.url}shop")
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: guest.hosts.add(urlsplit(request.url).hostname or ""))
        page.on("pageerror", lambda error: guest.complaints.append(str(error)))
        page.on("dialog", lambda dialog: guest.complaints.append(dialog.message))
        await page.goto(guest.url)
        return guest

    def find(self, selector: str) -> Locator:
        """Playwright's CSS looks through open shadow roots."""
        return self.page.locator(f"support-chat {selector}")

    async def open(self) -> None:
        await self.find(".launcher").click()
        await expect(self.find(".panel")).to_be_visible(timeout=PATIENCE)
        await self.see(".thread .assistant", "")

    async def write(self, text: str) -> None:
        await self.find(".composer textarea").fill(text)
        await self.find(".composer textarea").press("Enter")

    async def say(self, text: str) -> str:
        """Write a message and read the stored reply to it."""
        before = await self.find(REPLIES).count()
        await self.write(text)
        await expect(self.find(REPLIES)).to_have_count(before + 1, timeout=PATIENCE)
        return await self.find(REPLIES).last.inner_text()

    async def prove(self, number: str, contact: str) -> None:
        await self.find("[name=order_number]").fill(number)
        await self.find("[name=contact]").fill(contact)
        await self.find(".form [type=submit]").click()

    async def choose(self, label: str) -> None:
        """Open the menu and take an entry."""
        await self.find("header .icon").first.click()
        await self.find("#menu").get_by_role("button", name=label).click()

    async def see(self, selector: str, text: str) -> None:
        await expect(self.find(selector).last).to_contain_text(text, timeout=PATIENCE)

    async def texts(self, selector: str) -> list[str]:
        return [re.sub(r"\s+\d\d:\d\d.*$", "", text) for text in await self.find(selector).all_inner_texts()]

    async def kept(self) -> dict[str, str]:
        stored: dict[str, str] = json.loads(await self.page.evaluate("JSON.stringify({...localStorage})"))
        return stored


REPLIES = ".message.assistant:not(.live):has(time) .bubble"
MINE = ".message.customer .bubble"
LIVE = ".message.live .bubble"
