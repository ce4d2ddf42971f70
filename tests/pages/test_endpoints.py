"""The page's endpoints over raw HTTP, as somebody without a browser and without the token would call them."""

import json
import re
import uuid
from typing import Any

import httpx
import pytest

from app.models import Author
from tests.counter import LAN
from tests.pages.conftest import MakeSite
from tests.pages.site import Site

SECRET = "ความลับของลูกค้า"


async def call(site: Site, name: str, values: list[Any]) -> str:
    """Call a handler the way Gradio's own client does; what the server answers, without the seconds that it took.

    Left in, the digits of a duration spell an order number now and then.
    """
    async with httpx.AsyncClient(base_url=site.url, timeout=20) as client:
        if not site.handlers:
            found = (await client.get("config")).json()["dependencies"]
            site.handlers = {d["api_name"]: d["id"] for d in reversed(found) if d["api_name"]}
        session = uuid.uuid4().hex
        body = {"data": values, "fn_index": site.handlers[name], "session_hash": session, "trigger_id": None}
        joined = await client.post("gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return joined.text
        lines = []
        async with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
            async for line in stream.aiter_lines():
                lines.append(line)
                if '"process_completed"' in line or '"close_stream"' in line:
                    break
        events = [json.loads(line[5:], parse_float=lambda _: None) for line in lines if line.startswith("data:")]
        return "\n".join(json.dumps(event, ensure_ascii=False) for event in events)


async def begin(site: Site) -> tuple[str, str]:
    """A conversation with a secret and a proven order: its id and token."""
    conversations = site.services.conversations
    started = await conversations.start("th")
    await conversations.receive_message(started.conversation.id, "m1", SECRET)
    assert await conversations.verify_contact(started.conversation.id, LAN) is not None
    return started.conversation.id, started.token


async def test_with_its_token_a_conversation_is_shown(site: Site) -> None:
    conversation_id, token = await begin(site)
    answer = await call(site, "refresh", [{"id": conversation_id, "token": token}])
    assert SECRET in answer
    assert "12345" in answer


TOKENS: list[Any] = ["", "x" * 43, None, 1, ["x"], {"$ne": ""}, "ก" * 43, "\x00"]


async def test_without_its_token_no_handler_shows_or_changes_a_conversation(site: Site) -> None:
    conversation_id, _ = await begin(site)
    conversations = site.services.conversations
    before = await conversations.get(conversation_id)
    for token in TOKENS:
        forged = {"id": conversation_id, "token": token}
        calls = {
            "open": [forged],
            "refresh": [forged],
            "watch": [forged],
            "send": ["สวัสดี", forged],
            "ask_person": [forged],
            "choose_language": ["vi", forged],
            "verify": ["1", "x@example.com", forged],
        }
        for name, values in calls.items():
            answer = await call(site, name, values)
            assert "process_completed" in answer, name
            assert SECRET not in answer, name
            assert not re.search(r"\b12345\b", answer.replace("#12345", "")), name
            assert conversation_id not in answer, name
    after = await conversations.get(conversation_id)
    assert after.mode is before.mode
    assert after.language_pinned is before.language_pinned
    assert after.identity == before.identity
    said = [m.text for m in await conversations.messages(conversation_id) if m.author is Author.CUSTOMER]
    assert said == [SECRET]


async def test_proofs_through_the_page_are_throttled_like_all_others(site: Site) -> None:
    conversation_id, token = await begin(site)
    reference = {"id": conversation_id, "token": token}
    answers = [await call(site, "verify", [LAN.order_number, f"{n}@example.com", reference]) for n in range(6)]
    throttled = site.services.wording.say("proof_throttled", "th")
    assert throttled in answers[-1]
    assert throttled not in answers[0]


@pytest.mark.parametrize(
    "path", ["docs", "redoc", "openapi.json", "monitoring", "monitoring/summary", "gradio_api/runs"]
)
async def test_what_gradio_brings_along_is_not_open(site: Site, path: str) -> None:
    async with httpx.AsyncClient(base_url=site.url, follow_redirects=True) as client:
        answer = await client.get(path)
    assert answer.status_code in (401, 403, 404), path


async def test_nobody_can_upload_a_file_to_the_page(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = await client.post("gradio_api/upload", files={"files": ("a.txt", b"x" * 10_000)})
    assert answer.status_code == 413


async def test_the_page_does_not_hide_the_interface_or_the_health(make_site: MakeSite) -> None:
    site = await make_site()
    async with httpx.AsyncClient(base_url=site.url) as client:
        assert (await client.get("healthz")).json() == {"status": "ok"}
        assert (await client.post("api/conversations", json={"locale": "vi"})).status_code == 201
        assert (await client.get("api/docs")).status_code == 200
        assert (await client.get("api/nothing")).status_code == 404


async def test_the_page_names_no_outside_host_that_a_browser_would_ask(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        config = (await client.get("config")).json()
    assert config["analytics_enabled"] is False
    assert config.get("stylesheets", []) == []
    assert "fonts.googleapis.com" not in json.dumps(config)


async def test_the_page_names_no_outside_host_and_no_other_product(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url, timeout=20) as client:
        page = (await client.get("")).text
    hosts = set(re.findall(r"https?://([a-z0-9.-]+)", page))
    assert hosts <= {"127.0.0.1", "www.w3.org"}
    assert not re.search(r'"(?:og|twitter):', page)
