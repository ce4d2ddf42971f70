"""A real server behind a proxy: the customer's address is believed from the proxies that the owner trusts only."""

import asyncio
import socket

import httpx
import pytest
import uvicorn

from app.api.application import build_api
from app.serving import configure
from tests.conftest import MakeCounter


@pytest.mark.parametrize(
    ("trusted", "codes"),
    [((), [201, 429, 429]), (("127.0.0.1",), [201, 201, 429]), (("10.9.8.7",), [201, 429, 429])],
)
async def test_the_limit_of_an_address_follows_the_forwarded_one_only_from_a_trusted_proxy(
    make_counter: MakeCounter, trusted: tuple[str, ...], codes: list[int]
) -> None:
    counter = await make_counter(limit_starts="1 per hour", trusted_proxies=trusted)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configure(build_api(counter.services), counter.services.settings))
    serving = asyncio.create_task(server.serve([listener]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as http:
        answers = []
        for address in ("203.0.113.1", "203.0.113.2", "203.0.113.2"):
            forwarded = {"X-Forwarded-For": address, "Forwarded": f"for={address}", "X-Real-IP": address}
            answers.append((await http.post("/api/conversations", json={}, headers=forwarded)).status_code)
    server.should_exit = True
    await serving
    assert answers == codes
