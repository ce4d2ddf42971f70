"""WRITE tools around an order: its invoice, a refund that is due, the address in the customer's account."""

from dataclasses import replace

from app.models import Change, Money, Outcome, RefundStatus, Trouble
from app.policies import Decision, can_resend_invoice
from app.policies.amounts import paid_amount, refund_route
from app.policies.rules import InvoicesRules, RefundsRules
from app.tools.drafts import add_refund, find_order, needs_account, propose, refuse, zone
from app.tools.registry import Desk, Kind, OrderNumber, ToolResult, Words, tool
from app.tools.unshipped import read_address, write_address


@tool(Kind.WRITE)
async def resend_invoice(desk: Desk, order_number: OrderNumber) -> ToolResult:
    """Send the invoice of an order again, to the e-mail on that order."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    decision = can_resend_invoice(order, desk.policies.rules(InvoicesRules), zone(desk), desk.now)
    if not decision:
        return refuse(desk, order, decision)
    change = Change(order, task={"kind": "invoice", "order": order.number, "email": order.email})
    arguments = {"order_number": order.number}
    return propose(desk, "resend_invoice", order, arguments, change, "sent", email=order.email)


@tool(Kind.WRITE)
async def request_refund(desk: Desk, order_number: OrderNumber) -> ToolResult:
    """Ask for money that is owed: an order paid twice. For goods to send back use return_items."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    under_way = [r for r in order.refunds if r.status is not RefundStatus.REJECTED]
    overpaid = paid_amount(order).amount - order.total.amount
    if under_way or overpaid <= 0 or order.trouble is not Trouble.PAID_TWICE:
        if under_way:
            text = desk.canned.refund_status(order, desk.language, desk.time_zone, desk.now)
            return ToolResult(text, Outcome.REFUSED)
        return refuse(desk, order, Decision(False, "not_eligible", policy="refunds", section="amount"))
    route, days = refund_route(order, desk.policies.rules(RefundsRules))
    amount = Money(overpaid, order.currency)
    refunded = add_refund(replace(order, trouble=None), amount, "paid_twice", route, days, desk.now)
    return propose(
        desk,
        "request_refund",
        order,
        {"order_number": order.number},
        Change(refunded),
        "refunded",
        amount=amount,
        route=desk.canned.route(route, desk.language),
    )


@tool(Kind.WRITE)
async def update_customer_address(desk: Desk, order_number: OrderNumber, address: Words) -> ToolResult:
    """Save a new address in the customer's account, for later orders."""
    blocked = needs_account(desk)
    if blocked:
        return blocked
    order = await find_order(desk, order_number)
    customer = await desk.shop.customer()
    if isinstance(order, ToolResult) or customer is None:
        return order if isinstance(order, ToolResult) else ToolResult(desk.wording.say("ask_proof", desk.language))
    new = await read_address(desk, address, order.address)
    if new is None:
        asked = {"tool": "update_customer_address", "order_number": order.number}
        return ToolResult(desk.wording.say("ask_new_address", desk.language), Outcome.CLARIFIED, asked=asked)
    new = replace(new, id=f"{customer.id}-A{len(customer.addresses) + 1}")
    change = Change(customer=replace(customer, addresses=(*customer.addresses, new)))
    arguments = {"order_number": order.number, "address": address}
    return propose(desk, "update_customer_address", order, arguments, change, "changed", address=write_address(new))
