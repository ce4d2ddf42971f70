"""What a rival's tools reach in one conversation: the verified customer's shop, with Kaunter's own rules behind it.

The facts and checks are the same that Kaunter's tools use, so that nobody loses by a worse shop; also what a shop's
own system seldom knows (until when a thing may be returned) is computed for everybody.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from app import formats
from app.main import Services
from app.models import Draft, Money, Order, Outcome
from app.policies.views import view_order
from app.shop import CustomerShop
from app.store.imports import ShopChange, Wanted
from app.tools import TOOLS
from app.tools.registry import Desk, ToolCall, ToolResult

UNKNOWN = "There is no such order of this customer."
NOW_ANSWER = "\nUse this to answer the customer now, in the customer's language."
"""Ends every result of a tool: without it a small model calls the same tool again and again."""


class ShopDesk:
    """Bound to one customer; remembers what was done."""

    def __init__(self, services: Services, shop: CustomerShop, language: str) -> None:
        self._services = services
        self._shop = shop
        self._language = language
        self.handed_off = False
        self.done = False

    async def list_orders(self) -> list[Order]:
        return list(await self._shop.orders())

    async def get_order(self, number: str) -> str:
        """All facts about an order, one a line; the same text is pasted into the plain prompt."""
        order = await self._shop.order(number.strip())
        if order is None:
            return UNKNOWN
        zone, now = ZoneInfo(await self._zone()), self._services.clock()
        view = view_order(order, self._services.policies.policies, zone, now)
        lines = [
            *_describe(order, zone),
            f"can_be_cancelled: {'yes' if view.can_cancel else 'no'}",
            f"can_be_returned: {'yes' if view.can_return else 'no'}",
        ]
        if view.return_deadline:
            lines.append(f"returns_close_on: {_day(view.return_deadline, zone)}")
        return "\n".join(lines)

    async def look_up(self, number: str) -> str:
        """``get_order`` as the result of a tool."""
        return await self.get_order(number) + NOW_ANSWER

    async def check(self, tool: str, number: str) -> Draft | str:
        """What a WRITE would do, or the shop's reason (in English, for the model) why it will not."""
        result = await self._call(tool, number, "en")
        return result.draft or result.canned + NOW_ANSWER

    async def describe(self, tool: str, number: str) -> str:
        """What the customer reads in the dialog in which she confirms: the shop's own words in her language."""
        return (await self._call(tool, number, self._language)).canned

    async def execute(self, tool: str, number: str) -> str:
        """Do it, in the shop's store; the model gets what was done in English."""
        draft = await self.check(tool, number)
        if isinstance(draft, str):
            return draft
        changed = [draft.change.order] if draft.change.order else []
        await self._services.store.change_shop(Wanted(), lambda _: ShopChange(orders=changed))
        self.done = True
        return draft.done + NOW_ANSWER

    def hand_off(self) -> str:
        self.handed_off = True
        return "A human colleague has been asked and will answer here." + NOW_ANSWER

    async def _call(self, tool: str, number: str, language: str) -> ToolResult:
        order = await self._shop.order(number.strip())
        if order is None:
            return ToolResult(UNKNOWN, Outcome.CLARIFIED)
        services = self._services
        desk = Desk(
            self._shop,
            services.policies,
            services.wording,
            services.canned,
            language,
            await self._zone(),
            services.clock(),
            "",
        )
        return await TOOLS.call(ToolCall(tool, {"order_number": order.number}), desk)

    async def _zone(self) -> str:
        customer = await self._shop.customer()
        return customer.time_zone if customer and customer.time_zone else self._services.policies.shop.time_zone


def _describe(order: Order, zone: ZoneInfo) -> Iterator[str]:
    yield f"order_number: {order.number}"
    yield f"status: {order.status}"
    if order.trouble:
        yield f"trouble: {order.trouble}"
    yield "items: " + "; ".join(f"{item.quantity} x {item.title}" for item in order.items)
    yield f"total: {_money(order.total)}"
    if order.payments:
        yield f"paid_by: {order.payments[-1].method.kind}"
    yield f"placed_on: {_day(order.placed_at, zone)}"
    for name in ("expected_ship_at", "shipped_at", "expected_delivery_at", "delivered_at", "cancelled_at"):
        at = getattr(order, name)
        if at:
            yield f"{name.removesuffix('_at')}_on: {_day(at, zone)}"
    for shipment in order.shipments:
        last = f", {shipment.events[-1].place} {_day(shipment.events[-1].at, zone)}" if shipment.events else ""
        yield f"parcel: {shipment.carrier} {shipment.tracking_number}, {shipment.status}{last}"
    for refund in order.refunds:
        expected = f", expected {_day(refund.expected_at, zone)}" if refund.expected_at else ""
        asked = _day(refund.requested_at, zone)
        yield f"refund: {_money(refund.amount)} to {refund.route}, {refund.status}, requested {asked}{expected}"


def _money(value: Money) -> str:
    return formats.money(value, "en")


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
