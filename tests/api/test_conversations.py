"""The HTTP interface of a conversation: JSON and server-sent events, authorisation, problem details."""

import asyncio
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.counter import Counter

LAN = {"order_number": "12345", "contact": "lan.nguyen@example.com"}


async def start(http: httpx.AsyncClient, **body: Any) -> tuple[str, dict[str, str]]:
    answer = await http.post("/api/conversations", json=body)
    assert answer.status_code == 201, answer.text
    started = answer.json()
    return f"/api/conversations/{started['id']}", {"Authorization": f"Bearer {started['token']}"}


async def say(http: httpx.AsyncClient, path: str, auth: dict[str, str], text: str) -> httpx.Response:
    return await http.post(f"{path}/messages", json={"client_id": uuid.uuid4().hex, "text": text}, headers=auth)


def read_events(body: str) -> list[tuple[str, Any, str | None]]:
    events = []
    for block in body.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in lines:
            events.append((lines["event"], json.loads(lines["data"]), lines.get("id")))
    return events


@pytest.mark.parametrize(("locale", "language"), [("th", "th"), ("zh-TW", "zh-Hant"), ("tl", "fil"), ("xx", "en")])
async def test_a_conversation_starts_in_the_visitors_locale(
    http: httpx.AsyncClient, locale: str, language: str
) -> None:
    answer = await http.post("/api/conversations", json={"locale": locale})
    assert answer.json()["language"] == language
    assert answer.json()["greeting"]


