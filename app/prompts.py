"""The one Jinja environment of the prompts: renders what the model reads, inside a token budget (I8).

The order of the text is what latency depends on: the static prefix first, the conversation next, the task and
the facts of this turn last, so that the server's KV cache serves everything before the last message again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import PolicyError, PromptTooLong
from app.llm.base import ChatMessage
from app.models import Author, Message

MESSAGE_TOKENS = 8
"""Chat template overhead a message: role, begin and end marks (ChatML has 5; the rest is safety)."""

HISTORY_STEP = 8
"""History is dropped in steps of so many messages, so that the prefix stays the same for several turns."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens of one call: ``context`` in all, of which ``reply`` are kept for the answer."""

    context: int
    reply: int
    count: Callable[[str], int]

    @property
    def prompt(self) -> int:
        return self.context - self.reply

    def fits(self, messages: Sequence[ChatMessage]) -> bool:
        return self.measure(messages) <= self.prompt

    def measure(self, messages: Sequence[ChatMessage]) -> int:
        return sum(self.count(m.content) + MESSAGE_TOKENS for m in messages)


class Prompts:
    """The templates of one folder. ``shared`` are the values that the static prefix needs."""

    def __init__(self, folder: Path, **shared: Any) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        self._folder = folder
        self._shared = shared
        self.prefix = self.render("prefix")

    def render(self, name: str, **values: Any) -> str:
        """One template as text. Raises PolicyError with the template's file and line."""
        file = f"{name}.j2"
        try:
            return self._environment.get_template(file).render(self._shared | values).strip()
        except jinja2.TemplateError as error:
            line = getattr(error, "lineno", None) or 1
            raise PolicyError(str(error.message or error), str(self._folder / file), line) from error

    def instructions(self, language: Any) -> tuple[str, ...]:
        """What we tell the model, without any conversation: no reply may quote it."""
        bare = self.render("reply", message="", sources=(), accepted="", fault="", language=language)
        return self.prefix, bare

    def compose(
        self, name: str, history: Sequence[Message], message: str, budget: Budget, **values: Any
    ) -> list[ChatMessage]:
        """Prefix, conversation, task: the messages of one call.

        When they do not fit, the oldest messages are left out, in whole steps; a message is never cut.
        Raises PromptTooLong when even the bare task does not fit.
        """
        prefix = ChatMessage("system", self.prefix)
        task = ChatMessage("user", self.render(name, message=defuse(message), **values))
        past = [as_chat(m) for m in history]
        start = 0
        while True:
            messages = [prefix, *past[start:], task]
            if budget.fits(messages):
                return messages
            if start >= len(past):
                raise PromptTooLong(budget.measure(messages), budget.prompt)
            start += HISTORY_STEP


def as_chat(message: Message) -> ChatMessage:
    return ChatMessage("user" if message.author is Author.CUSTOMER else "assistant", defuse(message.text))


def defuse(text: str) -> str:
    """A text without chat template marks: ``<|im_end|>`` in a message would end it and begin another's."""
    return text.replace("<|", "< |").replace("|>", "| >")
