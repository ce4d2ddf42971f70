"""An order as a card: status, timeline, parcels, items, total. Every value is escaped and formatted for the locale.

Leaves the steps to ``timeline``, who may see an order to ``conversations`` and dates and money to ``formats``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app import formats
from app.canned import is_current
from app.models import Order, OrderItem, Shipment
from app.timeline import Step, list_steps, mood_of
from app.wording import Wording

MOST_ORDERS = 5


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
        title = escape(self._label("order", number=order.number))
        status = escape(self._label(f"status_{order.status}"))
        return (
            f'<details class="order"{" open" if is_open else ""}><summary><h2>{title}</h2>'
            f'<span class="pill {mood_of(order)}">{status}</span></summary>'
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
