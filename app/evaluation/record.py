"""What happened in one scenario, as plain values: all that a judge may know."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.evaluation.staging import Stage
from app.store.imports import ShopContents


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message of the customer (or a button) and what she read."""

    said: str
    reply: str
    outcome: str
    said_language: str
    """What the reply has to be in."""
    seconds: float
    entry: int | None
    """The entry of ``turns`` that it answers; None for an answer in between and for a button."""
    spoke: str = ""
    citations: tuple[str, ...] = ()
    model_calls: int = 0


@dataclass(slots=True)
class Played:
    """Everything that a judge may know."""

    stage: Stage
    before: ShopContents
    after: ShopContents
    tasks: list[dict[str, Any]]
    """New rows of the outbox."""
    now: datetime
    exchanges: list[Exchange] = field(default_factory=list)
    handed_off: bool = False
    handoff_reason: str = ""
    error: str = ""
