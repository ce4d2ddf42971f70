"""The state of an order, a parcel, a payment or a refund, as a text asserts it and as records imply it.

Owns reading status phrases and what one state says about the others. Leaves the moods to ``clauses`` and the
question whose state it is to ``claims``.

Values: ``shipped``, ``delivered``, ``cancelled`` … (the keys of ``statuses`` in the lexicons), ``not_shipped`` …
"""

from collections.abc import Iterable
from functools import cache

from app.guardrails.clauses import mood
from app.guardrails.dates import Span
from app.guardrails.lexicon import Pattern, compiled, keys
from app.guardrails.skeletons import make_skeleton

# What the domain's own words say in this vocabulary (``app.models``), as ``Source.statuses`` brings them.
_OF_RECORD = {
    "pending_payment": ("payment_pending",),
    "processing": ("processing",),
    "waiting_stock": ("waiting_stock",),
    "shipped": ("shipped",),
    "in_customs": ("in_customs",),
    "out_for_delivery": ("out_for_delivery",),
    "delivered": ("delivered",),
    "delivery_failed": ("delivery_failed",),
    "cancelled": ("cancelled",),
    "partly_returned": ("returned", "delivered"),
    "returned": ("returned",),
    "shipment:preparing": ("processing",),
    "shipment:in_transit": ("shipped",),
    "shipment:in_customs": ("in_customs",),
    "shipment:out_for_delivery": ("out_for_delivery",),
    "shipment:delivered": ("delivered",),
    "shipment:failed": ("delivery_failed",),
    "shipment:returned": ("returned",),
    "payment:pending": ("payment_pending",),
    "payment:paid": ("paid",),
    "payment:failed": ("payment_failed",),
    "payment:refunded": ("paid", "refunded"),
    "refund:requested": ("refund_pending",),
    "refund:approved": ("refund_approved", "refund_pending"),
    "refund:processing": ("refund_approved", "refund_pending"),
    "refund:paid": ("refunded",),
    "refund:rejected": ("refund_rejected",),
}
_SHIPPED = frozenset({"in_customs", "out_for_delivery", "delivery_failed", "delivered"})
_UNSHIPPED = frozenset({"payment_pending", "processing", "waiting_stock", "not_shipped"})
_ORDER = _SHIPPED | _UNSHIPPED | {"shipped", "cancelled", "returned"}
_REFUND = frozenset({"refund_pending", "refund_approved", "refund_rejected", "not_refunded"})
GOVERNED = _ORDER | _REFUND | {"refunded", "not_delivered", "not_cancelled"}
"""States that a record's codes decide alone; what its prose seems to say about them does not count."""

_AMBIGUOUS = frozenset({"shipped", "processing"})
"""States whose words say other things as well: "we sent the money", "is processed by customs"."""


def find_statuses(text: str, language: str, *, any_mood: bool = False) -> list[Span]:
    """States that the folded text asserts or denies; with ``any_mood`` also those that it only mentions."""
    skeleton = make_skeleton(text, language)
    spans: list[Span] = []
    for value, pattern in _patterns(language):
        for found in pattern.finditer(skeleton.text):
            if any(found.start() < s.end and s.start < found.end() for s in spans):
                continue
            meant = mood(skeleton.text, language, found.start(), found.end())
            said = f"not_{value}" if meant == "denied" and not value.startswith("not_") else value
            spans.append(
                Span("status", found.start(), found.end(), "" if meant == "supposed" and not any_mood else said)
            )
    return [skeleton.span("status", span.start, span.end, span.value) for span in spans if span.value]


def is_ambiguous(value: str) -> bool:
    """Whether the words for a state may mean another one; what is denied may be another thing in the sentence."""
    return value in _AMBIGUOUS or value.startswith("not_")


def known_statuses(codes: Iterable[str], said: Iterable[str]) -> frozenset[str]:
    """Everything that a record implies: its codes (``app.models`` words), else what its prose says."""
    translated = {value for code in codes for value in _OF_RECORD.get(code, (code,))}
    prose = {value for value in said if not translated or value.removeprefix("not_") not in GOVERNED}
    return _close(translated | prose)


def _close(states: set[str]) -> frozenset[str]:
    known = set(states)
    if known & _SHIPPED:
        known.add("shipped")
    if known & _UNSHIPPED and "shipped" not in known:
        known |= {"not_shipped", "not_delivered", "not_out_for_delivery"}
    if "cancelled" in known and "shipped" not in known:
        known |= {"not_shipped", "not_delivered"}
    if "shipped" in known and "delivered" not in known:
        known.add("not_delivered")
    if known & _ORDER and "cancelled" not in known:
        known.add("not_cancelled")
    if known & (_REFUND | _ORDER) and "refunded" not in known:
        known.add("not_refunded")
    if "refund_rejected" in known:
        known.add("not_refund_approved")
    if "refund_approved" in known:
        known.add("refund_pending")
    if "payment_pending" in known or "payment_failed" in known:
        known.add("not_paid")
    if "refunded" in known:
        known |= {"refund_approved", "paid"}
    if "waiting_stock" in known:
        known |= {"out_of_stock", "not_in_stock"}
    if "out_of_stock" in known:
        known.add("not_in_stock")
    if "in_stock" in known:
        known.add("not_out_of_stock")
    return frozenset(known)


@cache
def _patterns(language: str) -> tuple[tuple[str, Pattern], ...]:
    """Denials first, so that "not yet shipped" is not read as "shipped"."""
    denied = [(f"not_{v}", compiled(language, "statuses_not", v)) for v in keys(language, "statuses_not")]
    return tuple(denied) + tuple((str(v), compiled(language, "statuses", v)) for v in keys(language, "statuses"))
