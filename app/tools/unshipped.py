"""WRITE tools for orders that have not left yet: cancel, another variant, another address or payment, a voucher."""

from dataclasses import replace

from app.catalogue import match_variant
from app.models import Address, Change, Money, Order, OrderItem, OrderStatus, Outcome, Payment, PaymentStatus, Variant
from app.policies import Decision, can_cancel, can_change_address, can_change_items, can_change_payment
from app.policies.amounts import paid_amount, refund_route
from app.policies.rules import AddressChangeRules, CancellationRules, ExchangesRules, PaymentRules, RefundsRules
from app.tools.drafts import (
    add_refund,
    change_total,
    choose_item,
    describe_item,
    find_order,
    needs_account,
    propose,
    refuse,
)
from app.tools.registry import (
    Desk,
    Item,
    Kind,
    OrderNumber,
    PaymentMethodId,
    ToolResult,
    VariantId,
    Words,
    tool,
)

MIN_ADDRESS_WORDS = 3
"""A street address has a street, a number and a place; less is a wish to change it."""


@tool(Kind.WRITE)
async def cancel_order(desk: Desk, order_number: OrderNumber) -> ToolResult:
    """Cancel a whole order that has not shipped yet."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    decision = can_cancel(order, desk.policies.rules(CancellationRules), desk.policies.rules(RefundsRules))
    if not decision:
        return refuse(desk, order, decision)
    amount = decision.amount or Money(0, order.currency)
    route = decision.route or ""
    cancelled = replace(order, status=OrderStatus.CANCELLED, trouble=None, cancelled_at=desk.now, expected_ship_at=None)
    cancelled = replace(cancelled, payments=tuple(_void(p) for p in order.payments), expected_delivery_at=None)
    cancelled = add_refund(cancelled, amount, "cancelled", route, decision.days, desk.now)
    change = Change(cancelled, stock={item.variant_id: item.quantity for item in order.items})
    values = {"amount": amount, "route": desk.canned.route(route, desk.language)} if amount.amount else {}
    key = "cancel_order" if values else "cancel_order_unpaid"
    arguments = {"order_number": order.number}
    return propose(desk, "cancel_order", order, arguments, change, "cancelled", key=key, **values)


def _void(payment: Payment) -> Payment:
    """A payment that was still to come will not be asked for any more."""
    return replace(payment, status=PaymentStatus.FAILED) if payment.status is PaymentStatus.PENDING else payment


@tool(Kind.WRITE)
async def change_items(desk: Desk, order_number: OrderNumber, item: Item, variant: VariantId) -> ToolResult:
    """Swap an item of an order that has not shipped for another size or colour of the same product."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    general = can_change_items(order, order.items[0].id, None, desk.policies.rules(ExchangesRules))
    if not general and general.reason not in {"too_many", "unknown_item"}:
        return refuse(desk, order, general)
    chosen = choose_item(desk, order, item, "change_items")
    if isinstance(chosen, ToolResult):
        return chosen
    wanted = await choose_variant(desk, order, chosen, variant, "change_items")
    if isinstance(wanted, ToolResult):
        return wanted
    decision = can_change_items(order, chosen.id, wanted, desk.policies.rules(ExchangesRules))
    if not decision:
        return refuse(desk, order, decision, [chosen])
    decision = cap_price(order, decision)
    changed = swap_variant(order, chosen, wanted, decision, desk)
    stock = {chosen.variant_id: chosen.quantity, wanted.id: -chosen.quantity}
    new = next(i for i in changed.items if i.id == chosen.id)
    return propose(
        desk,
        "change_items",
        order,
        {"order_number": order.number, "item": chosen.id, "variant": wanted.id},
        Change(changed, stock=stock),
        "changed",
        items=[describe_item(chosen, chosen.quantity)],
        new_items=[describe_item(new, new.quantity)],
        extra=describe_price(desk, decision, order),
    )


def cap_price(order: Order, decision: Decision) -> Decision:
    """The price difference, but never more back than was paid, or than is still to pay: a discount made it less."""
    most = min(paid_amount(order).amount or order.total.amount, order.total.amount)
    difference = decision.amount.amount if decision.amount else 0
    return replace(decision, amount=Money(min(difference, most), order.currency))


def swap_variant(order: Order, item: OrderItem, variant: Variant, decision: Decision, desk: Desk) -> Order:
    """The order with another variant in the item's place, and the difference settled in its total and refunds."""
    new = replace(item, variant_id=variant.id, options=variant.options, unit_price=variant.price)
    items = tuple(new if each.id == item.id else each for each in order.items)
    back = decision.amount or Money(0, order.currency)
    swapped = change_total(replace(order, items=items), order.total.amount - back.amount)
    if not paid_amount(order).amount:
        return swapped
    route, days = refund_route(order, desk.policies.rules(RefundsRules))
    return add_refund(swapped, back, "returned_items", route, days, desk.now)


