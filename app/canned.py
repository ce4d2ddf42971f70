"""Answers of several sentences, composed from domain values alone: the product when the model is away (I10).

Owns what the true and complete answer to "where is it, why, when" consists of. Every date, number and status
comes from the record that is passed in. Leaves the sentences to ``wording`` and the question whose order this
is to the caller (I5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app import formats
from app.models import (
    Order,
    OrderItem,
    OrderStatus,
    Product,
    Refund,
    RefundStatus,
    Shipment,
    ShipmentStatus,
    Trouble,
)
from app.wording import Wording

_LISTED = 10
_BEFORE_SHIPPING = (OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK)
_ON_THE_WAY = (OrderStatus.SHIPPED, OrderStatus.IN_CUSTOMS, OrderStatus.OUT_FOR_DELIVERY)
_ARRIVED = (OrderStatus.DELIVERED, OrderStatus.PARTLY_RETURNED, OrderStatus.RETURNED)
_STOPS_SHIPPING = (Trouble.RESTOCK, Trouble.HIGH_VOLUME, Trouble.PREORDER, Trouble.PAYMENT_FAILED)
_OUTLIVES_DELIVERY = (Trouble.NOT_RECEIVED, Trouble.COD_REFUSED, Trouble.REFUND_UNDER_WAY, Trouble.PAID_TWICE)
_EVENT_OF = {
    OrderStatus.IN_CUSTOMS: ShipmentStatus.IN_CUSTOMS,
    OrderStatus.OUT_FOR_DELIVERY: ShipmentStatus.OUT_FOR_DELIVERY,
    OrderStatus.DELIVERY_FAILED: ShipmentStatus.FAILED,
}
_REFUND_REASONS = frozenset(
    {"returned_items", "cancelled", "paid_twice", "damaged", "not_received", "cod_refused", "late"}
)
_DURATIONS = {"_days": "days", "_hours": "hours", "_months": "months"}
_METHODS = frozenset({"card", "bank_transfer", "cod", "e_wallet", "store_credit"})


@dataclass(frozen=True, slots=True)
class Canned:
    """Composes answers with one ``Wording``. ``tz`` is an IANA name, ``now`` an aware time."""

    wording: Wording

    def order_status(self, order: Order, language: str, tz: str, now: datetime) -> str:
        """Status with its date, the reason of a trouble that is not over, what comes next, parcels and refunds:
        the whole truth about "why has my order not shipped" and "where is it" in a few short sentences."""
        sentences = [self._status(order, language, tz)]
        if order.trouble is not None and is_current(order, order.trouble):
            sentences.append(self.wording.say(f"why_{order.trouble}", language))
        sentences += self._next(order, language, tz, now)
        if order.trouble is Trouble.NOT_RECEIVED:
            sentences.append(self.wording.say("not_received_advice", language))
        refunds = [self._refund(order, refund, language, tz, now) for refund in order.refunds]
        blocks = [_flow(sentences), *self._shipments(order, language, tz), *refunds]
        return "\n".join(block for block in blocks if block)

    def order_contents(self, order: Order, language: str, tz: str) -> str:
        """What was ordered: each item with its options, quantity and price, then shipping, discount, total and how it
        was paid."""
        placed = formats.day(order.placed_at, tz)
        lines = [self.wording.say("contents_header", language, number=order.number, date=placed)]
        lines += [f"• {self._item(item, language)}" for item in order.items]
        sums = {"contents_shipping": order.shipping_fee, "contents_discount": order.discount}
        parts = [self.wording.say(key, language, amount=amount) for key, amount in sums.items() if amount.amount]
        parts.append(self.wording.say("contents_total", language, amount=order.total))
        if order.payments:
            parts.append(self.wording.say("contents_payment", language, route=order.payments[-1].method.label))
        return "\n".join([*lines, _flow(parts)])

    def _item(self, item: OrderItem, language: str) -> str:
        options = formats.enumerate_parts(list(item.options.values()), self.wording.resolve(language))
        title = f"{item.title} ({options})" if options else item.title
        return self.wording.say("contents_line", language, quantity=item.quantity, title=title, price=item.unit_price)

    def refund_status(self, order: Order, language: str, tz: str, now: datetime) -> str:
        """Every refund of the order with amount, route, reason and dates, or that there is none."""
        if not order.refunds:
            return self.wording.say("no_refund", language, number=order.number)
        lines = [self._refund(order, refund, language, tz, now) for refund in order.refunds]
        if len(lines) == 1:
            return lines[0]
        header = self.wording.say("refunds_header", language, count=len(lines), number=order.number)
        return "\n".join([header, *(f"• {line}" for line in lines)])

    def orders_list(self, orders: Sequence[Order], language: str, tz: str) -> str:
        """Number, date and status of each order, at most ten, and how many more there are."""
        if not orders:
            return self.wording.say("orders_none", language)
        lines = [self.wording.say("orders_header", language, count=len(orders))]
        for order in orders[:_LISTED]:
            status = self.wording.label(f"status_{order.status}", language)
            placed = formats.day(order.placed_at, tz)
            lines.append(
                "• " + self.wording.say("orders_line", language, number=order.number, date=placed, status=status)
            )
        if len(orders) > _LISTED:
            lines.append(self.wording.say("orders_more", language, count=len(orders) - _LISTED))
        return "\n".join(lines)

    def products_found(self, products: Sequence[Product], language: str) -> str:
        """Title, price and stock of each product, at most ten."""
        if not products:
            return self.wording.say("product_not_found", language)
        header = self.wording.say("products_header", language, count=len(products))
        return "\n".join([header, *(f"• {self._product(product, language)}" for product in products[:_LISTED])])

    def has_summary(self, policy: str) -> bool:
        """Whether the catalogues know the policy; one of the shop's own can only be quoted."""
        return self.wording.has(_summary_key(policy))

    def policy_summary(self, policy: str, language: str, rules: Mapping[str, object]) -> str:
        """What the shop promises in one or two sentences, filled from the policy's rules.

        ``rules`` are values as the policy's typed rules hold them. A number or span whose rule is named
        ``…_days``, ``…_hours`` or ``…_months`` reads as "30 days", "1–3 days"; statuses and payment methods by
        their names. Months by category follow as a list. Raises ``KeyError`` when the policy has no summary or lacks
        a rule that the summary names.
        """
        values = {name: self._rule(name, value, language) for name, value in rules.items()}
        summary = self.wording.say(_summary_key(policy), language, **values)
        return "\n".join([summary, *self._by_category(rules.get("months_by_category"), language)])

    def _by_category(self, months: object, language: str) -> list[str]:
        known = sorted(months.items(), key=lambda pair: -pair[1]) if isinstance(months, Mapping) else []
        return [
            "• "
            + self.wording.say(
                "category_months",
                language,
                category=self.category(name, language),
                months=self.duration("months", count, count, language),
            )
            for name, count in known
        ]

    def category(self, name: str, language: str) -> str:
        """A category of goods by its name in the language; one that only the shop knows, as it is."""
        key = f"category_{name}"
        return self.wording.say(key, language) if self.wording.has(key) else name.replace("_", " ")

    def duration(self, unit: str, least: int, most: int, language: str) -> str:
        """ "30 days", "1–3 days"; ``unit`` is ``days``, ``hours`` or ``months``. The form follows ``most``."""
        code = self.wording.resolve(language)
        written = formats.number(most, code)
        if least != most:
            written = f"{formats.number(least, code)}–{written}"
        return self.wording.say(unit, language, count=most, n=written)

    def route(self, route: str, language: str) -> str:
        """Where money goes: a payment kind by its name in the language, any other label as it is."""
        return self.wording.label(f"method_{route}", language) if route in _METHODS else route

    def topics_offer(self, policies: Mapping[str, str], language: str) -> str:
        """Asks which of up to three topics the customer means: policy ids with their titles, which stand for the topics
        that only the shop knows."""
        topics = [self._topic(policy, title, language) for policy, title in policies.items()][:3]
        listed = formats.enumerate_parts(topics, self.wording.resolve(language))
        return self.wording.say("topics_offer", language, topics=listed)

    def _topic(self, policy: str, title: str, language: str) -> str:
        key = f"topic_{policy.replace('-', '_')}"
        return self.wording.say(key, language) if self.wording.has(key) else title

    def _rule(self, name: str, value: object, language: str) -> object:
        unit = next((unit for ending, unit in _DURATIONS.items() if name.endswith(ending)), None)
        match value:
            case int() if unit:
                return self.duration(unit, value, value, language)
            case (int(least), int(most)) if unit:
                return self.duration(unit, least, most, language)
            case tuple() | list() if name.endswith("_statuses"):
                names = [self.wording.label(f"status_{status}", language) for status in value]
                return formats.enumerate_parts(names, self.wording.resolve(language))
            case tuple() | list() if name == "methods":
                names = [self.route(str(method), language) for method in value]
                return formats.enumerate_parts(names, self.wording.resolve(language))
            case _:
                return value

    def _status(self, order: Order, language: str, tz: str) -> str:
        key = f"order_{order.status}"
        if order.status is OrderStatus.PENDING_PAYMENT:
            return self.wording.say(key, language, number=order.number, date=formats.day(order.placed_at, tz))
        if order.status is OrderStatus.SHIPPED and _is_partly_prepared(order):
            return self.wording.say("order_partly_shipped", language, number=order.number)
        at = _status_time(order)
        if at is None:
            return self.wording.say(key, language, number=order.number)
        return self.wording.say(f"{key}_on", language, number=order.number, date=formats.day(at, tz))

    def _next(self, order: Order, language: str, tz: str, now: datetime) -> list[str]:
        """What is expected, or what is late, or that no date is known."""
        today = formats.day(now, tz)
        sentences = []
        if order.status in _BEFORE_SHIPPING:
            sentences.append(self._expected("ship", order.expected_ship_at, language, tz, today))
            if order.expected_delivery_at is not None and formats.day(order.expected_delivery_at, tz) >= today:
                sentences.append(self._expected("delivery", order.expected_delivery_at, language, tz, today))
        elif order.status in _ON_THE_WAY and len(order.shipments) < 2:
            expected = [shipment.expected_at for shipment in order.shipments]
            at = order.expected_delivery_at or (expected[0] if expected else None)
            sentences.append(self._expected("delivery", at, language, tz, today))
        elif order.status in _ARRIVED[1:] and order.delivered_at is not None:
            sentences.append(self.wording.say("delivered_on", language, date=formats.day(order.delivered_at, tz)))
        return sentences

    def _expected(self, what: str, at: datetime | None, language: str, tz: str, today: date) -> str:
        if at is None:
            return self.wording.say(f"{what}_unknown", language)
        due = formats.day(at, tz)
        return self.wording.say(f"{what}_{'late' if due < today else 'expected'}", language, date=due)

    def _shipments(self, order: Order, language: str, tz: str) -> list[str]:
        if not order.shipments or order.status in (OrderStatus.PENDING_PAYMENT, OrderStatus.CANCELLED):
            return []
        if len(order.shipments) == 1:
            return [self._only_shipment(order.shipments[0], language, tz)]
        header = self.wording.say("shipments_header", language, count=len(order.shipments))
        return [header, *(f"• {self._parcel(i, s, language, tz)}" for i, s in enumerate(order.shipments, 1))]

    def _only_shipment(self, shipment: Shipment, language: str, tz: str) -> str:
        sentences = []
        if shipment.tracking_number:
            sentences.append(
                self.wording.say(
                    "shipment_carrier", language, carrier=shipment.carrier, tracking=shipment.tracking_number
                )
            )
        if shipment.events:
            last = max(shipment.events, key=lambda event: event.at)
            place, at = last.place, formats.day(last.at, tz)
            sentences.append(self.wording.say("shipment_event", language, place=place, date=at))
        return _flow(sentences)

    def _parcel(self, index: int, shipment: Shipment, language: str, tz: str) -> str:
        status = self.wording.label(f"parcel_{shipment.status}", language)
        if shipment.tracking_number:
            carrier, tracking = shipment.carrier, shipment.tracking_number
            line = self.wording.say(
                "parcel_line", language, index=index, status=status, carrier=carrier, tracking=tracking
            )
        else:
            line = self.wording.say("parcel_line_plain", language, index=index, status=status)
        if shipment.delivered_at is not None:
            at = formats.day(shipment.delivered_at, tz)
            return f"{line} · {self.wording.say('parcel_delivered', language, date=at)}"
        if shipment.expected_at is not None:
            at = formats.day(shipment.expected_at, tz)
            return f"{line} · {self.wording.say('parcel_expected', language, date=at)}"
        return line

    def _refund(self, order: Order, refund: Refund, language: str, tz: str, now: datetime) -> str:
        values: dict[str, object] = {"number": order.number, "amount": refund.amount}
        values["route"] = self.route(refund.route, language)
        key = f"refund_{refund.status}"
        if refund.status is RefundStatus.REQUESTED:
            values["date"] = formats.day(refund.requested_at, tz)
        elif refund.status is RefundStatus.PAID and refund.completed_at is not None:
            key, values["date"] = f"{key}_on", formats.day(refund.completed_at, tz)
        sentences = [self.wording.say(key, language, **values)]
        if refund.status in (RefundStatus.APPROVED, RefundStatus.PROCESSING) and refund.expected_at is not None:
            due = formats.day(refund.expected_at, tz)
            key = "refund_late" if due < formats.day(now, tz) else "refund_expected"
            sentences.append(self.wording.say(key, language, date=due))
        if refund.reason in _REFUND_REASONS:
            sentences.append(self.wording.say(f"refund_reason_{refund.reason}", language))
        return _flow(sentences)

    def _product(self, product: Product, language: str) -> str:
        prices = sorted((variant.price for variant in product.variants), key=lambda price: price.amount)
        stock = sum(variant.stock for variant in product.variants)
        in_stock = self.wording.say("in_stock", language, count=stock)
        state = in_stock if stock else self.wording.say("out_of_stock", language)
        if not prices:
            return f"{product.title} · {state}"
        key = "product_line" if prices[0] == prices[-1] else "product_line_from"
        return self.wording.say(key, language, title=product.title, price=prices[0], stock=state)


