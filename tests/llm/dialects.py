"""What the same event looks like in Ollama's and in OpenAI's protocol, and the model that listens to it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Protocol

from app.llm.base import Model
from app.llm.ollama import OllamaModel
from app.llm.openai import OpenAIModel
from tests.llm.loopback import Abort, Answer

NAME = "qwen3:4b-instruct-2507-q4_K_M"


class Dialect(Protocol):
    chat_path: str

    def model(self, url: str, context_tokens: int = 8192, silence_seconds: float = 5.0) -> Model: ...
    def text(self, text: str) -> bytes: ...
    def end(self, prompt: int, generated: int, finish: str = "stop") -> list[bytes]: ...
    def failure(self, message: str) -> bytes: ...
    def refusal(self, status: int, message: str, **more: Any) -> Answer: ...
    def answer(self, *lines: bytes | Abort | asyncio.Event) -> Answer: ...
    def too_long(self) -> Answer: ...


@dataclass
class OllamaDialect:
    """NDJSON as ``/api/chat`` sends it."""

    chat_path = "/api/chat"

    def model(self, url: str, context_tokens: int = 8192, silence_seconds: float = 5.0) -> Model:
        return OllamaModel(url, NAME, context_tokens, silence_seconds=silence_seconds)

    def text(self, text: str) -> bytes:
        return self._line(message={"role": "assistant", "content": text}, done=False)

    def end(self, prompt: int, generated: int, finish: str = "stop") -> list[bytes]:
        return [
            self._line(
                message={"role": "assistant", "content": ""},
                done=True,
                done_reason=finish,
                total_duration=5_000_000,
                load_duration=1_000_000,
                prompt_eval_count=prompt,
                prompt_eval_duration=2_000_000,
                eval_count=generated,
                eval_duration=2_000_000,
            )
        ]

    def failure(self, message: str) -> bytes:
        return json.dumps({"error": message}).encode() + b"\n"

    def refusal(self, status: int, message: str, **more: Any) -> Answer:
        return Answer(status, [self.failure(message)], "application/json")

    def answer(self, *lines: bytes | Abort | asyncio.Event) -> Answer:
        return Answer(200, list(lines))

    def too_long(self) -> Answer:
        return self.refusal(400, "the input length exceeds the context length")

    def _line(self, **members: Any) -> bytes:
        told = {"model": NAME, "created_at": "2026-11-23T10:00:00.123456Z", **members}
        return json.dumps(told, ensure_ascii=False).encode() + b"\n"


@dataclass
class OpenAIDialect:
    """Server-sent events as llama-server sends them."""

    chat_path = "/v1/chat/completions"

    def model(self, url: str, context_tokens: int = 8192, silence_seconds: float = 5.0) -> Model:
        return OpenAIModel(f"{url}/v1", NAME, context_tokens, key="sesame", silence_seconds=silence_seconds)

    def text(self, text: str) -> bytes:
        return self._event(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None}])

    def end(self, prompt: int, generated: int, finish: str = "stop") -> list[bytes]:
        usage = {"prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": prompt + generated}
        return [
            self._event(choices=[{"index": 0, "delta": {}, "finish_reason": finish}]),
            self._event(choices=[], usage=usage),
            b"data: [DONE]\n\n",
        ]

    def failure(self, message: str) -> bytes:
        return b"data: " + json.dumps({"error": {"message": message, "code": 500}}).encode() + b"\n\n"

    def refusal(self, status: int, message: str, **more: Any) -> Answer:
        told = {"error": {"code": status, "message": message, "type": "server_error", **more}}
        return Answer(status, [json.dumps(told).encode()], "application/json")

    def answer(self, *lines: bytes | Abort | asyncio.Event) -> Answer:
        return Answer(200, list(lines), "text/event-stream")

    def too_long(self) -> Answer:
        counts = {"n_prompt_tokens": 9000, "n_ctx": 8192}
        return self.refusal(400, "the request exceeds", type="exceed_context_size_error", **counts)

    def _event(self, **members: Any) -> bytes:
        told = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": NAME, **members}
        return b"data: " + json.dumps(told, ensure_ascii=False).encode() + b"\n\n"
