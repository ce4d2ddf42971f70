"""The steps of an order: what has happened, what happens now, what comes next; the same for every channel.

Leaves words and dates to ``wording`` and ``formats``, and the drawing to the pages and the widget.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.models import Order, OrderStatus, ShipmentStatus

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


def mood_of(order: Order) -> Literal["well", "waiting", "bad"]:
    """How the status feels to the customer: for a colour, never for words."""
    if order.status in _BAD:
        return "bad"
    return "well" if order.status in (*_WELL, *_ON_THE_WAY) else "waiting"


def _find_event(order: Order, status: ShipmentStatus | None) -> datetime | None:
    times = [event.at for shipment in order.shipments for event in shipment.events if event.status == status]
    return max(times, default=None)


def _expected_delivery(order: Order) -> datetime | None:
    expected = [s.expected_at for s in order.shipments if s.expected_at and not s.delivered_at]
    return order.expected_delivery_at or max(expected, default=None)
