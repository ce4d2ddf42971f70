"""A model server on loopback that says, byte for byte, what a test tells it to. Knows no protocol above HTTP."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


class Abort(Exception):
    """Break the connection here, without any goodbye."""


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Answer:
    """``lines`` are sent one by one, chunked; an Abort among them breaks the connection, an Event is waited for."""

    status: int = 200
    lines: list[bytes | Abort | asyncio.Event] = field(default_factory=list)
    kind: str = "application/x-ndjson"


Handler = Callable[[Request], Answer | Awaitable[Answer]]


@dataclass
class Loopback:
    url: str
    requests: list[Request] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client went away in the middle of an answer."""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def asked(self, path: str) -> list[dict[str, Any]]:
        return [request.body for request in self.requests if request.path == path]

    async def wait_for(self, path: str, count: int = 1) -> list[dict[str, Any]]:
        """Until ``path`` was asked so many times, at most five seconds."""
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.asked(path)) >= count)
        return self.asked(path)


@asynccontextmanager
async def serve(handler: Handler) -> AsyncIterator[Loopback]:
    """An HTTP/1.1 server on a free port; each connection serves one request."""
    loopback = Loopback("")
    running: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            request = await read_request(reader)
            async with loopback.arrived:
                loopback.requests.append(request)
                loopback.arrived.notify_all()
            answer = handler(request)
            await write_answer(await answer if isinstance(answer, Awaitable) else answer, reader, writer, loopback)
        except (Abort, ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            running.discard(task)
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    loopback.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield loopback
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *rest = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, json.loads(body) if body else {})


async def write_answer(
    answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, loopback: Loopback
) -> None:
    writer.write(f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.kind}\r\n".encode())
    writer.write(b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    gone = asyncio.create_task(reader.read(1))
    try:
        for line in answer.lines:
            if isinstance(line, Abort):
                await writer.drain()
                raise line
            if isinstance(line, asyncio.Event):
                await asyncio.wait({gone, waiting := asyncio.create_task(line.wait())}, return_when="FIRST_COMPLETED")
                waiting.cancel()
                if gone.done():
                    loopback.closed.set()
                    return
                continue
            writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    finally:
        gone.cancel()


async def collect(chunks: AsyncGenerator[Any, None]) -> list[Any]:
    return [chunk async for chunk in chunks]
