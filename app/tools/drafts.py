"""What every WRITE tool shares: the order it is about, the words of its items, the refusal, the proposal.

A WRITE tool changes nothing. It checks ownership, state and policy and returns a draft: what would change, and what
to say. Confirming runs the same tool again on the state of then, so that every check is made twice (I5, I6).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import formats
from app.catalogue import match_items
from app.models import Change, Citation, Draft, Money, Order, OrderItem, Outcome, PaymentStatus, Refund, RefundStatus
from app.policies import Decision
from app.tools.facts import order_source
from app.tools.registry import PROOF_OF_ACCOUNT, Desk, ToolResult


async def find_order(desk: Desk, number: str) -> Order | ToolResult:
    """The verified customer's order, or the answer that there is none: the same for foreign and unknown ones."""
    order = await desk.shop.order(number)
    if order is None:
        return ToolResult(desk.wording.say("order_not_found", desk.language, number=number), Outcome.CLARIFIED)
    return order


def choose_item(desk: Desk, order: Order, item_id: str, tool: str) -> OrderItem | ToolResult:
    """The item that is meant: the one named, the only one, the one that the question describes; else ask."""
    left = [item for item in order.items if item.quantity_returned < item.quantity] or list(order.items)
    found = [item for item in order.items if item.id == item_id] or match_items(desk.question, left)
    if len(found) == 1:
        return found[0]
    names = [describe_item(item, None) for item in left]
    text = desk.wording.say("which_item", desk.language, items=names)
    return ToolResult(text, Outcome.CLARIFIED, asked={"tool": tool, "order_number": order.number})


def describe_item(item: OrderItem, quantity: int | None) -> str:
    """``2 × Linen dress (M, Sage)``."""
    options = f" ({', '.join(item.options.values())})" if item.options else ""
    many = f"{quantity} × " if quantity and quantity > 1 else ""
    return f"{many}{item.title}{options}"


def refuse(desk: Desk, order: Order, decision: Decision, items: Sequence[OrderItem] = ()) -> ToolResult:
    """The localised reason why the rules say no, with the policy that says it."""
    names = [describe_item(item, None) for item in items or order.items]
    values: dict[str, Any] = {
        "number": order.number,
        "items": names,
        "status": desk.wording.label(f"status_{order.status}", desk.language),
    }
    if decision.deadline:
        values["deadline"] = write_day(decision.deadline, desk)
    text = desk.wording.say(f"refused_{decision.reason}", desk.language, **values)
    citations = (Citation(decision.policy, decision.section),) if decision.policy else ()
    return ToolResult(text, Outcome.REFUSED, sources=(order_source(order, text),), citations=citations)


def propose(
    desk: Desk, tool: str, order: Order, arguments: dict[str, Any], change: Change, action: str, **values: Any
) -> ToolResult:
    """The proposal with its localised summary; ``values`` fill ``propose_…`` and ``done_…``."""
    key = values.pop("key", tool)
    extra = values.pop("extra", "")
    filled = {"number": order.number, **values}
    summary = desk.wording.say(f"propose_{key}", desk.language, **filled)
    summary = f"{summary} {extra}".strip()
    done = desk.wording.say(f"done_{tool}", desk.language, **filled)
    draft = Draft(tool, arguments, summary, done, change, action, order.number, order.version)
    text = f"{summary}\n{desk.wording.say('confirm_hint', desk.language)}"
    return ToolResult(text, Outcome.PROPOSED, sources=(order_source(order, text),), draft=draft)


def needs_account(desk: Desk) -> ToolResult | None:
    """Redirecting goods or money needs the storefront's login or an agent, not only contact proof (DESIGN §8)."""
    if desk.shop.identity and desk.shop.identity.scope == "customer":
        return None
    return ToolResult(desk.wording.say("needs_account", desk.language), Outcome.REFUSED, asked=PROOF_OF_ACCOUNT)


def add_refund(
    order: Order, amount: Money, reason: str, route: str, days: tuple[int, int] | None, now: datetime
) -> Order:
    """The order with one more refund; its id is the order's number and a count."""
    if amount.amount <= 0:
        return order
    expected = now + timedelta(days=days[1]) if days else None
    refund = Refund(
        id=f"{order.number}-R{len(order.refunds) + 1}",
        amount=amount,
        status=RefundStatus.REQUESTED,
        reason=reason,
        route=route,
        requested_at=now,
        expected_at=expected,
    )
    return replace(order, refunds=(*order.refunds, refund))


def change_total(order: Order, amount: int) -> Order:
    """The order with another total, in minor units, and with it what is still to pay."""
    total = Money(amount, order.currency)
    payments = tuple(
        replace(p, amount=total) if p.status is PaymentStatus.PENDING and p.amount == order.total else p
        for p in order.payments
    )
    return replace(order, total=total, payments=payments)


def zone(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.time_zone)


def write_day(at: datetime, desk: Desk) -> Any:
    return formats.day(at, desk.time_zone)