async def choose_variant(desk: Desk, order: Order, item: OrderItem, variant_id: str, name: str) -> Variant | ToolResult:
    """The variant that the call or the question names, else the question which one, with those in stock."""
    product = next((p for p in await desk.shop.products() if p.id == item.product_id), None)
    others = [v for v in product.variants if v.id != item.variant_id] if product else []
    named = next((v for v in others if v.id == variant_id), None) or match_variant(desk.question, others)
    if named:
        return named
    names = [f"• {', '.join(v.options.values())}" for v in others if v.stock > 0]
    if not names:
        return refuse(desk, order, Decision(False, "out_of_stock", policy="exchanges", section="window"), [item])
    text = "\n".join([desk.wording.say("which_variant", desk.language), *names])
    asked = {"tool": name, "order_number": order.number, "item": item.id}
    return ToolResult(text, Outcome.CLARIFIED, asked=asked)


def describe_price(desk: Desk, decision: Decision, order: Order) -> str:
    """What the difference means: more to pay, money back, or nothing; empty when only less is still to pay."""
    difference = decision.amount.amount if decision.amount else 0
    if difference == 0:
        return desk.wording.say("price_same", desk.language)
    if difference < 0:
        return desk.wording.say("price_extra", desk.language, amount=Money(-difference, order.currency))
    if not paid_amount(order).amount:  # nothing comes back: there is less to pay
        return ""
    route, _ = refund_route(order, desk.policies.rules(RefundsRules))
    return desk.wording.say(
        "price_back",
        desk.language,
        amount=Money(difference, order.currency),
        route=desk.canned.route(route, desk.language),
    )


@tool(Kind.WRITE)
async def change_address(desk: Desk, order_number: OrderNumber, address: Words) -> ToolResult:
    """Send an order that has not shipped to another address; the address in the customer's own words."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    rules = desk.policies.rules(AddressChangeRules)
    allowed = can_change_address(order, None, rules)
    if not allowed:
        return refuse(desk, order, allowed)
    blocked = needs_account(desk)
    if blocked:
        return blocked
    new = await read_address(desk, address, order.address)
    if new is None:
        asked = {"tool": "change_address", "order_number": order.number}
        return ToolResult(desk.wording.say("ask_new_address", desk.language), Outcome.CLARIFIED, asked=asked)
    decision = can_change_address(order, new.country, rules)
    if not decision:
        return refuse(desk, order, decision)
    arguments = {"order_number": order.number, "address": address}
    change = Change(replace(order, address=new))
    return propose(desk, "change_address", order, arguments, change, "changed", address=write_address(new))


async def read_address(desk: Desk, words: str, like: Address) -> Address | None:
    """One of the account's addresses when the words name it, else the words as they are; None when they are none."""
    text = " ".join(words.split())
    customer = await desk.shop.customer()
    for saved in customer.addresses if customer else ():
        if text and text.casefold() in {saved.id.casefold(), write_address(saved).casefold(), saved.city.casefold()}:
            return saved
    has_number = any(c.isdecimal() for c in text)
    long_enough = len(text.split()) >= MIN_ADDRESS_WORDS or len(text) >= 12
    if not (has_number and long_enough):
        return None
    return replace(like, id=f"{like.id}-new", lines=(text,), city="", region="", postal_code="", is_default=False)


def write_address(address: Address) -> str:
    """One line, as the customer reads it."""
    parts = [address.recipient, *address.lines, address.postal_code, address.city, address.region]
    return ", ".join(part for part in parts if part)


@tool(Kind.WRITE)
async def change_payment_method(desk: Desk, order_number: OrderNumber, method: PaymentMethodId) -> ToolResult:
    """Pay an order in another way, while it is not paid yet."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    rules = desk.policies.rules(PaymentRules)
    general = can_change_payment(order, next(iter(rules.methods)), rules)
    if not general and general.reason not in {"unknown_method", "cod_not_available", "cod_limit"}:
        return refuse(desk, order, general)
    blocked = needs_account(desk)
    if blocked:
        return blocked
    customer = await desk.shop.customer()
    methods = customer.payment_methods if customer else ()
    wanted = next((m for m in methods if m.id == method), None)
    wanted = wanted or next((m for m in methods if m.label.casefold() in desk.question.casefold()), None)
    if wanted is None:
        text = desk.wording.say("which_payment_method", desk.language, methods=[m.label for m in methods])
        asked = {"tool": "change_payment_method", "order_number": order.number}
        return ToolResult(text, Outcome.CLARIFIED, asked=asked)
    decision = can_change_payment(order, wanted.kind, rules)
    if not decision:
        return refuse(desk, order, decision)
    pending = [replace(p, method=wanted) if p.status is not PaymentStatus.PAID else p for p in order.payments]
    arguments = {"order_number": order.number, "method": wanted.id}
    change = Change(replace(order, payments=tuple(pending)))
    return propose(desk, "change_payment_method", order, arguments, change, "changed", method=wanted.label)
