"""What only Ollama does: cutting prompts, reloading for another context, loading on demand."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.errors import PromptTooLong
from app.llm.base import ChatMessage, Sampling
from app.llm.calls import complete, warm
from app.llm.ollama import OllamaModel
from tests.llm.dialects import NAME, OllamaDialect
from tests.llm.loopback import Answer, Loopback, Request, serve

OLLAMA = OllamaDialect()
POLICIES = ChatMessage("system", "Barang boleh dipulangkan dalam 30 hari. " * 100)
ASKED = [POLICIES, ChatMessage("user", "Bolehkah saya pulangkan barang?")]


class Server:
    """Answers the endpoints that Ollama has; tests change what it says."""

    def __init__(self) -> None:
        self.tags: list[str] = [NAME]
        self.running: list[dict[str, Any]] = []
        self.chat = OLLAMA.answer(OLLAMA.text("boleh"), *OLLAMA.end(1500, 1))
        self.slow: asyncio.Event | None = None
        self.loopback: Loopback

    def __call__(self, request: Request) -> Answer:
        if self.slow is not None:
            return OLLAMA.answer(self.slow)
        if request.path == "/api/tags":
            return tell({"models": [{"model": tag, "name": tag} for tag in self.tags]})
        if request.path == "/api/ps":
            return tell({"models": self.running})
        if request.path == "/api/show":
            return tell({"capabilities": ["completion", "tools"], "model_info": {}})
        return self.chat

    def load(self, context_length: int = 8192, size_vram: int = 4_000_000_000) -> None:
        loaded = {"model": NAME, "name": NAME, "size": 4_000_000_000, "size_vram": size_vram}
        self.running = [loaded | {"context_length": context_length}]


def tell(body: dict[str, Any]) -> Answer:
    return Answer(200, [json.dumps(body).encode()], "application/json")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with serve(server) as loopback:
        server.loopback = loopback
        yield server


@pytest.fixture
async def model(server: Server) -> AsyncIterator[OllamaModel]:
    model = OllamaModel(server.loopback.url, NAME, 8192)
    yield model
    await model.close()


async def test_every_call_forbids_cutting_and_names_the_same_context(server: Server, model: OllamaModel) -> None:
    await model.start()
    await complete(model, ASKED)
    await complete(model, ASKED, Sampling(max_tokens=7), {"type": "object"})
    await warm(model, [POLICIES])
    bodies = await server.loopback.wait_for("/api/chat", 4)
    assert {body["options"]["num_ctx"] for body in bodies} == {8192}
    assert all(body["truncate"] is False and body["shift"] is False for body in bodies)
    assert len({body["keep_alive"] for body in bodies}) == 1


async def test_a_prompt_that_was_cut_all_the_same_is_found_out(server: Server, model: OllamaModel) -> None:
    server.chat = OLLAMA.answer(OLLAMA.text("tidak"), *OLLAMA.end(400, 1))
    with pytest.raises(PromptTooLong):
        await complete(model, ASKED)


async def test_a_count_that_the_server_leaves_out_proves_nothing(server: Server, model: OllamaModel) -> None:
    end = json.loads(OLLAMA.end(1, 1)[0])
    del end["prompt_eval_count"]
    server.chat = OLLAMA.answer(OLLAMA.text("ya"), json.dumps(end).encode() + b"\n")
    assert (await complete(model, ASKED))[0] == "ya"


async def test_an_overflow_told_in_mid_stream_is_a_long_prompt_not_a_broken_reply(
    server: Server, model: OllamaModel
) -> None:
    server.chat = OLLAMA.answer(OLLAMA.text("ya"), OLLAMA.failure("context length limit of 8192 exceeded"))
    with pytest.raises(PromptTooLong):
        await complete(model, ASKED)


async def test_text_in_the_last_line_is_not_lost(server: Server, model: OllamaModel) -> None:
    end = json.loads(OLLAMA.end(1500, 1)[0]) | {"message": {"role": "assistant", "content": "terakhir"}}
    server.chat = OLLAMA.answer(json.dumps(end).encode() + b"\n")
    assert (await complete(model, ASKED))[0] == "terakhir"


async def test_starting_loads_the_model_without_saying_anything(server: Server, model: OllamaModel) -> None:
    server.chat = tell({"model": NAME, "message": {"role": "assistant", "content": ""}, "done": True})
    await model.start()
    (body,) = await server.loopback.wait_for("/api/chat")
    assert body["messages"] == []
    assert body["stream"] is False


async def test_while_it_loads_the_model_is_loading_and_then_ready(server: Server, model: OllamaModel) -> None:
    gate = asyncio.Event()
    server.chat = OLLAMA.answer(gate, *OLLAMA.end(0, 0, "load"))
    await model.start()
    await server.loopback.wait_for("/api/chat")
    assert (await model.health()).state == "loading"
    server.load()
    gate.set()
    health = await model.health()
    assert health.state == "ready"
    assert health.facts["size_vram"] == health.facts["size"]


async def test_a_smaller_context_than_asked_for_is_no_health(server: Server, model: OllamaModel) -> None:
    server.load(context_length=4096)
    health = await model.health()
    assert health.state == "unavailable"
    assert "4096" in health.detail
    assert "KAUNTER_CONTEXT_TOKENS" in health.detail


async def test_a_missing_model_says_which_command_fetches_it(server: Server, model: OllamaModel) -> None:
    server.tags = ["llama3:8b"]
    health = await model.health()
    assert health.state == "unavailable"
    assert f"ollama pull {NAME}" in health.detail


async def test_a_name_without_a_tag_means_latest(server: Server) -> None:
    server.tags = ["qwen3:latest"]
    model = OllamaModel(server.loopback.url, "qwen3", 8192)
    assert await model.is_usable()
    await model.close()


@pytest.mark.parametrize("tags", [[], ["qwen3:4b"], [NAME + "-other"]])
async def test_a_server_without_exactly_this_model_is_not_usable(
    server: Server, model: OllamaModel, tags: list[str]
) -> None:
    server.tags = tags
    assert not await model.is_usable()


async def test_a_server_that_hangs_is_not_usable(server: Server, model: OllamaModel) -> None:
    server.slow = asyncio.Event()
    assert not await model.is_usable()


async def test_capabilities_are_read(model: OllamaModel) -> None:
    assert await model.capabilities() == ("completion", "tools")


async def test_a_schema_goes_into_format_and_no_tools_with_it(server: Server, model: OllamaModel) -> None:
    schema = {"type": "object", "properties": {"intent": {"enum": ["returns"]}}}
    await complete(model, ASKED, schema=schema)
    (body,) = server.loopback.asked("/api/chat")
    assert body["format"] == schema
    assert "tools" not in body


async def test_no_proxy_of_the_environment_sees_a_prompt(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    model = OllamaModel(server.loopback.url, NAME, 8192)
    assert (await complete(model, ASKED))[0] == "boleh"
    await model.close()
