"""An order as a card: status, timeline, parcels, items, total. Every value is escaped and formatted for the locale.

Owns the steps of the timeline. Leaves who may see an order to ``conversations`` and dates and money to ``formats``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from app import formats
from app.canned import is_current
from app.models import Order, OrderItem, OrderStatus, Shipment, ShipmentStatus
from app.wording import Wording

MOST_ORDERS = 5
_NOT_SHIPPED = (OrderStatus.PENDING_PAYMENT, OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK)
_ON_THE_WAY = (OrderStatus.SHIPPED, OrderStatus.IN_CUSTOMS, OrderStatus.OUT_FOR_DELIVERY)
_WELL = (OrderStatus.DELIVERED, OrderStatus.PARTLY_RETURNED, OrderStatus.RETURNED)
_BAD = (OrderStatus.CANCELLED, OrderStatus.DELIVERY_FAILED)
_EVENT_OF = {
    OrderStatus.IN_CUSTOMS: ShipmentStatus.IN_CUSTOMS,
    OrderStatus.OUT_FOR_DELIVERY: ShipmentStatus.OUT_FOR_DELIVERY,
    OrderStatus.DELIVERY_FAILED: ShipmentStatus.FAILED,
}
State = Literal["done", "now", "next", "bad"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the timeline; ``label`` is a key of the domain ``customer``."""

    label: str
    state: State
    at: datetime | None = None


def list_steps(order: Order) -> list[Step]:
    """What has happened to an order, what happens now, and what comes next, in this order."""
    status, label = order.status, f"status_{order.status}"
    steps = [Step("step_ordered", "done", order.placed_at)]
    if status is OrderStatus.CANCELLED:
        return [*steps, Step(label, "bad", order.cancelled_at)]
    if status in _NOT_SHIPPED:
        return [
            *steps,
            Step(label, "now"),
            Step("step_shipped", "next", order.expected_ship_at),
            Step("step_delivered", "next", order.expected_delivery_at),
        ]
    steps += [Step("step_prepared", "done"), Step("step_shipped", "done", order.shipped_at)]
    if status in _WELL:
        steps.append(Step("step_delivered", "done", order.delivered_at))
        return steps if status is OrderStatus.DELIVERED else [*steps, Step(label, "done")]
    at = _find_event(order, _EVENT_OF.get(status))
    if status is OrderStatus.DELIVERY_FAILED:
        return [*steps, Step(label, "bad", at)]
    moving = Step("parcel_in_transit" if status is OrderStatus.SHIPPED else label, "now", at)
    return [*steps, moving, Step("step_delivered", "next", _expected_delivery(order))]


def _find_event(order: Order, status: ShipmentStatus | None) -> datetime | None:
    times = [event.at for shipment in order.shipments for event in shipment.events if event.status == status]
    return max(times, default=None)


def _expected_delivery(order: Order) -> datetime | None:
    expected = [s.expected_at for s in order.shipments if s.expected_at and not s.delivered_at]
    return order.expected_delivery_at or max(expected, default=None)


@dataclass(frozen=True, slots=True)
class OrderCard:
    """Renders orders in one locale; ``time_zone`` is an IANA name."""

    wording: Wording
    locale: str
    time_zone: str

    def render(self, orders: Sequence[Order]) -> str:
        """All cards, the first one open; an empty string without orders."""
        return "".join(self._card(order, index == 0) for index, order in enumerate(orders[:MOST_ORDERS]))

    def title(self, order: Order) -> str:
        """One line for a collapsed card: number and status."""
        return f"{self._label('order', number=order.number)} · {self._label(f'status_{order.status}')}"

    def _card(self, order: Order, is_open: bool) -> str:
        mood = "bad" if order.status in _BAD else "well" if order.status in (*_WELL, *_ON_THE_WAY) else "waiting"
        title = escape(self._label("order", number=order.number))
        status = escape(self._label(f"status_{order.status}"))
        return (
            f'<details class="order"{" open" if is_open else ""}><summary><h2>{title}</h2>'
            f'<span class="pill {mood}">{status}</span></summary>'
            f"{self._reason(order)}{self._timeline(order)}{self._parcels(order)}{self._items(order)}"
            f'<dl class="total"><dt>{escape(self._label("order_total"))}</dt>'
            f"<dd><bdi>{escape(formats.money(order.total, self.locale))}</bdi></dd></dl></details>"
        )

    def _reason(self, order: Order) -> str:
        if order.trouble is None or not is_current(order, order.trouble):
            return ""
        return f'<p class="reason" dir="auto">{escape(self.wording.say(f"why_{order.trouble}", self.locale))}</p>'

    def _timeline(self, order: Order) -> str:
        return f'<ol class="timeline">{"".join(map(self._step, list_steps(order)))}</ol>'

    def _step(self, step: Step) -> str:
        current = ' aria-current="step"' if step.state in ("now", "bad") else ""
        date = ""
        if step.at is not None:
            day = formats.day(step.at, self.time_zone)
            text = formats.long_date(day, self.locale)
            if step.state == "next":
                text = self._label("step_expected", date=day)
            date = f"<small>{escape(text)}</small>"
        return f'<li class="{step.state}"{current}><span>{escape(self._label(step.label))}</span>{date}</li>'

    def _parcels(self, order: Order) -> str:
        tracked = [shipment for shipment in order.shipments if shipment.tracking_number]
        if not tracked:
            return ""
        rows = "".join(self._parcel(shipment) for shipment in tracked)
        return f'<h3>{escape(self._label("order_tracking"))}</h3><ul class="parcels">{rows}</ul>'

    def _parcel(self, shipment: Shipment) -> str:
        status = escape(self._label(f"parcel_{shipment.status}"))
        return (
            f"<li><span><bdi>{escape(shipment.carrier)}</bdi> <code>{escape(shipment.tracking_number)}</code></span>"
            f"<small>{status}</small></li>"
        )

    def _items(self, order: Order) -> str:
        rows = "".join(map(self._item, order.items))
        return f'<h3>{escape(self._label("order_items"))}</h3><ul class="items">{rows}</ul>'

    def _item(self, item: OrderItem) -> str:
        options = " · ".join(str(option) for option in item.options.values())
        small = f'<small dir="auto">{escape(options)}</small>' if options else ""
        price = escape(formats.money(item.unit_price, self.locale))
        return (
            f"<li><span><bdi>{escape(item.title)}</bdi>{small}</span>"
            f'<span class="price"><bdi>{item.quantity} × {price}</bdi></span></li>'
        )

    def _label(self, key: str, **values: object) -> str:
        return self.wording.label(key, self.locale, **values)
