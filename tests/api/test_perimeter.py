"""What the API refuses before a route runs, and what every answer carries."""

import asyncio

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from app.api.application import build_api
from app.api.guard import Guard
from app.api.stream import OF_ONE, Streams
from app.errors import TooManyTries
from app.identity import SHELL
from app.limits import Limits
from app.logs import trace_without_words
from tests.api.test_conversations import say, start
from tests.conftest import MakeCounter
from tests.counter import Counter

SHOP = "https://shop.example"


async def client_of(counter: Counter, **options: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_api(counter.services))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", **options)  # type: ignore[arg-type]


async def test_a_page_of_an_allowed_origin_may_call_without_cookies(make_counter: MakeCounter) -> None:
    async with await client_of(await make_counter(allowed_origins=[SHOP])) as http:
        asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
        preflight = await http.options(
            "/api/conversations", headers=asked | {"Access-Control-Request-Headers": "authorization,content-type"}
        )
        assert preflight.status_code == 200
        answer = await http.post("/api/conversations", json={"locale": "th"}, headers={"Origin": SHOP})
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "https://shop.example.evil.example",
        "http://shop.example",
        "https://shop.example:8443",
    ],
)
async def test_a_page_of_any_other_origin_is_refused(make_counter: MakeCounter, origin: str) -> None:
    async with await client_of(await make_counter(allowed_origins=[SHOP])) as http:
        answer = await http.post("/api/conversations", json={}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers
        preflight = await http.options(
            "/api/conversations", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        assert preflight.status_code == 403


async def test_the_counters_own_pages_may_call_it(http: httpx.AsyncClient) -> None:
    assert (await http.post("/api/conversations", json={}, headers={"Origin": "http://localhost"})).status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.2"])
async def test_a_forged_host_is_refused(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/healthz", headers={"Host": host})).status_code == 400


async def test_forwarded_headers_of_anybody_change_nothing(make_counter: MakeCounter) -> None:
    async with await client_of(await make_counter(limit_starts="2 per hour")) as http:
        codes = []
        for n in range(4):
            forged = {
                "X-Forwarded-For": f"10.0.0.{n}",
                "Forwarded": f"for=10.0.0.{n}",
                "X-Forwarded-Host": "evil.example",
            }
            codes.append((await http.post("/api/conversations", json={}, headers=forged)).status_code)
        assert codes == [201, 201, 429, 429]


@pytest.mark.parametrize("size", [1_000_001, 50_000_000])
async def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(
    http: httpx.AsyncClient, size: int
) -> None:
    said = await http.post("/api/conversations", content=b"x", headers={"Content-Length": str(size)})
    assert (said.status_code, said.json()["code"]) == (413, "body_too_large")
    sent = 0

    async def chunks() -> "httpx.AsyncByteStream":  # type: ignore[misc]
        nonlocal sent
        while sent < size:
            sent += 100_000
            yield b" " * 100_000

    silent = await http.post("/api/conversations", content=chunks(), headers={"Content-Type": "application/json"})
    assert (silent.status_code, silent.json()["code"]) == (413, "body_too_large")


async def test_another_conversations_token_opens_nothing(http: httpx.AsyncClient) -> None:
    path, _ = await start(http, locale="lo")
    _, other = await start(http, locale="lo")
    body: dict[str, object] = {}
    for method, tail in [
        ("GET", "/messages"), ("GET", "/events"), ("POST", "/messages"), ("POST", "/rating"), ("POST", "/handoff"),
        ("POST", "/verification"), ("POST", "/attachments"), ("GET", "/attachments/x"), ("DELETE", ""), ("PATCH", ""),
    ]:  # fmt: skip
        answer = await http.request(method, path + tail, headers=other, json=body if method != "GET" else None)
        assert answer.status_code == 401, (method, tail)


async def test_a_conversation_that_sends_too_fast_is_told_when_to_come_back(make_counter: MakeCounter) -> None:
    async with await client_of(await make_counter(limit_conversation="3 per minute")) as http:
        path, auth = await start(http, locale="my")
        answers = [await say(http, path, auth, "မင်္ဂလာပါ") for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
        assert answers[-1].json()["code"] == "too_many_tries"
        stored = (await http.get(f"{path}/messages", headers=auth)).json()["messages"]
        assert sum(m["author"] == "customer" for m in stored) == 3


async def test_ten_times_too_many_streams_are_refused_and_a_closed_one_makes_room() -> None:
    streams, opened = Streams(3), []

    async def frames() -> "asyncio.Future[bytes]":  # type: ignore[misc]
        yield b"first"
        await asyncio.Event().wait()

    for n in range(30):
        held = streams.hold(f"c{n}", frames())
        if await anext(held) == b"first":
            opened.append(held)
    assert len(opened) == 3
    with pytest.raises(TooManyTries):
        streams.check("another")
    await opened.pop().aclose()
    streams.check("another")
    many = [streams.hold("one", frames()) for _ in range(OF_ONE + 2)]
    assert sum([await anext(held) == b"first" for held in many]) == 1


@pytest.mark.parametrize(
    ("path", "script"),
    [("/api/openapi.json", "default-src 'none'"), ("/api/docs", "script-src 'self' 'unsafe-inline'")],
)
async def test_every_answer_carries_the_headers_of_its_route(http: httpx.AsyncClient, path: str, script: str) -> None:
    headers = (await http.get(path)).headers
    assert script in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_token_expires_when_nothing_was_said_for_its_days(counter: Counter, http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="fil")
    assert (await http.get(f"{path}/messages", headers=auth)).status_code == 200
    now = counter.services.clock()
    counter.conversations._clock = lambda: now.replace(year=now.year + 1)
    answer = await http.get(f"{path}/messages", headers=auth)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_allowed")


async def test_what_anybody_says_about_proxies_never_reaches_the_pages() -> None:
    """Gradio builds its addresses from X-Forwarded-Host, whoever sent it."""
    seen: list[bytes] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(name for name, _ in scope["headers"])
        await Response("")(scope, receive, send)

    forged = dict.fromkeys(("X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP"), "evil.example")
    transport = httpx.ASGITransport(Guard(page, origins=[]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        assert (await http.get("/", headers=forged)).status_code == 200
    assert b"host" in seen
    assert not [name for name in seen if b"forwarded" in name or b"real" in name]


async def test_an_error_that_nobody_expected_is_a_problem_and_its_words_are_in_no_log() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("zebra-7731 ลูกค้าเขียน")

    transport = httpx.ASGITransport(Guard(page, origins=[]))
    with capture_logs(processors=[trace_without_words]) as logs:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            answer = await http.get("/api/conversations/1/messages")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [each["exception"] for each in logs] == ["RuntimeError"]
    assert "zebra" not in answer.text + repr(logs)


async def test_an_answer_that_fails_half_way_ends_and_is_not_begun_again() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("zebra-7731")

    sent = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with capture_logs(processors=[trace_without_words]) as logs:
        await Guard(page, origins=[])({"type": "http", "path": "/", "headers": []}, receive, send)
    assert sent == ["http.response.start", "http.response.body"]
    assert [each["event"] for each in logs] == ["request.failed"]


async def test_the_owner_in_the_shell_is_not_limited_and_an_address_is() -> None:
    limits = Limits(conversation="1 per minute", address="1 per minute", shop="1 per minute", starts="1 per minute")
    for _ in range(9):
        await limits.count_message("c", SHELL)
        await limits.count_start(SHELL)
    await limits.count_message("c", "192.0.2.1")
    with pytest.raises(TooManyTries):
        await limits.count_message("c", "192.0.2.1")
