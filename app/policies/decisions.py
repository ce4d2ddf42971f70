"""The answer of the rules to one question: a value, and the reasons that it can have."""

from dataclasses import dataclass
from datetime import datetime

from app.models import Money

REASONS = (
    "ok", "too_late", "too_early", "final_sale", "not_exchangeable", "already_shipped", "already_delivered",
    "already_returned", "already_cancelled", "too_many", "unknown_item", "wrong_status", "not_delivered", "not_late",
    "not_paid", "other_country", "other_product", "same_variant", "out_of_stock", "cod_not_available", "cod_limit",
    "unknown_method", "no_warranty",
)  # fmt: skip
"""Every reason that a decision can have."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the shop's rules allow something, why, until when, and what money moves."""

    allowed: bool
    reason: str
    deadline: datetime | None = None
    """The last second on which it is allowed, in the customer's time zone."""
    amount: Money | None = None
    """What the customer gets back; negative: what the customer still pays (exchanges)."""
    fee: Money | None = None
    """Already subtracted from ``amount``."""
    route: str | None = None
    """Where the money goes: a payment method's label, or ``bank_transfer`` or ``store_credit``."""
    days: tuple[int, int] | None = None
    """Days until the money arrives."""
    items: tuple[tuple[str, int], ...] = ()
    """Item ids and quantities that it covers."""
    policy: str = ""
    section: str = ""

    def __bool__(self) -> bool:
        return self.allowed
