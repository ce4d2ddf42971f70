"""A model for tests: it says what it was told to say and remembers what it was asked."""

import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import ModelUnavailable
from app.llm.base import ChatMessage, Chunk, Health, Sampling, Usage

Answer = str | dict[str, Any] | Exception
Line = Answer | Callable[[Sequence[ChatMessage], dict[str, Any] | None], Answer]


@dataclass(frozen=True)
class Call:
    messages: tuple[ChatMessage, ...]
    sampling: Sampling
    schema: dict[str, Any] | None


class ScriptedModel:
    """Takes the next line of ``script`` a call, else ``default``, else is unavailable.

    A str is streamed in pieces of three characters, a dict as JSON, an exception is raised, a callable is asked.
    """

    backend = "scripted"

    def __init__(self, script: Iterable[Line] = (), default: Line | None = None, context_tokens: int = 8192) -> None:
        self.name = "scripted"
        self.context_tokens = context_tokens
        self.script = deque(script)
        self.default = default
        self.calls: list[Call] = []

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def health(self) -> Health:
        return Health("ready", self.backend, self.name)

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling(), schema: dict[str, Any] | None = None
    ) -> AsyncGenerator[Chunk, None]:
        self.calls.append(Call(tuple(messages), sampling, schema))
        line = self.script.popleft() if self.script else self.default
        answer = line(messages, schema) if callable(line) else line
        if answer is None:
            raise ModelUnavailable("The script has no more lines.")
        if isinstance(answer, Exception):
            raise answer
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        for start in range(0, len(text), 3):
            yield Chunk(text[start : start + 3])
        prompt = sum(self.count_tokens(message.content) for message in messages)
        yield Chunk("", Usage(prompt, 0, self.count_tokens(text)), "stop")

    def count_tokens(self, text: str) -> int:
        """A token for every four bytes."""
        return (len(text.encode()) + 3) // 4