async def test_the_browsers_languages_choose_where_no_locale_is_given(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/conversations", json={}, headers={"Accept-Language": "sw, vi;q=0.8, en;q=0.5"})
    assert answer.json()["language"] == "vi"


async def test_a_verified_order_is_answered_as_json(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="ja")
    verified = await http.post(f"{path}/verification", json=LAN, headers=auth)
    assert verified.json() == {"verified": True, "scope": "order"}
    answer = (await say(http, path, auth, "why has my order not shipped?")).json()
    assert answer["message"]["outcome"] == answer["reply"]["outcome"] == "answered"
    assert "12345" in answer["reply"]["text"]
    assert answer["reply"]["language"] == "en"
    assert answer["proposals"] == []


async def test_a_turn_streams_its_message_then_provisional_events_then_the_stored_reply(
    http: httpx.AsyncClient,
) -> None:
    path, auth = await start(http, locale="en")
    body = {"client_id": "1", "text": "hello"}
    answer = await http.post(f"{path}/messages", json=body, headers=auth | {"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    events = read_events(answer.text)
    assert events[0][0] == "message"
    assert events[-1][0] == "reply"
    assert [e[2] for e in events if e[0] in {"progress", "text"}] == [None] * (len(events) - 2)
    assert (events[0][2], events[-1][2]) == ("1", "2")


async def test_the_same_client_id_streams_the_stored_reply_again(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    body = {"client_id": "1", "text": "hello"}
    first = await http.post(f"{path}/messages", json=body, headers=auth)
    again = await http.post(f"{path}/messages", json=body, headers=auth)
    assert again.json()["reply"] == first.json()["reply"]
    assert len((await http.get(f"{path}/messages", headers=auth)).json()["messages"]) == 2


async def test_messages_after_a_sequence_number(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    await say(http, path, auth, "hello")
    found = (await http.get(f"{path}/messages", params={"after": 1}, headers=auth)).json()["messages"]
    assert [m["seq"] for m in found] == [2]


async def test_a_handed_off_message_waits_for_an_agent(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    answer = await http.post(f"{path}/handoff", json={}, headers=auth)
    assert answer.json() == {"status": "open", "mode": "manual"}
    later = (await say(http, path, auth, "anybody there?")).json()
    assert (later["reply"], later["message"]["outcome"]) == (None, "to_agent")


async def test_the_language_picker(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    picked = await http.patch(path, json={"language": "th"}, headers=auth)
    assert (picked.json()["language"], picked.json()["language_pinned"]) == ("th", True)
    assert (await http.patch(path, json={"language": "tlh"}, headers=auth)).status_code == 404


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("GET", "/messages"),
        ("POST", "/messages"),
        ("GET", "/events"),
        ("POST", "/verification"),
        ("POST", "/handoff"),
        ("PATCH", ""),
    ],
)
@pytest.mark.parametrize("token", [None, "", "wrong", "Bearer", "x" * 5000])
async def test_every_route_of_a_conversation_needs_its_token(
    http: httpx.AsyncClient, method: str, tail: str, token: str | None
) -> None:
    path, _ = await start(http, locale="en")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = {"client_id": "1", "text": "hello", "language": "th"}
    answer = await http.request(method, path + tail, json=body, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_allowed"


async def test_a_wrong_contact_and_an_unknown_order_answer_the_same(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    answers = [
        await http.post(f"{path}/verification", json=body, headers=auth)
        for body in (
            LAN | {"contact": "x@example.com"},
            LAN | {"order_number": "99999"},
            LAN | {"order_number": "\x00'"},
        )
    ]
    assert {a.text for a in answers} == {'{"verified":false,"scope":null}'}
    assert {a.status_code for a in answers} == {200}


async def test_too_many_tries_are_told_when_to_come_back(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    for _ in range(5):
        await http.post(f"{path}/verification", json=LAN | {"contact": "x@example.com"}, headers=auth)
    answer = await http.post(f"{path}/verification", json=LAN, headers=auth)
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_tries"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("", 422, "message_empty"), ("\u200b", 422, "message_empty"), ("x" * 4001, 422, "message_too_long")],
)
async def test_a_message_that_cannot_be_taken_is_a_localised_problem(
    http: httpx.AsyncClient, counter: Counter, text: str, status: int, code: str
) -> None:
    path, auth = await start(http, locale="vi")
    answer = await say(http, path, auth, text)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"] == counter.services.wording.say(code, "vi", limit=4000)
    assert (await http.get(f"{path}/messages", headers=auth)).json()["messages"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"client_id": 1}',
        b'{"client_id":"","text":"a"}',
        b"\xff\xfe",
        b'{"client_id":"a","text":"\\ud800"}',
    ],
)
async def test_a_malformed_body_is_a_problem_and_never_an_exception(http: httpx.AsyncClient, body: bytes) -> None:
    path, auth = await start(http, locale="en")
    answer = await http.post(f"{path}/messages", content=body, headers=auth | {"Content-Type": "application/json"})
    assert answer.status_code in {200, 422}


async def test_a_body_over_the_limit_is_refused_before_it_is_read(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="en")
    answer = await http.post(f"{path}/messages", content=b"x" * 1_000_001, headers=auth)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 50_000

    answer = await http.post(f"{path}/messages", content=endless(), headers=auth)
    assert answer.status_code == 413


async def test_a_forged_host_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz", headers={"Host": "evil.example"})
    assert answer.status_code == 400


async def test_health_tells_the_models_state(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    ready = (await http.get("/readyz")).json()
    assert (ready["status"], ready["model"]["backend"]) == ("ready", "none")


async def test_the_api_docs_are_self_hosted(http: httpx.AsyncClient) -> None:
    page = (await http.get("/api/docs")).text
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.svg"):
        assert f"/api/static/{asset}" in page
        assert (await http.get(f"/api/static/{asset}")).status_code == 200
    routes = (await http.get("/api/openapi.json")).json()["paths"]
    assert "/api/conversations/{id}/messages" in routes


async def test_events_replay_from_the_last_event_id_and_follow_an_agent(
    http: httpx.AsyncClient, counter: Counter
) -> None:
    path, auth = await start(http, locale="th")
    await say(http, path, auth, "สวัสดีค่ะ")
    await counter.services.store.add_agent_message(path.rsplit("/", 1)[1], "Mai", "สวัสดีค่ะ มายค่ะ")
    from app.api.routes import _stream_conversation

    frames = _stream_conversation(counter.conversations, path.rsplit("/", 1)[1], 1)
    found = [await asyncio.wait_for(anext(frames), 5) for _ in range(2)]
    await frames.aclose()  # type: ignore[attr-defined]
    assert [read_events(frame.decode())[0][2] for frame in found] == ["2", "3"]
