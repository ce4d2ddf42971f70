"""WRITE tools for orders that arrived, or should have: return, exchange, refund, report a problem."""

from dataclasses import replace
from typing import Literal

from app.models import Change, Money, Order, OrderItem, OrderStatus, Outcome
from app.policies import can_exchange, can_report_problem, can_return
from app.policies.deadlines import days_after
from app.policies.rules import (
    DamagedRules,
    DelaysRules,
    ExchangesRules,
    RefundsRules,
    ReturnsRules,
)
from app.tools.drafts import add_refund, choose_item, describe_item, find_order, propose, refuse, write_day, zone
from app.tools.problems import read_problem
from app.tools.registry import Desk, Item, Kind, OrderNumber, ToolResult, VariantId, tool
from app.tools.unshipped import cap_price, choose_variant, describe_price, swap_variant


@tool(Kind.WRITE)
async def return_items(desk: Desk, order_number: OrderNumber, item: Item) -> ToolResult:
    """Send a delivered item back for a refund because it does not please."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    returns, refunds = desk.policies.rules(ReturnsRules), desk.policies.rules(RefundsRules)
    general = can_return(order, returns, refunds, zone(desk), desk.now)
    if not general:
        return refuse(desk, order, general)
    chosen = choose_item(desk, order, item, "return_items")
    if isinstance(chosen, ToolResult):
        return chosen
    quantity = chosen.quantity - chosen.quantity_returned
    decision = can_return(order, returns, refunds, zone(desk), desk.now, [(chosen.id, quantity)])
    if not decision:
        return refuse(desk, order, decision, [chosen])
    amount, route = decision.amount or Money(0, order.currency), decision.route or ""
    returned = add_refund(
        mark_returned(order, chosen, quantity), amount, "returned_items", route, decision.days, desk.now
    )
    send_by = days_after(desk.now, returns.send_within_days, zone(desk))
    return propose(
        desk,
        "return_items",
        order,
        {"order_number": order.number, "item": chosen.id},
        Change(returned),
        "returned",
        items=[describe_item(chosen, quantity)],
        amount=amount,
        route=desk.canned.route(route, desk.language),
        deadline=write_day(send_by, desk),
    )


def mark_returned(order: Order, item: OrderItem, quantity: int) -> Order:
    """The order with an item on its way back: partly returned, or returned when nothing is left."""
    back = replace(item, quantity_returned=item.quantity_returned + quantity)
    items = tuple(back if each.id == item.id else each for each in order.items)
    complete = all(each.quantity_returned >= each.quantity for each in items)
    status = OrderStatus.RETURNED if complete else OrderStatus.PARTLY_RETURNED
    return replace(order, items=items, status=status)


@tool(Kind.WRITE)
async def exchange_items(desk: Desk, order_number: OrderNumber, item: Item, variant: VariantId) -> ToolResult:
    """Exchange a delivered item for another size or colour of the same product."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    rules = desk.policies.rules(ExchangesRules)
    decisions = [can_exchange(order, i.id, None, rules, zone(desk), desk.now) for i in order.items]
    if not any(decisions):
        return refuse(desk, order, decisions[0])
    chosen = choose_item(desk, order, item, "exchange_items")
    if isinstance(chosen, ToolResult):
        return chosen
    general = can_exchange(order, chosen.id, None, rules, zone(desk), desk.now)
    if not general:
        return refuse(desk, order, general, [chosen])
    wanted = await choose_variant(desk, order, chosen, variant, "exchange_items")
    if isinstance(wanted, ToolResult):
        return wanted
    decision = can_exchange(order, chosen.id, wanted, rules, zone(desk), desk.now)
    if not decision:
        return refuse(desk, order, decision, [chosen])
    decision = cap_price(order, decision)
    quantity = chosen.quantity - chosen.quantity_returned
    exchanged = swap_variant(order, chosen, wanted, decision, desk)
    new = next(i for i in exchanged.items if i.id == chosen.id)
    send_by = days_after(desk.now, desk.policies.rules(ReturnsRules).send_within_days, zone(desk))
    return propose(
        desk,
        "exchange_items",
        order,
        {"order_number": order.number, "item": chosen.id, "variant": wanted.id},
        Change(exchanged, stock={wanted.id: -quantity}),
        "exchanged",
        items=[describe_item(chosen, quantity)],
        new_items=[describe_item(new, quantity)],
        deadline=write_day(send_by, desk),
        extra=describe_price(desk, decision, order),
    )


@tool(Kind.WRITE)
async def report_problem(
    desk: Desk, order_number: OrderNumber, problem: Literal["damaged", "wrong", "missing", "not_received"], item: Item
) -> ToolResult:
    """Report that something arrived damaged, wrong or incomplete, or never arrived."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    kind = read_problem(desk.question) or problem
    if not kind:
        asked = {"tool": "report_problem", "order_number": order.number}
        return ToolResult(desk.wording.say("which_problem", desk.language), Outcome.CLARIFIED, asked=asked)
    damaged, delays = desk.policies.rules(DamagedRules), desk.policies.rules(DelaysRules)
    decision = can_report_problem(order, kind, damaged, delays, zone(desk), desk.now)
    if not decision:
        return refuse(desk, order, decision)
    items = list(order.items)
    if kind != "not_received":
        chosen = choose_item(desk, order, item, "report_problem")
        if isinstance(chosen, ToolResult):
            return replace(chosen, asked={**chosen.asked, "problem": kind})
        items = [chosen]
    word = desk.wording.label(f"problem_{kind}", desk.language)
    task = {"kind": "problem", "problem": kind, "order": order.number, "items": [i.id for i in items]}
    note = f"{order.note}\n{desk.now:%Y-%m-%d} {kind}: {', '.join(i.id for i in items)}".strip()
    return propose(
        desk,
        "report_problem",
        order,
        {"order_number": order.number, "problem": kind, "item": items[0].id if len(items) == 1 else ""},
        Change(replace(order, note=note), task=task),
        "reported",
        problem=word,
        items=[describe_item(i, i.quantity) for i in items],
    )
