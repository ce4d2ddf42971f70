"""Server-sent events: stored messages and provisional events of a turn on the wire (DESIGN §9)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import orjson
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from fastapi.sse import EventSourceResponse as EventSourceResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Message as ASGIMessage
from starlette.types import Receive, Scope, Send

from app.api.schemas import MessageOut, ProposalOut, StatusOut
from app.errors import TooManyTries
from app.events import Progress, Text
from app.models import Author, Conversation, Message, Proposal, Reply
from app.store import News

OF_ONE = 8
SHARE = 4
SEND_SECONDS = 30.0
"""A reader that takes nothing for so long has gone; its place is given to others."""

RETRY_SECONDS = 10
PING_SECONDS = 15.0
"""Shorter than the idle time-outs of common proxies (nginx: 60 s)."""

DESCRIPTION: dict[str, Any] = {"description": "Server-sent events", "content": {"text/event-stream": {}}}
"""OpenAPI's entry for a route that streams."""

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

HIGHEST = 2**31 - 1
"""The highest sequence that a database column holds."""


def read_id(last_event_id: str | None) -> int:
    """The sequence in a ``Last-Event-ID``; 0 for anything else."""
    digits = (last_event_id or "")[:11]
    return min(int(digits), HIGHEST) if digits.isascii() and digits.isdigit() else 0


def encode(name: str, data: Any, id: int | None = None) -> bytes:
    body = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    return format_sse_event(data_str=orjson.dumps(body).decode(), event=name, id=None if id is None else str(id))


def encode_event(event: Progress | Text | Reply | Message, turn: int) -> bytes | None:
    """One event of the turn that answers message ``turn``; None for what the stored reply says anyway."""
    match event:
        case Progress(stage=stage):
            return encode("progress", {"turn": turn, "stage": stage})
        case Text(index=index, text=text):
            return encode("text", {"turn": turn, "index": index, "text": text})
        case Message():
            name = "reply" if event.author is Author.ASSISTANT else "message"
            return encode(name, MessageOut.of(event), event.seq)
    return None


def encode_news(news: News, seq: int) -> bytes:
    """A stored message, or a change of the conversation or a proposal with the newest stored sequence as its id."""
    match news:
        case Message():
            return encode("message", MessageOut.of(news), news.seq)
        case Conversation():
            return encode("status", StatusOut.of(news), seq)
        case Proposal():
            return encode("proposal", ProposalOut.of(news), seq)


class Streams:
    """How many streams follow conversations: of one, at most ``OF_ONE`` (tabs of one visitor); of all, ``most``.

    One address gets at most ``1 / SHARE`` of them: it cannot shut out everybody else.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    def check(self, conversation_id: str, address: str = "") -> None:
        """Raises TooManyTries when one more would be too many."""
        greedy = bool(address) and self._addresses[address] >= max(OF_ONE, self._most // SHARE)
        if greedy or self._open[conversation_id] >= OF_ONE or self._open.total() >= self._most:
            raise TooManyTries(RETRY_SECONDS)

    async def hold(self, conversation_id: str, frames: AsyncIterator[bytes], address: str = "") -> AsyncIterator[bytes]:
        """The frames, counted while they are read; only an error when others took the last place meanwhile."""
        try:
            self.check(conversation_id, address)
        except TooManyTries as error:
            yield encode("error", {"code": error.code})
            return
        self._open[conversation_id] += 1
        self._addresses[address] += 1
        try:
            async for frame in frames:
                yield frame
        finally:
            self._open -= Counter({conversation_id: 1})
            self._addresses -= Counter({address: 1})


async def with_pings(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The frames, and a comment whenever nothing came for a while."""
    pending = asyncio.ensure_future(anext(frames, None))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=PING_SECONDS)
            if not done:
                yield KEEPALIVE_COMMENT
                continue
            frame = pending.result()
            if frame is None:
                return
            yield frame
            pending = asyncio.ensure_future(anext(frames, None))
    finally:
        pending.cancel()
        with suppress(asyncio.CancelledError):
            await pending


class _TimedResponse(EventSourceResponse):
    """Ends when nothing can be sent for ``SEND_SECONDS``; closes its frames however it ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def timed(message: ASGIMessage) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        try:
            with suppress(TimeoutError, ClientDisconnect):
                await super().__call__(scope, receive, timed)
        finally:
            await self.body_iterator.aclose()  # type: ignore[attr-defined]


def respond(frames: AsyncIterator[bytes]) -> EventSourceResponse:
    return _TimedResponse(with_pings(frames), headers=HEADERS)
