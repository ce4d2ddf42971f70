"""The one slot that a turn borrows, at its first need of the model; the turn's deadline starts there."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self, TypeVar

from app.errors import ModelBusy, ModelUnavailable
from app.llm.base import Model
from app.llm.slots import SlottedModel

T = TypeVar("T")


@dataclass(slots=True)
class Lender:
    """Lends the model's slots to turns, for ``seconds`` each.

    ``patience`` is how long a turn waits for a model that is still loading: none in a server, where the canned
    response speaks meanwhile; long in a one-off command.
    """

    model: SlottedModel | None
    seconds: float = 20.0
    patience: float = 0.0
    warmed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the model has read the prefix."""

    wake: Callable[[], None] | None = None
    """Begins to load the model where it is loaded at the first need."""
    languages: frozenset[str] | None = None
    """Languages in which the model may phrase replies; None: all."""
    decides: bool = True
    """Whether the model may choose the tool of a message of which the index is not sure."""

    @property
    def writes(self) -> bool:
        """Whether the model is ever asked for anything; else it need not read the prefix."""
        return self.decides or self.languages is None or bool(self.languages)

    def lend(self) -> "Loan":
        return Loan(self)

    def phrases(self, language: str) -> bool:
        """Whether the model may write to a customer in this language."""
        return self.model is not None and (self.languages is None or language in self.languages)


class Loan:
    """``async with lender.lend() as loan``: a slot is held from the first ``borrow`` to the end."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender
        self._stack = AsyncExitStack()
        self._borrowed: Model | None = None
        self._deadline = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    @property
    def decides(self) -> bool:
        """Whether there is a model, and one that may choose the tool."""
        return self._lender.model is not None and self._lender.decides

    async def borrow(self) -> Model:
        """The model. Raises ModelUnavailable while it loads, ModelBusy when no slot became free in time."""
        if self._borrowed is None:
            await self._wait_until_warm()
            self._borrowed = await self._take_slot()
            self._deadline = asyncio.get_running_loop().time() + self._lender.seconds
        return self._borrowed

    async def _wait_until_warm(self) -> None:
        if self._lender.wake and self._lender.model:
            self._lender.wake()
        try:
            async with asyncio.timeout(self._lender.patience):
                await self._lender.warmed.wait()
        except TimeoutError:
            raise ModelUnavailable("The model is still loading.") from None

    async def _take_slot(self) -> Model:
        if self._lender.model is None:
            raise ModelUnavailable("No model is set up.")
        try:
            async with asyncio.timeout(self._lender.seconds):
                slot = await self._stack.enter_async_context(self._lender.model.slot())
        except TimeoutError:
            raise ModelBusy("No model slot became free in time.") from None
        return slot.model

    def deadline(self) -> asyncio.Timeout:
        """A time-out at the turn's deadline; raises TimeoutError."""
        return asyncio.timeout_at(self._deadline)

    async def next(self, items: AsyncGenerator[T, None]) -> T | None:
        """The next item of a stream, None at its end. Raises TimeoutError at the deadline."""
        async with self.deadline():
            return await anext(items, None)
