"""Ollama through its own package; what its ``chat()`` lacks (``truncate``, ``shift``) through its client's request.

Ollama cuts an over-long prompt from the front, where the policies are, and answers 200. So every call forbids that,
sends one and the same ``num_ctx`` (another value would reload the model), and compares the count that comes back.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Any, Literal, TypeVar, cast

import httpx
import ollama
from pydantic import ValidationError

from app.errors import ModelBusy, ModelError, ModelMissing, ModelUnavailable, PromptTooLong, ReplyBroken
from app.llm.base import ChatMessage, Chunk, Health, Sampling, Speed, Usage
from app.llm.tokens import choose_counter

CONNECT_SECONDS = 2.0
ASK_SECONDS = 5.0
PROBE_SECONDS = 1.0
SILENCE_SECONDS = 120.0
LOAD_SECONDS = 600.0
"""A cold model may come from a slow disk."""
KEEP_ALIVE = "30m"
CUT_SHARE = 0.9
"""A cut leaves half of the context; the tenth is for servers that normalise Unicode before they count."""

FAILURES = (
    ollama.ResponseError,
    ConnectionError,
    httpx.HTTPError,
    ValidationError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What the package raises, and what it stumbles over when a server sends something else than the protocol."""

T = TypeVar("T")


class OllamaModel:
    """The model ``name`` (with its tag) of the server at ``url``, with a context of exactly ``context_tokens``."""

    backend = "ollama"

    def __init__(
        self,
        url: str,
        name: str,
        context_tokens: int,
        *,
        keep_alive: str = KEEP_ALIVE,
        connect_seconds: float = CONNECT_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self.speed = Speed()
        self._keep_alive = keep_alive
        self._count = choose_counter(name)
        self._loading: asyncio.Task[None] | None = None
        self._client = ollama.AsyncClient(
            url,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(silence_seconds, connect=connect_seconds),
        )
        self._asking = httpx.Timeout(ASK_SECONDS, connect=connect_seconds)

    async def start(self) -> None:
        """Load the model into memory in the background."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._preload(), name="ollama-preload")

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            with suppress(asyncio.CancelledError):
                await self._loading
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _preload(self) -> None:
        """A chat without messages loads and says nothing. Failures show up in ``health``."""
        body = self._build_request((), Sampling(), None) | {"stream": False}
        with suppress(ModelError):
            await self._ask(ollama.ChatResponse, "POST", "/api/chat", httpx.Timeout(LOAD_SECONDS), json=body)

    async def is_usable(self) -> bool:
        """Does a server answer within a second, and has it the model?"""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return self.name in await self._list_names()
        except (ModelError, TimeoutError):
            return False

    async def health(self) -> Health:
        try:
            names = await self._list_names()
            if self.name not in names:
                raise missing(self.name)
            running = await self._ask(ollama.ProcessResponse, "GET", "/api/ps", self._asking)
        except ModelError as error:
            return Health("unavailable", self.backend, self.name, str(error))
        loaded = next((m for m in running.models if full_name(m.model or m.name or "") == full_name(self.name)), None)
        if loaded is None:
            busy = self._loading is not None and not self._loading.done()
            detail = "The model is still loading." if busy else ""
            return Health("loading" if busy else "ready", self.backend, self.name, detail, self.speed.facts())
        real = loaded.context_length or self.context_tokens
        facts = {"context_tokens": real, "size": loaded.size, "size_vram": loaded.size_vram} | self.speed.facts()
        if real < self.context_tokens:
            detail = (
                f"Ollama gave {real} tokens of context instead of {self.context_tokens}; lower KAUNTER_CONTEXT_TOKENS."
            )
            return Health("unavailable", self.backend, self.name, detail, facts)
        return Health("ready", self.backend, self.name, facts=facts)

    async def capabilities(self) -> tuple[str, ...]:
        """What ``/api/show`` says that the model can do; a thinking model lists ``thinking``. Raises ModelError."""
        body = {"model": self.name}
        shown = await self._ask(ollama.ShowResponse, "POST", "/api/show", self._asking, json=body)
        return tuple(shown.capabilities or ())

    async def _list_names(self) -> set[str]:
        listed = await self._ask(ollama.ListResponse, "GET", "/api/tags", self._asking)
        names = {m.model or "" for m in listed.models}
        return names | {name.removesuffix(":latest") for name in names}

    async def _ask(self, kind: type[T], method: str, path: str, limits: httpx.Timeout, **body: Any) -> T:
        try:
            answer: T = await self._client._request(kind, method, path, timeout=limits, **body)
            return answer
        except FAILURES as error:
            raise translate(error, self.name, self.context_tokens) from error

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling(), schema: dict[str, Any] | None = None
    ) -> AsyncGenerator[Chunk, None]:
        request = self._build_request(messages, sampling, schema)
        started = time.monotonic()
        began = False
        try:
            answer = await self._client._request(ollama.ChatResponse, "POST", "/api/chat", json=request, stream=True)
            async with aclosing(cast(AsyncGenerator[ollama.ChatResponse, None], answer)) as parts:
                async for part in parts:
                    began = True
                    if part.message and part.message.content:
                        yield Chunk(part.message.content)
                    if part.done:
                        yield self._end(part, messages, time.monotonic() - started)
                        return
        except FAILURES as error:
            told_late = began or getattr(error, "status_code", 0) == -1
            if told_late and not isinstance(error, httpx.TimeoutException):
                raise broken(error, self.context_tokens) from error
            raise translate(error, self.name, self.context_tokens) from error
        raise ReplyBroken("Ollama ended a reply without its end mark.")

    def _end(self, part: ollama.ChatResponse, messages: Sequence[ChatMessage], seconds: float) -> Chunk:
        """The last chunk. Raises PromptTooLong when the server has read clearly less than the messages hold."""
        usage = Usage(part.prompt_eval_count or 0, 0, part.eval_count or 0)
        sent = sum(self._count(message.content) for message in messages) if self._count.exact else 0
        if part.prompt_eval_count is not None and part.prompt_eval_count < sent * CUT_SHARE:
            raise PromptTooLong(sent, self.context_tokens)
        self.speed.note(usage, seconds)
        finish: Literal["stop", "length"] = "length" if part.done_reason == "length" else "stop"
        return Chunk("", usage, finish)

    def _build_request(
        self, messages: Sequence[ChatMessage], sampling: Sampling, schema: dict[str, Any] | None
    ) -> dict[str, Any]:
        options: dict[str, Any] = {
            "num_ctx": self.context_tokens,
            "num_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
        }
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        request: dict[str, Any] = {
            "model": self.name,
            "messages": [m.to_wire() for m in messages],
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": self._keep_alive,
            "options": options,
        }
        return request if schema is None else request | {"format": schema}

    def count_tokens(self, text: str) -> int:
        return self._count(text)


def full_name(name: str) -> str:
    """``qwen3`` means ``qwen3:latest``."""
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def missing(name: str) -> ModelMissing:
    return ModelMissing(f"Ollama does not have the model {name!r}. Run `ollama pull {name}`.")


def translate(error: Exception, name: str, context_tokens: int) -> ModelError:
    """The one ModelError that an error before the first byte means."""
    if isinstance(error, httpx.TimeoutException):
        return ModelUnavailable("Ollama did not answer in time.")
    if not isinstance(error, ollama.ResponseError):
        return ModelUnavailable("Ollama cannot be reached; check that it runs and KAUNTER_OLLAMA_URL.")
    if error.status_code == 404:
        return missing(name)
    if error.status_code in (429, 503):
        return ModelBusy("Ollama is busy.")
    if error.status_code == 400 and (too_long := read_overflow(error, context_tokens)):
        return too_long
    if error.status_code in (401, 403):
        return ModelUnavailable("Ollama, or a proxy before it, refused access.")
    return ModelUnavailable(f"Ollama answered with status {error.status_code}.")


def broken(error: Exception, context_tokens: int) -> ModelError:
    """An error after the first byte; an overflow may also be told there."""
    overflow = read_overflow(error, context_tokens) if isinstance(error, ollama.ResponseError) else None
    return overflow or ReplyBroken("Ollama broke off in the middle of a reply.")


def read_overflow(error: ollama.ResponseError, context_tokens: int) -> PromptTooLong | None:
    text = str(error.error).lower()
    if "context" not in text or not re.search(r"length|exceed|too long|longer|limit|size", text):
        return None
    counts = sorted(int(n) for n in re.findall(r"\d+", text) if int(n) > 256)
    return PromptTooLong(counts[-1] if counts else context_tokens + 1, context_tokens)
