"""Sending goods back after delivery: returns, refunds and exchanges."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from app.models import Money, Order, OrderItem, OrderStatus, Variant
from app.policies.amounts import choose_items, goods_value, paid_amount, refund_route
from app.policies.deadlines import days_after, delivered_at, is_past
from app.policies.decisions import Decision
from app.policies.rules import ExchangesRules, RefundsRules, ReturnsRules
from app.policies.unshipped import decide_swap


def refund_due(
    order: Order,
    items: Sequence[tuple[str, int]],
    returns: ReturnsRules,
    refunds: RefundsRules,
    shop_at_fault: bool = False,
) -> Decision:
    """What the customer gets back for items of an order; ``items`` are ids and quantities.

    The price paid for them after discount, less the return fee; when the shop is at fault there is no fee, and
    the shipping comes back too once everything of the order is back. Never more than was paid.
    """
    chosen = choose_items(order, items)
    if isinstance(chosen, str):
        return Decision(False, chosen, policy="refunds")
    paid = paid_amount(order)
    if paid.amount == 0:
        return Decision(False, "not_paid", policy="refunds")
    value = goods_value(order, chosen)
    complete = sum(quantity for _, quantity in chosen) == sum(i.quantity - i.quantity_returned for i in order.items)
    if shop_at_fault and complete and refunds.shipping_refunded_when_at_fault:
        value += order.shipping_fee.amount
    fee = 0 if shop_at_fault else min(returns.fees.get(order.currency, 0), value)
    route, days = refund_route(order, refunds)
    amount = Money(min(value - fee, paid.amount), order.currency)
    return Decision(
        True, "ok", amount=amount, fee=Money(fee, order.currency), route=route, days=days,
        items=tuple((item.id, quantity) for item, quantity in chosen), policy="refunds", section="amount",
    )  # fmt: skip


def return_deadline(order: Order, item: OrderItem | None, rules: ReturnsRules, tz: tzinfo) -> datetime | None:
    """The last second on which an item (without one: anything of the order) can be returned; None: not delivered.

    Each item counts from its own parcel; an order in two shipments closes with the later one.
    """
    if item is not None:
        arrived = delivered_at(order, item)
        return None if arrived is None else days_after(arrived, rules.window_days, tz)
    deadlines = [return_deadline(order, each, rules, tz) for each in order.items]
    return max((deadline for deadline in deadlines if deadline is not None), default=None)


def can_return(
    order: Order,
    returns: ReturnsRules,
    refunds: RefundsRules,
    tz: tzinfo,
    now: datetime,
    items: Sequence[tuple[str, int]] | None = None,
) -> Decision:
    """Whether items may be sent back because the customer does not want them, and what is refunded.

    ``items`` are ids and quantities, all of which must be returnable; None takes everything that can be returned.
    """
    if order.status is OrderStatus.CANCELLED:
        return Decision(False, "already_cancelled", policy="returns", section="window")
    wanted = items
    if wanted is None:
        wanted = [(i.id, i.quantity - i.quantity_returned) for i in order.items if not _block_of_return(
            order, i, returns, tz, now)]  # fmt: skip
    if not wanted:
        return _first_refusal(order, returns, tz, now)
    chosen = choose_items(order, wanted)
    if isinstance(chosen, str):
        return Decision(False, chosen, policy="returns", section="window")
    deadlines = [return_deadline(order, item, returns, tz) for item, _ in chosen]
    deadline = min((d for d in deadlines if d is not None), default=None)
    for item, _ in chosen:
        block = _block_of_return(order, item, returns, tz, now)
        if block:
            at = return_deadline(order, item, returns, tz)
            return Decision(False, block, deadline=at, policy="returns", section=_section_of(block))
    money = refund_due(order, [(item.id, quantity) for item, quantity in chosen], returns, refunds)
    if not money.allowed:
        return Decision(False, money.reason, deadline=deadline, policy="returns", section="window")
    return Decision(
        True, "ok", deadline, money.amount, money.fee, money.route, money.days, money.items, "returns", "window"
    )


def _block_of_return(order: Order, item: OrderItem, rules: ReturnsRules, tz: tzinfo, now: datetime) -> str | None:
    if item.quantity_returned >= item.quantity:
        return "already_returned"
    deadline = return_deadline(order, item, rules, tz)
    if deadline is None:
        return "not_delivered"
    if item.category in rules.final_sale_categories:
        return "final_sale"
    return "too_late" if is_past(deadline, now, tz) else None


def _first_refusal(order: Order, rules: ReturnsRules, tz: tzinfo, now: datetime) -> Decision:
    """Why nothing of an order can be returned: the reason that explains most."""
    blocks = [_block_of_return(order, item, rules, tz, now) for item in order.items]
    for reason in ("too_late", "not_delivered", "final_sale", "already_returned"):
        if reason in blocks:
            deadline = return_deadline(order, None, rules, tz)
            return Decision(False, reason, deadline=deadline, policy="returns", section=_section_of(reason))
    return Decision(False, "unknown_item", policy="returns", section="window")


def _section_of(reason: str) -> str:
    return "final-sale" if reason == "final_sale" else "window"


def can_exchange(
    order: Order,
    item_id: str,
    variant: Variant | None,
    rules: ExchangesRules,
    tz: tzinfo,
    now: datetime,
    quantity: int | None = None,
) -> Decision:
    """Whether an item can be exchanged for another variant of the same product after delivery.

    ``variant`` None asks in general. ``amount`` is the price difference: positive comes back to the customer,
    negative is still to pay; the exchange fee is in it and in ``fee``.
    """
    item = next((item for item in order.items if item.id == item_id), None)
    block, deadline = _block_of_exchange(order, item, rules, tz, now)
    if block:
        return Decision(False, block, deadline=deadline, policy="exchanges", section="window")
    fee = 0 if rules.free_exchanges > 0 else rules.fees.get(order.currency, 0)
    swap = decide_swap(order, item_id, variant, quantity, fee, "window")
    return Decision(
        swap.allowed, swap.reason, deadline, swap.amount, swap.fee, items=swap.items, policy="exchanges",
        section="window",
    )  # fmt: skip


def _block_of_exchange(
    order: Order, item: OrderItem | None, rules: ExchangesRules, tz: tzinfo, now: datetime
) -> tuple[str | None, datetime | None]:
    if order.status is OrderStatus.CANCELLED:
        return "already_cancelled", None
    if item is None:
        return "unknown_item", None
    if item.quantity_returned >= item.quantity:
        return "already_returned", None
    arrived = delivered_at(order, item)
    if arrived is None:
        return "not_delivered", None
    deadline = days_after(arrived, rules.window_days, tz)
    if item.category in rules.excluded_categories:
        return "not_exchangeable", deadline
    return ("too_late" if is_past(deadline, now, tz) else None), deadline
