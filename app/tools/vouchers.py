"""The WRITE tool for vouchers: terms are the policy's, the discount is computed here."""

import re
from dataclasses import replace

from app.models import Change, Money, Order, Outcome
from app.policies import can_apply_voucher
from app.policies.rules import Voucher, VouchersRules
from app.tools.drafts import change_total, find_order, propose, refuse, zone
from app.tools.registry import Desk, Kind, OrderNumber, ToolResult, Words, tool

_CODE = re.compile(r"[A-Za-z0-9_-]{3,24}")


@tool(Kind.WRITE)
async def apply_voucher(desk: Desk, order_number: OrderNumber, code: Words) -> ToolResult:
    """Use a voucher code for an order that is not paid yet."""
    order = await find_order(desk, order_number)
    if isinstance(order, ToolResult):
        return order
    rules = desk.policies.rules(VouchersRules)
    decision = can_apply_voucher(order, rules)
    if not decision:
        return refuse(desk, order, decision)
    name, voucher = find_voucher(f"{code} {desk.question}", rules)
    if voucher is None:
        if not code:
            asked = {"tool": "apply_voucher", "order_number": order.number}
            return ToolResult(desk.wording.say("ask_voucher_code", desk.language), Outcome.CLARIFIED, asked=asked)
        return _refuse(desk, "voucher_invalid", code=code[:24])
    if order.discount.amount:
        return _refuse(desk, "voucher_invalid", code=name)
    if voucher.until < desk.now.astimezone(zone(desk)).date():
        return _refuse(desk, "voucher_expired", code=name, date=voucher.until)
    goods = discountable(order, rules)
    minimum = voucher.minimum.get(order.currency, 0)
    if goods < minimum:
        return _refuse(desk, "voucher_minimum", code=name, amount=Money(minimum, order.currency))
    saved = Money(goods * voucher.percent // 100, order.currency)
    changed = discount(order, saved)
    arguments = {"order_number": order.number, "code": name}
    result = propose(desk, "apply_voucher", order, arguments, Change(changed), "changed", code=name, amount=saved)
    if result.draft is None:
        return result
    done = desk.wording.say("done_apply_voucher", desk.language, code=name, number=order.number, amount=changed.total)
    return replace(result, draft=replace(result.draft, done=done))


def find_voucher(words: str, rules: VouchersRules) -> tuple[str, Voucher | None]:
    """The first code among the words that the shop knows."""
    for word in _CODE.findall(words):
        if word.upper() in rules.codes:
            return word.upper(), rules.codes[word.upper()]
    return "", None


def discountable(order: Order, rules: VouchersRules) -> int:
    """The price of the goods that vouchers are taken for, in minor units."""
    items = [i for i in order.items if i.category not in rules.excluded_categories]
    return sum(i.unit_price.amount * i.quantity for i in items)


def discount(order: Order, saved: Money) -> Order:
    """The order with its total, and what is still to pay, lower by so much."""
    return replace(change_total(order, order.total.amount - saved.amount), discount=saved)


def _refuse(desk: Desk, reason: str, **values: object) -> ToolResult:
    return ToolResult(desk.wording.say(f"refused_{reason}", desk.language, **values), Outcome.REFUSED)
