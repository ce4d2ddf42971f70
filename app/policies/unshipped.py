"""What may still be changed about an order before it leaves: cancel, new address, other variant, other payment."""

from collections.abc import Iterable

from app.models import Money, Order, OrderItem, OrderStatus, Variant
from app.policies.amounts import paid_amount, refund_route
from app.policies.decisions import Decision
from app.policies.rules import (
    AddressChangeRules,
    CancellationRules,
    ExchangesRules,
    PaymentRules,
    RefundsRules,
    VouchersRules,
)

ON_THE_WAY = frozenset({
    OrderStatus.SHIPPED, OrderStatus.IN_CUSTOMS, OrderStatus.OUT_FOR_DELIVERY, OrderStatus.DELIVERY_FAILED
})  # fmt: skip
ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.PARTLY_RETURNED, OrderStatus.RETURNED})


def has_left(order: Order) -> bool:
    return order.shipped_at is not None or any(parcel.shipped_at is not None for parcel in order.shipments)


def _block_of(order: Order, allowed: Iterable[OrderStatus]) -> str | None:
    """Why something that needs one of these statuses cannot be done; None when it can."""
    if order.status is OrderStatus.CANCELLED:
        return "already_cancelled"
    if order.status is OrderStatus.RETURNED:
        return "already_returned"
    if order.status in ARRIVED:
        return "already_delivered"
    if order.status not in allowed:
        return "already_shipped" if order.status in ON_THE_WAY else "wrong_status"
    before_shipping = order.status not in ON_THE_WAY
    return "already_shipped" if before_shipping and has_left(order) else None


def can_cancel(order: Order, rules: CancellationRules, refunds: RefundsRules) -> Decision:
    """Whether the whole order can be cancelled, and what comes back then (nothing when nothing was paid)."""
    block = _block_of(order, rules.allowed_statuses)
    if block:
        return Decision(False, block, policy="cancellation", section="when")
    amount = paid_amount(order)
    route, days = refund_route(order, refunds) if amount.amount else ("", None)
    return Decision(
        True, "ok", amount=amount, route=route or None, days=days, policy="cancellation", section="when",
        items=tuple((item.id, item.quantity) for item in order.items),
    )  # fmt: skip


def can_change_address(order: Order, country: str | None, rules: AddressChangeRules) -> Decision:
    """Whether the delivery address may change; ``country`` is the new one's, None when it is not known yet."""
    block = _block_of(order, rules.allowed_statuses)
    if block is None and rules.same_country_only and country is not None and country != order.address.country:
        block = "other_country"
    return Decision(block is None, block or "ok", policy="address-change", section="when")


def can_change_items(
    order: Order, item_id: str, variant: Variant | None, rules: ExchangesRules, quantity: int | None = None
) -> Decision:
    """Whether a variant can be swapped before shipping; the price difference as in ``can_exchange``."""
    block = _block_of(order, rules.swap_statuses)
    if block:
        return Decision(False, block, policy="exchanges", section="before-shipping")
    return decide_swap(order, item_id, variant, quantity, 0, "before-shipping")


def can_change_payment(order: Order, kind: str, rules: PaymentRules) -> Decision:
    """Whether an order can be paid another way; ``kind`` as in ``PaymentMethod.kind``."""
    block = _block_of(order, rules.change_statuses)
    if block is None and kind not in rules.methods:
        block = "unknown_method"
    if block is None and kind == "cod":
        block = _block_of_cod(order, rules)
    return Decision(block is None, block or "ok", policy="payment", section="change")


def _block_of_cod(order: Order, rules: PaymentRules) -> str | None:
    if order.address.country not in rules.cod_countries:
        return "cod_not_available"
    limit = rules.cod_limits.get(order.currency)
    return "cod_limit" if limit is not None and order.total.amount > limit else None


def can_apply_voucher(order: Order, rules: VouchersRules) -> Decision:
    """Whether a voucher can still be added to an order; its own terms are the shop system's business."""
    block = _block_of(order, rules.apply_statuses)
    return Decision(block is None, block or "ok", policy="vouchers", section="use")


def decide_swap(
    order: Order, item_id: str, variant: Variant | None, quantity: int | None, fee: int, section: str
) -> Decision:
    """Check a variant against an item and settle the price."""
    item = next((item for item in order.items if item.id == item_id), None)
    if item is None:
        return Decision(False, "unknown_item", policy="exchanges", section=section)
    left = item.quantity - item.quantity_returned
    many = left if quantity is None else quantity
    block = "too_many" if not 0 < many <= left else None
    if block is None and variant is not None:
        block = _block_of_variant(item, variant, many)
    if block:
        return Decision(False, block, policy="exchanges", section=section)
    price = item.unit_price if variant is None else variant.price
    difference = (item.unit_price.amount - price.amount) * many - fee
    return Decision(
        True, "ok", amount=Money(difference, order.currency), fee=Money(fee, order.currency), items=((item.id, many),),
        policy="exchanges", section=section,
    )  # fmt: skip


def _block_of_variant(item: OrderItem, variant: Variant, quantity: int) -> str | None:
    if variant.product_id != item.product_id or variant.price.currency != item.unit_price.currency:
        return "other_product"
    if variant.id == item.variant_id:
        return "same_variant"
    return "out_of_stock" if variant.stock < quantity else None
