"""Money of an order: what was paid, what items really cost after discount, where a refund goes."""

from collections.abc import Iterable, Sequence

from app.models import Money, Order, OrderItem, Payment, PaymentStatus, RefundStatus
from app.policies.rules import RefundsRules


def paid_amount(order: Order) -> Money:
    """What was really paid and not given back: payments less refunds that were not rejected; never below zero."""
    paid = sum(p.amount.amount for p in order.payments if p.status is PaymentStatus.PAID)
    back = sum(r.amount.amount for r in order.refunds if r.status is not RefundStatus.REJECTED)
    return Money(max(0, paid - back), order.currency)


def goods_value(order: Order, items: Iterable[tuple[OrderItem, int]]) -> int:
    """What these items cost after the order's discount, in minor units.

    The discount is spread by value over the whole order, in the order of its items and counting what was returned
    before, so that the parts of any sequence of partial returns add up to exactly the goods' total.
    """
    full = sum(item.unit_price.amount * item.quantity for item in order.items)
    discount = min(order.discount.amount, full)
    before = sum(item.unit_price.amount * item.quantity_returned for item in order.items)
    after = before + sum(item.unit_price.amount * quantity for item, quantity in items)
    return (after - before) - (_share(discount, after, full) - _share(discount, before, full))


def _share(discount: int, part: int, full: int) -> int:
    return discount * part // full if full else 0


def refund_route(order: Order, rules: RefundsRules) -> tuple[str, tuple[int, int] | None]:
    """Where money for an order goes back to, and how many days that takes."""
    payment = _last_paid(order)
    if payment is None:
        return "", None
    if payment.method.kind == "cod":
        return rules.cod_route, rules.days_by_route.get(rules.cod_route)
    return payment.method.label, rules.days_by_route.get(payment.method.kind)


def _last_paid(order: Order) -> Payment | None:
    paid = [payment for payment in order.payments if payment.status is PaymentStatus.PAID]
    return paid[-1] if paid else None


def choose_items(order: Order, items: Sequence[tuple[str, int]]) -> list[tuple[OrderItem, int]] | str:
    """The items with their quantities, or the reason why they cannot be taken."""
    chosen = []
    for identifier, quantity in _merge(items):
        item = next((item for item in order.items if item.id == identifier), None)
        if item is None:
            return "unknown_item"
        left = item.quantity - item.quantity_returned
        if left <= 0:
            return "already_returned"
        if not 0 < quantity <= left:
            return "too_many"
        chosen.append((item, quantity))
    return chosen or "unknown_item"


def _merge(items: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    # The same item twice in one request is one line: else "1 + 1" could pass a limit of 1. A quantity below one
    # must stay visible as a mistake and not offset another.
    merged: dict[str, int] = {}
    for identifier, quantity in items:
        broken = quantity <= 0 or merged.get(identifier) == 0
        merged[identifier] = 0 if broken else merged.get(identifier, 0) + quantity
    return list(merged.items())