def _summary_key(policy: str) -> str:
    return f"policy_summary_{policy.replace('-', '_')}"


def _status_time(order: Order) -> datetime | None:
    """When the order reached its status, where the record says so."""
    match order.status:
        case OrderStatus.SHIPPED:
            return order.shipped_at
        case OrderStatus.DELIVERED:
            return order.delivered_at
        case OrderStatus.CANCELLED:
            return order.cancelled_at
        case _:
            wanted = _EVENT_OF.get(order.status)
            events = (event for shipment in order.shipments for event in shipment.events)
            return max((event.at for event in events if event.status == wanted), default=None)


def is_current(order: Order, trouble: Trouble) -> bool:
    """False for a trouble that the order has left behind: a delivered parcel is not "delayed by bad weather"."""
    if trouble in _STOPS_SHIPPING:
        waits = order.status in (OrderStatus.PENDING_PAYMENT, *_BEFORE_SHIPPING)
        return waits or (order.status is OrderStatus.SHIPPED and _is_partly_prepared(order))
    return trouble in _OUTLIVES_DELIVERY or order.status not in (*_ARRIVED, OrderStatus.CANCELLED)


def _is_partly_prepared(order: Order) -> bool:
    return any(shipment.status is ShipmentStatus.PREPARING for shipment in order.shipments)


def _flow(sentences: Sequence[str]) -> str:
    """Sentences one after another; a space between them except after a full-width mark."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or text.endswith(("。", "！", "？")) else f" {sentence}"
    return text
