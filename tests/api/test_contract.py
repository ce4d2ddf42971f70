"""The OpenAPI document against hostile requests: only documented answers, problems as promised, never a crash."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.application import build_api
from app.api.problems import MEDIA_TYPE, Problem
from tests.api.test_conversations import start
from tests.conftest import MakeCounter

SPITE = [
    "", "\x00", "a\u0300" * 2000, "\u202e‮evil", "\u200b\u2060", "data: x\n\nevent: reply\r\n", "{}", "' OR 1=1 --",
    "../../etc/passwd", "<script>alert(1)</script>", "٣٤٥", "๑๒๓๔๕", "9" * 5000, "\ud800", "𝕒" * 300, "ကျေးဇူးပါ",
]  # fmt: skip

texts = st.sampled_from(SPITE) | st.text(max_size=40)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def fill(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values near a schema: of its shape, with spiteful leaves, fields missing or of another kind."""
    if "$ref" in schema:
        return fill(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if "anyOf" in schema:
        return st.one_of([fill(each, document) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | texts
    if schema.get("type") == "object" and "properties" in schema:
        fields = {name: fill(each, document) | anything for name, each in schema["properties"].items()}
        good = {name: fill(each, document) for name, each in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(good)
    if schema.get("type") == "integer":
        return st.integers(schema.get("minimum", -(2**40)), schema.get("maximum", 2**40)) | st.integers()
    examples = [each for each in schema.get("examples", []) if each is not None]
    return st.sampled_from(examples) | texts if examples else texts


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Those of visitors and of health checks; webhooks and the stream that never ends have tests of their own."""
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "webhooks" not in operation.get("tags", []) and not path.endswith("/events")
    ]


@pytest.fixture
async def api(make_counter: MakeCounter) -> AsyncIterator[httpx.AsyncClient]:
    """Like ``http``, but a crash is an answer with 500."""
    counter = await make_counter(limit_starts="99999 per hour", limit_address="99999 per hour")
    transport = httpx.ASGITransport(build_api(counter.services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def document(api: httpx.AsyncClient) -> Any:
    return (await api.get("/api/openapi.json")).json()


@settings(max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_every_answer_is_documented_and_none_is_a_crash(
    api: httpx.AsyncClient, document: dict[str, Any], data: st.DataObject
) -> None:
    await try_one(api, document, data)


@pytest.mark.fuzz
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_no_answer_of_thousands_is_undocumented(
    api: httpx.AsyncClient, document: dict[str, Any], data: st.DataObject
) -> None:
    await try_one(api, document, data)


async def try_one(api: httpx.AsyncClient, document: dict[str, Any], data: st.DataObject) -> None:
    """One hostile request to one of the documented operations."""
    method, path, operation = data.draw(st.sampled_from(operations(document)))
    made, auth = await start(api, locale="th")
    url = path.replace("/api/conversations/{id}", made if data.draw(st.integers(0, 9)) else "/api/conversations/x")
    url = url.replace("{pid}", "%00..%2f").replace("{aid}", "a" * 500)
    if not data.draw(st.integers(0, 9)):
        auth = {"Authorization": data.draw(st.sampled_from(["", "Bearer", "Bearer x", "Basic eDp4", "Bearer é"]))}
    headers = auth | {"Accept": data.draw(st.sampled_from(["application/json", "text/event-stream", "\x7f"]))}
    body = _body(data, operation, document)
    headers |= {"Content-Type": "application/json"} if "content" in body else {}
    answer = await api.request(method, url, **body, headers=_encode(headers))
    described = operation["responses"]
    assert str(answer.status_code) in described, (method, path, answer.status_code, answer.text)
    assert answer.status_code != 500
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert Problem.model_validate(answer.json()).code
    elif answer.status_code != 204:
        assert answer.headers["content-type"].split(";")[0] in described[str(answer.status_code)]["content"]


def _encode(headers: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in headers.items()}


def _body(data: st.DataObject, operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": {"file": (data.draw(st.text(max_size=20)), data.draw(st.binary(max_size=200)))}}
    if not content:
        return (
            {"params": {"after": data.draw(st.text(max_size=20) | st.integers())}}
            if operation.get("parameters")
            else {}
        )
    body = data.draw(fill(content["application/json"]["schema"], document) | anything)
    return {"content": json.dumps(body).encode()}


@pytest.mark.parametrize("text", SPITE)
async def test_spiteful_text_in_any_field_is_taken_or_refused(http: httpx.AsyncClient, text: str) -> None:
    path, auth = await start(http, locale="ms")
    for tail, body in {
        "/rating": {"score": 3, "comment": text},
        "/verification": {"order_number": text, "contact": text},
        "/verification#": {"identity_token": text},
        "/messages": {"client_id": text, "text": text},
        "/handoff": {"reason": text},
    }.items():
        headers = auth | {"Content-Type": "application/json"}
        answer = await http.post(path + tail.rstrip("#"), content=json.dumps(body).encode(), headers=headers)
        assert answer.status_code in {200, 204, 401, 422}, (tail, answer.text)
    started = await http.post("/api/conversations", content=json.dumps({"locale": text, "page_url": text}).encode())
    assert started.status_code in {201, 422}


async def test_the_document_shows_an_example_for_every_body(http: httpx.AsyncClient) -> None:
    document = (await http.get("/api/openapi.json")).json()
    for method, path, operation in operations(document):
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema:
            found = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            assert any("examples" in json.dumps(each) for each in found["properties"].values()), (method, path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://[::1"},
        {"Origin": "https://["},
        {"Last-Event-ID": "9" * 6000},
        {"Accept-Language": "," * 9000},
    ],
)
async def test_a_broken_header_is_refused_or_ignored(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await http.post("/api/conversations", json={}, headers=headers)).status_code in {201, 403}
