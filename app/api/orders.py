"""Orders as the widget shows them: every label, date and amount already worded in the conversation's language.

Owns the JSON of an order card. Leaves the steps to ``timeline`` and who may see an order to ``conversations``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import BaseModel

from app import formats
from app.api.routes import ANYWHERE, Authorised, Service
from app.canned import is_current
from app.models import Order, OrderItem, Shipment
from app.timeline import Step, list_steps, mood_of
from app.wording import Wording

router = APIRouter(prefix="/api/conversations", tags=["conversations"], responses=ANYWHERE)
MOST_ORDERS = 5


class StepOut(BaseModel):
    label: str
    state: str
    """``done``, ``now``, ``next`` or ``bad``."""
    date: str


class ParcelOut(BaseModel):
    carrier: str
    tracking_number: str
    status: str


class ItemOut(BaseModel):
    title: str
    options: str
    quantity: int
    price: str


class OrderOut(BaseModel):
    number: str
    title: str
    status: str
    mood: str
    """``well``, ``waiting`` or ``bad``."""
    reason: str
    steps: list[StepOut]
    parcels: list[ParcelOut]
    items: list[ItemOut]
    total: str


class OrdersOut(BaseModel):
    orders: list[OrderOut]


@router.get("/{id}/orders")
async def list_orders(request: Request, conversation: Authorised, conversations: Service) -> OrdersOut:
    """The orders that this conversation's proof opens, newest first, worded in its language; none without a proof."""
    services = request.app.state.services
    words = OrderWords(services.wording, conversation.language, services.policies.shop.time_zone)
    return words.describe(await conversations.orders(conversation.id))


@dataclass(frozen=True, slots=True)
class OrderWords:
    """Words orders in one locale; ``time_zone`` is an IANA name."""

    wording: Wording
    locale: str
    time_zone: str

    def describe(self, orders: Sequence[Order]) -> OrdersOut:
        return OrdersOut(orders=[self._order(order) for order in orders[:MOST_ORDERS]])

    def _order(self, order: Order) -> OrderOut:
        is_told = order.trouble is not None and is_current(order, order.trouble)
        return OrderOut(
            number=order.number,
            title=self._label("order", number=order.number),
            status=self._label(f"status_{order.status}"),
            mood=mood_of(order),
            reason=self.wording.say(f"why_{order.trouble}", self.locale) if is_told else "",
            steps=[self._step(step) for step in list_steps(order)],
            parcels=[self._parcel(shipment) for shipment in order.shipments if shipment.tracking_number],
            items=[self._item(item) for item in order.items],
            total=formats.money(order.total, self.locale),
        )

    def _step(self, step: Step) -> StepOut:
        date = ""
        if step.at is not None:
            day = formats.day(step.at, self.time_zone)
            is_next = step.state == "next"
            date = self._label("step_expected", date=day) if is_next else formats.long_date(day, self.locale)
        return StepOut(label=self._label(step.label), state=step.state, date=date)

    def _parcel(self, shipment: Shipment) -> ParcelOut:
        status = self._label(f"parcel_{shipment.status}")
        return ParcelOut(carrier=shipment.carrier, tracking_number=shipment.tracking_number, status=status)

    def _item(self, item: OrderItem) -> ItemOut:
        options = " · ".join(str(option) for option in item.options.values())
        price = formats.money(item.unit_price, self.locale)
        return ItemOut(title=item.title, options=options, quantity=item.quantity, price=price)

    def _label(self, key: str, **values: object) -> str:
        return self.wording.label(key, self.locale, **values)
