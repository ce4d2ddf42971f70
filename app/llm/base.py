"""The protocol of a model backend and the values that cross it. Knows no backend and no prompt."""

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

# Servers read these in a message's text as marks of the chat template, and so a customer could open a system message.
_TEMPLATE_MARKS = re.compile(r"<(?=\|[A-Za-z_]+\|>|(?:start|end)_of_turn>)|\[(?=/?INST\])")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Literal["system", "user", "assistant"]
    content: str

    def to_wire(self) -> dict[str, str]:
        """As servers take it; marks of chat templates inside the text are broken up by a space."""
        return {"role": self.role, "content": _TEMPLATE_MARKS.sub(r"\g<0> ", self.content)}


@dataclass(frozen=True, slots=True)
class Sampling:
    """Defaults: the model card of Qwen3-4B-Instruct-2507. A higher presence penalty mixes languages."""

    temperature: float = 0.7
    top_p: float = 0.8
    top_k: int = 20
    min_p: float = 0.0
    max_tokens: int = 512
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the server reported them; ``prompt`` includes ``cached``."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream. The last one carries ``finish`` and the whole ``usage``.

    A server that counts as it goes (llama.cpp) has the ``usage`` so far on the earlier ones too, so that a reply that
    is broken off is counted.
    """

    text: str
    usage: Usage | None = None
    finish: Literal["stop", "length"] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    state: Literal["ready", "loading", "unavailable"]
    backend: str
    model: str
    detail: str = ""
    """One sentence for the owner: what is wrong and what to do; empty when ready."""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Speed:
    """What the last calls of this process measured; shown by ``kaunter model status`` and the metrics."""

    calls: int = 0
    generated: int = 0
    seconds: float = 0.0

    def note(self, usage: Usage, seconds: float) -> None:
        """Add one finished call that took ``seconds`` from the request to the end mark."""
        self.calls += 1
        self.generated += usage.generated
        self.seconds += seconds

    def facts(self) -> dict[str, Any]:
        """Empty until a call has finished."""
        if not self.calls or self.seconds <= 0:
            return {}
        return {"calls": self.calls, "tokens_per_second": round(self.generated / self.seconds, 1)}


class Model(Protocol):
    """A chat model. Errors are the ``ModelError`` family, nothing else gets out."""

    @property
    def backend(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def context_tokens(self) -> int:
        """The context that one conversation really has on the server (I8)."""
        ...

    async def start(self) -> None:
        """Begin to load and return at once; calls before it is ready raise ModelUnavailable."""

    async def close(self) -> None: ...

    async def health(self) -> Health: ...

    def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling(), schema: dict[str, Any] | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Stream a reply; with ``schema`` (JSON Schema) the text is constrained to it.

        Closing the generator early (use ``contextlib.aclosing``) stops generation on the server. A stream that ends
        without the server's end mark raises ReplyBroken; so does an error in mid-stream.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """The number of tokens of ``text``, or a safe upper bound."""
        ...


@runtime_checkable
class KeepsPrefix(Protocol):
    """A model that can do more than read a static prefix once; ``calls.warm`` uses it."""

    async def keep_prefix(self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling()) -> Usage: ...
