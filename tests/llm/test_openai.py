"""What only OpenAI-compatible servers do: naming their context, counting cached tokens, refusing in many words."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest

from app.errors import ModelUnavailable, PromptTooLong
from app.llm.base import ChatMessage, Chunk, Usage
from app.llm.calls import complete
from app.llm.openai import OpenAIModel
from tests.llm.dialects import NAME, OpenAIDialect
from tests.llm.loopback import Answer, Loopback, Request, serve

OPENAI = OpenAIDialect()
ASKED = [ChatMessage("user", "注文はどこですか")]


class Server:
    """llama-server, vLLM or any other, as the tests set it up."""

    def __init__(self) -> None:
        self.models: Answer = tell({"object": "list", "data": [entry()]})
        self.props: Answer = OPENAI.refusal(404, "no such thing")
        self.chat: Answer = OPENAI.answer(OPENAI.text("はい"), *OPENAI.end(40, 1))
        self.loopback: Loopback

    def __call__(self, request: Request) -> Answer:
        return {"/v1/models": self.models, "/props": self.props}.get(request.path, self.chat)

    def be_llama(self, slot_context: int) -> None:
        self.models = tell({"object": "list", "data": [entry(id="whatever.gguf", owned_by="llamacpp")]})
        self.props = tell({"default_generation_settings": {"n_ctx": slot_context}, "total_slots": 4})


def entry(**members: Any) -> dict[str, Any]:
    return {"id": NAME, "object": "model", "created": 1, "owned_by": "vllm", **members}


def tell(body: dict[str, Any]) -> Answer:
    return Answer(200, [json.dumps(body).encode()], "application/json")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with serve(server) as loopback:
        server.loopback = loopback
        yield server


@pytest.fixture
async def model(server: Server) -> AsyncIterator[OpenAIModel]:
    async with AsyncExitStack() as stack:
        model = OpenAIModel(f"{server.loopback.url}/v1", NAME, 8192, key="sesame")
        stack.push_async_callback(model.close)
        yield model


async def test_the_key_is_sent_and_usage_is_asked_for(server: Server, model: OpenAIModel) -> None:
    await complete(model, ASKED)
    request = next(r for r in server.loopback.requests if r.method == "POST")
    assert request.headers["authorization"] == "Bearer sesame"
    assert request.body["stream_options"] == {"include_usage": True}


async def test_cached_tokens_come_from_the_timings_of_llama_server(server: Server, model: OpenAIModel) -> None:
    usage = {"prompt_tokens": 40, "completion_tokens": 1, "total_tokens": 41}
    last = {"choices": [], "usage": usage, "timings": {"cache_n": 31, "prompt_n": 9, "predicted_n": 1}}
    server.chat = OPENAI.answer(*OPENAI.end(40, 1)[:1], OPENAI._event(**last), b"data: [DONE]\n\n")
    assert (await complete(model, ASKED))[1] == Usage(40, 31, 1)


async def test_a_reply_of_llama_server_that_is_broken_off_is_counted(server: Server, model: OpenAIModel) -> None:
    timings = {"cache_n": 31, "prompt_n": 9, "predicted_n": 1}
    first = OPENAI._event(choices=[{"index": 0, "delta": {"content": "ขอโทษ"}}], timings=timings)
    server.chat = OPENAI.answer(first, OPENAI.text("ค่ะ"))
    seen: list[Chunk] = []
    async with aclosing(model.stream(ASKED)) as chunks:
        async for chunk in chunks:
            seen.append(chunk)
            break
    assert seen == [Chunk("ขอโทษ", Usage(40, 31, 1))]


async def test_cached_tokens_come_from_the_usage_elsewhere(server: Server, model: OpenAIModel) -> None:
    usage = {"prompt_tokens": 40, "completion_tokens": 1, "total_tokens": 41}
    usage_with_details = usage | {"prompt_tokens_details": {"cached_tokens": 32}}
    last = OPENAI._event(choices=[], usage=usage_with_details)
    server.chat = OPENAI.answer(*OPENAI.end(40, 1)[:1], last, b"data: [DONE]\n\n")
    assert (await complete(model, ASKED))[1] == Usage(40, 32, 1)


async def test_a_server_without_usage_is_no_failure(server: Server, model: OpenAIModel) -> None:
    server.chat = OPENAI.answer(OPENAI.text("はい"), OPENAI.end(1, 1)[0], b"data: [DONE]\n\n")
    assert await complete(model, ASKED) == ("はい", Usage(), False)


@pytest.mark.parametrize(("offered", "in_force"), [(4096, 4096), (8192, 8192), (32768, 8192)])
async def test_the_context_in_force_is_never_more_than_the_server_has(
    server: Server, model: OpenAIModel, offered: int, in_force: int
) -> None:
    server.models = tell({"object": "list", "data": [entry(max_model_len=offered)]})
    health = await model.health()
    assert health.state == "ready"
    assert model.context_tokens == in_force


async def test_llama_server_tells_the_context_of_one_slot(server: Server, model: OpenAIModel) -> None:
    server.be_llama(2048)
    assert (await model.health()).state == "ready"
    assert model.context_tokens == 2048
    await complete(model, ASKED)
    assert server.loopback.asked("/v1/chat/completions")[0]["cache_prompt"] is True


async def test_a_server_that_grew_gives_the_wanted_context_back(server: Server, model: OpenAIModel) -> None:
    server.be_llama(2048)
    await model.health()
    server.be_llama(16384)
    await model.health()
    assert model.context_tokens == 8192


async def test_a_model_that_is_not_listed_is_named_with_those_that_are(server: Server, model: OpenAIModel) -> None:
    server.models = tell({"object": "list", "data": [entry(id="mistral-small")]})
    health = await model.health()
    assert health.state == "unavailable"
    assert "mistral-small" in health.detail


async def test_a_loading_llama_server_is_loading_not_broken(server: Server, model: OpenAIModel) -> None:
    server.models = OPENAI.refusal(503, "Loading model")
    server.chat = OPENAI.refusal(503, "Loading model")
    assert (await model.health()).state == "loading"
    with pytest.raises(ModelUnavailable, match="loading"):
        await complete(model, ASKED)


@pytest.mark.parametrize("body", [b"<html>captive portal</html>", b"[]", b"{}"])
async def test_something_else_on_that_port_is_unavailable(server: Server, model: OpenAIModel, body: bytes) -> None:
    server.models = Answer(200, [body], "text/html")
    assert (await model.health()).state == "unavailable"


async def test_vllm_tells_an_overflow_in_a_sentence(server: Server, model: OpenAIModel) -> None:
    server.chat = OPENAI.refusal(
        400,
        "This model's maximum context length is 6048 tokens. However, you requested 6616 tokens "
        "(6104 in the messages, 512 in the completion).",
    )
    with pytest.raises(PromptTooLong) as caught:
        await complete(model, ASKED)
    assert caught.value.prompt_tokens == 6616


async def test_no_variable_of_the_environment_changes_the_request(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_ORG_ID", "somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "something")
    model = OpenAIModel(f"{server.loopback.url}/v1", NAME, 8192)
    await complete(model, ASKED)
    await model.close()
    request = next(r for r in server.loopback.requests if r.method == "POST")
    assert not {"openai-organization", "openai-project"} & {k for k, v in request.headers.items() if v}
