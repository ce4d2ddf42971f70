"""Tools that read the verified customer's orders."""

from app.models import Outcome
from app.tools.facts import order_source
from app.tools.registry import PROOF, Desk, Kind, OrderNumber, ToolResult, tool


@tool(Kind.READ)
async def track_order(desk: Desk, order_number: OrderNumber) -> ToolResult:
    """Say where an order is, why it was not shipped or is late, and when it comes."""
    order = await desk.shop.order(order_number)
    if order is None:
        return _not_found(desk, order_number)
    text = desk.canned.order_status(order, desk.language, desk.time_zone, desk.now)
    return ToolResult(text, sources=(order_source(order, text),))


@tool(Kind.READ)
async def show_order(desk: Desk, order_number: OrderNumber) -> ToolResult:
    """Say what is in an order, what it cost in all and how it was paid."""
    order = await desk.shop.order(order_number)
    if order is None:
        return _not_found(desk, order_number)
    text = desk.canned.order_contents(order, desk.language, desk.time_zone)
    return ToolResult(text, settles=True, sources=(order_source(order, text),))


@tool(Kind.READ)
async def list_orders(desk: Desk) -> ToolResult:
    """List the customer's orders with their dates and statuses."""
    orders = await desk.shop.orders()
    if not orders:
        return ToolResult(desk.wording.say("ask_proof", desk.language), Outcome.CLARIFIED, asked=PROOF)
    text = desk.canned.orders_list(orders, desk.language, desk.time_zone)
    lines = text.split("\n")[1:]
    return ToolResult(text, sources=tuple(order_source(o, line) for o, line in zip(orders, lines, strict=False)))


@tool(Kind.READ)
async def get_refund_status(desk: Desk, order_number: OrderNumber) -> ToolResult:
    """Say how far the refund of an order is: amount, where it goes, when it comes."""
    order = await desk.shop.order(order_number)
    if order is None:
        return _not_found(desk, order_number)
    text = desk.canned.refund_status(order, desk.language, desk.time_zone, desk.now)
    return ToolResult(text, sources=(order_source(order, text),))


def _not_found(desk: Desk, number: str) -> ToolResult:
    text = desk.wording.say("order_not_found", desk.language, number=number)
    return ToolResult(text, Outcome.CLARIFIED)
