"""Readers that never read and bodies that never end: they get few places, little time, and the counter goes on."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn

from app.api import guard, stream
from app.api.application import build_api
from tests.api.test_conversations import start
from tests.conftest import MakeCounter

PLACES = 20


@pytest.fixture
async def port(make_counter: MakeCounter) -> AsyncIterator[int]:
    counter = await make_counter(max_streams=PLACES, limit_starts="999 per hour")
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(build_api(counter.services), log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def test_ten_times_the_places_in_slow_readers_are_refused_cleanly(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        visitors = [await start(http, locale="id") for _ in range(PLACES)]
        readers, heads = [], []
        for n in range(PLACES * 10):
            path, auth = visitors[n % PLACES]
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=64)
            head = f"GET {path}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {auth['Authorization']}\r\n\r\n"
            writer.write(head.encode())
            readers.append(writer)
            heads.append((await asyncio.wait_for(reader.readline(), 10)).split()[1])
        assert set(heads) == {b"200", b"429"}
        assert heads.count(b"200") <= PLACES
        assert (await http.get("/healthz")).status_code == 200
        path, auth = visitors[0]
        answer = await http.post(f"{path}/messages", json={"client_id": "1", "text": "halo"}, headers=auth)
        assert answer.json()["reply"]["text"]
        for writer in readers:
            writer.transport.abort()


async def test_a_reader_that_takes_nothing_loses_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SEND_SECONDS", 0.05)
    closed = asyncio.Event()

    async def frames() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: x\n\n"
        finally:
            closed.set()

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET", "headers": []}
    await asyncio.wait_for(stream.respond(frames())(scope, receive, send), 5)
    assert closed.is_set()


async def test_a_body_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /api/conversations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 20\r\n\r\n{{".encode())
    answer = (await asyncio.wait_for(reader.read(), 5)).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert '"code":"body_too_slow"' in answer
    writer.close()
