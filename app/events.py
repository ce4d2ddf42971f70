"""What happens in a turn, as a channel sees it: ``Progress | Text | Reply``, the last one exactly once.

``Progress`` and ``Text`` are provisional: they have no stored sequence, and ``Reply`` replaces all text of its turn.
"""

from dataclasses import dataclass
from typing import Literal

from app.models import Reply


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Literal["reading", "looking_up", "writing"]


@dataclass(frozen=True, slots=True)
class Text:
    """A verified segment of the reply; ``index`` counts from 0."""

    index: int
    text: str


Event = Progress | Text | Reply
