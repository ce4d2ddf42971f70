"""Any OpenAI-compatible server (vLLM, SGLang, llama-server, MLX) through the ``openai`` package.

Owns the request, the stream and the translation of failures. Leaves slots to ``slots`` and the child process of the
embedded model, which speaks the same protocol, to ``embedded``.
"""

import json
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Literal

import httpx2
import openai
from openai.types.chat import ChatCompletionChunk

from app.errors import ModelBusy, ModelError, ModelMissing, ModelUnavailable, PromptTooLong, ReplyBroken
from app.llm.base import ChatMessage, Chunk, Health, Sampling, Speed, Usage
from app.llm.tokens import choose_counter

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0
"""The longest pause before the next byte; two cores need a minute to read a long prompt."""
FAILURES = (openai.OpenAIError, httpx2.HTTPError, ValueError, TypeError, AttributeError, KeyError)
"""What the package raises, and what it stumbles over when a server sends something else than the protocol."""


class OpenAIModel:
    """A model behind ``base_url`` (ends in ``/v1``). ``context_tokens`` is a wish; the server's own figure wins."""

    backend = "openai"

    def __init__(
        self,
        base_url: str,
        name: str,
        context_tokens: int,
        *,
        key: str = "",
        connect_seconds: float = CONNECT_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self.speed = Speed()
        self._wanted_tokens = context_tokens
        self._count = choose_counter(name)
        self._llama_server = False
        # No keep-alive: llama.cpp may close a connection right after a stream, and a reused one then fails.
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(silence_seconds, connect=connect_seconds),
            limits=httpx2.Limits(max_keepalive_connections=0),
            trust_env=False,
        )
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or "none",
            organization="",
            project="",
            max_retries=0,
            http_client=self._http,
        )

    async def start(self) -> None:
        """Nothing to load here: the server has its own life."""

    async def close(self) -> None:
        await self._client.close()

    async def health(self) -> Health:
        """Ask ``/models`` and, of llama-server, ``/props``; adopt the context that they state."""
        try:
            raw = await self._client.with_options(timeout=CONNECT_SECONDS).models.with_raw_response.list()
            listed = [entry for entry in json.loads(raw.text)["data"] if isinstance(entry["id"], str)]
        except openai.OpenAIError as error:
            failure = translate(error, self.name, self.context_tokens)
            loading = isinstance(error, openai.APIStatusError) and is_loading(error)
            return Health("loading" if loading else "unavailable", self.backend, self.name, str(failure))
        except (ValueError, TypeError, KeyError):
            detail = "What answers there is no model server; check KAUNTER_OPENAI_URL."
            return Health("unavailable", self.backend, self.name, detail)
        entry = next((entry for entry in listed if entry["id"] == self.name), None)
        self._llama_server = any(entry.get("owned_by") == "llamacpp" for entry in listed)
        if entry is None and not self._llama_server:
            known = ", ".join(entry["id"] for entry in listed[:5]) or "none"
            detail = f"The model server does not have {self.name!r}; it has: {known}. Set KAUNTER_MODEL."
            return Health("unavailable", self.backend, self.name, detail)
        real = await self._discover_context(entry or listed[0])
        if real:
            self.context_tokens = min(real, self._wanted_tokens)
        return Health("ready", self.backend, self.name, facts=self._facts(real))

    def _facts(self, real: int) -> dict[str, Any]:
        facts: dict[str, Any] = {"context_tokens": self.context_tokens}
        if real:
            facts["server_context_tokens"] = real
        return facts | self.speed.facts()

    async def _discover_context(self, entry: dict[str, Any]) -> int:
        """The context of one slot: llama-server's ``/props``, else ``max_model_len`` (vLLM, SGLang); 0: unknown."""
        if self._llama_server:
            try:
                url = str(self._client.base_url).removesuffix("/").removesuffix("/v1") + "/props"
                reply = await self._http.get(url, headers={"Authorization": f"Bearer {self._client.api_key}"})
                return int(reply.raise_for_status().json()["default_generation_settings"]["n_ctx"])
            except (httpx2.HTTPError, KeyError, TypeError, ValueError):
                return 0
        found = entry.get("max_model_len")
        return found if isinstance(found, int) else 0

    async def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling = Sampling(),
        schema: dict[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[Chunk, None]:
        """``extra`` goes into the body as it is: what only one kind of server knows."""
        started = time.monotonic()
        began = False
        try:
            request = self._build_request(messages, sampling, schema)
            request["extra_body"] |= extra or {}
            async with await self._client.chat.completions.create(**request) as answer:
                began = True
                async with aclosing(read_chunks(answer)) as chunks:
                    async for chunk in chunks:
                        if chunk.finish and chunk.usage:
                            self.speed.note(chunk.usage, time.monotonic() - started)
                        yield chunk
        except FAILURES as error:
            if began and not isinstance(error, openai.APITimeoutError):
                raise ReplyBroken("The model server broke off in the middle of a reply.") from error
            raise translate(error, self.name, self.context_tokens) from error

    def _build_request(
        self, messages: Sequence[ChatMessage], sampling: Sampling, schema: dict[str, Any] | None
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.name,
            "messages": [m.to_wire() for m in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "extra_body": {"top_k": sampling.top_k, "min_p": sampling.min_p},
        }
        if self._llama_server:
            request["extra_body"] |= {"cache_prompt": True, "timings_per_token": True}
        if sampling.seed is not None:
            request["seed"] = sampling.seed
        if schema is not None:
            wrapped = {"name": "reply", "strict": True, "schema": schema}
            request["response_format"] = {"type": "json_schema", "json_schema": wrapped}
        return request

    def count_tokens(self, text: str) -> int:
        return self._count(text)


async def read_chunks(answer: openai.AsyncStream[ChatCompletionChunk]) -> AsyncGenerator[Chunk, None]:
    """Text as it comes, then one last chunk with usage and finish. Raises ReplyBroken when no end mark came."""
    finish: Literal["stop", "length"] | None = None
    usage: Usage | None = None
    async for part in answer:
        usage = read_usage(part) or usage
        for choice in part.choices:
            if choice.delta and choice.delta.content:
                yield Chunk(choice.delta.content, usage)
            if choice.finish_reason:
                finish = "length" if choice.finish_reason == "length" else "stop"
    if finish is None:
        raise ReplyBroken("The model server ended a reply without its end mark.")
    yield Chunk("", usage or Usage(), finish)


def read_usage(part: ChatCompletionChunk) -> Usage | None:
    """llama-server's ``timings``, which every part of its stream has, else the ``usage`` of the last part."""
    if timings := (part.model_extra or {}).get("timings"):
        cached = int(timings.get("cache_n") or 0)
        return Usage(cached + int(timings.get("prompt_n") or 0), cached, int(timings.get("predicted_n") or 0))
    if part.usage is None:
        return None
    details = part.usage.prompt_tokens_details
    return Usage(part.usage.prompt_tokens, (details and details.cached_tokens) or 0, part.usage.completion_tokens)


def is_loading(error: openai.APIStatusError) -> bool:
    return error.status_code == 503 and "loading" in str(error.message).lower()


def translate(error: Exception, name: str, context_tokens: int) -> ModelError:
    """The one ModelError that an error before the first byte means."""
    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailable("The model server did not answer in time.")
    if not isinstance(error, openai.APIStatusError):
        return ModelUnavailable("The model server cannot be reached; check that it runs and KAUNTER_OPENAI_URL.")
    status = error.status_code
    if status == 400 and (too_long := read_overflow(error, context_tokens)):
        return too_long
    if status == 404:
        return ModelMissing(f"The model server does not have {name!r}; set KAUNTER_MODEL to one that it lists.")
    if status in (401, 403):
        return ModelUnavailable("The model server refused the key; check KAUNTER_OPENAI_KEY.")
    if is_loading(error):
        return ModelUnavailable("The model is still loading.")
    if status in (429, 503):
        return ModelBusy("The model server is busy.")
    return ModelUnavailable(f"The model server answered with status {status}.")


def read_overflow(error: openai.APIStatusError, context_tokens: int) -> PromptTooLong | None:
    """llama-server names both counts; vLLM and others put them into a sentence."""
    body = error.body if isinstance(error.body, dict) else {}
    if body.get("type") == "exceed_context_size_error":
        return PromptTooLong(int(body.get("n_prompt_tokens", 0)), int(body.get("n_ctx", context_tokens)))
    text = json.dumps(body).lower()
    if "context" not in text or not re.search(r"maximum|length|exceed|longer", text):
        return None
    counts = sorted(int(n) for n in re.findall(r"\d+", text) if int(n) > 256)
    return PromptTooLong(counts[-1] if counts else context_tokens + 1, counts[0] if counts else context_tokens)
