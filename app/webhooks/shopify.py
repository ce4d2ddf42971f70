"""Shopify's order (Admin REST resource, as its webhooks send it) as ``News``, in the currency the customer paid in."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from app.models import OrderStatus, PaymentStatus, ShipmentStatus, Trouble
from app.shopdata.amounts import write_amount
from app.shopdata.documents import CustomerDocument, OrderDocument
from app.webhooks import news as n
from app.webhooks.shopify_order import Fulfillment, Line, MoneySet, Order, Refund

TOPICS = frozenset(
    {
        *("orders/create", "orders/updated", "orders/paid", "orders/cancelled"),
        *("orders/fulfilled", "orders/partially_fulfilled"),
    }
)

_SHIPMENTS = {
    "label_printed": ShipmentStatus.PREPARING,
    "label_purchased": ShipmentStatus.PREPARING,
    "confirmed": ShipmentStatus.PREPARING,
    "ready_for_pickup": ShipmentStatus.PREPARING,
    "in_transit": ShipmentStatus.IN_TRANSIT,
    "out_for_delivery": ShipmentStatus.OUT_FOR_DELIVERY,
    "attempted_delivery": ShipmentStatus.FAILED,
    "failure": ShipmentStatus.FAILED,
    "delivered": ShipmentStatus.DELIVERED,
}
_PAYMENTS = {
    "paid": PaymentStatus.PAID,
    "partially_refunded": PaymentStatus.PAID,
    "refunded": PaymentStatus.REFUNDED,
    "voided": PaymentStatus.FAILED,
    "expired": PaymentStatus.FAILED,
}


def read_news(payload: Any) -> n.News:
    """The news in a payload. Raises Unreadable."""
    try:
        order = Order.model_validate(payload)
        n.check_currency(order.paid_in)
        shipments = [_write_shipment(f, order) for f in order.fulfillments if f.status not in _VOID]
        status, trouble = _judge(order, [shipment["status"] for shipment in shipments])
        return n.News(
            "shopify",
            n.utc(order.updated_at),
            OrderDocument.model_validate(_write_order(order, status, shipments)),
            CustomerDocument.model_validate(_write_customer(order)),
            trouble,
        )
    except ValidationError as error:
        raise n.Unreadable(f"{'.'.join(map(str, error.errors()[0]['loc']))} cannot be used.") from None


_VOID = frozenset({"cancelled", "error", "failure"})


def _judge(order: Order, shipments: list[ShipmentStatus]) -> tuple[OrderStatus, Trouble | None]:
    bought = sum(line.quantity for line in order.line_items)
    returned = sum(_returned(order).values())
    left = [status for status in shipments if status is not ShipmentStatus.PREPARING]
    if order.cancelled_at or (returned >= bought and not left):
        return OrderStatus.CANCELLED, None
    if left:
        if returned:
            return (OrderStatus.RETURNED if returned >= bought else OrderStatus.PARTLY_RETURNED), None
        return _judge_shipped(order, left)
    if order.financial_status in ("voided", "expired"):
        return OrderStatus.PENDING_PAYMENT, Trouble.PAYMENT_FAILED
    if order.financial_status in ("pending", "partially_paid") and order.gateway["kind"] != "cod":
        return OrderStatus.PENDING_PAYMENT, None
    return OrderStatus.PROCESSING, None


def _judge_shipped(order: Order, left: Sequence[ShipmentStatus]) -> tuple[OrderStatus, Trouble | None]:
    complete = order.fulfillment_status == "fulfilled"
    trouble = None if complete else Trouble.SPLIT_SHIPMENT
    if complete and all(status is ShipmentStatus.DELIVERED for status in left):
        return OrderStatus.DELIVERED, None
    if ShipmentStatus.FAILED in left:
        return OrderStatus.DELIVERY_FAILED, trouble
    if ShipmentStatus.OUT_FOR_DELIVERY in left:
        return OrderStatus.OUT_FOR_DELIVERY, trouble
    return OrderStatus.SHIPPED, trouble


def _returned(order: Order) -> dict[int, int]:
    """How many of each line were taken off, whether sent back or never sent."""
    found: dict[int, int] = {}
    for line in (line for refund in order.refunds for line in refund.refund_line_items):
        found[line.line_item_id] = found.get(line.line_item_id, 0) + line.quantity
    return {line.id: min(found.get(line.id, 0), line.quantity) for line in order.line_items}


def _write_customer(order: Order) -> dict[str, Any]:
    person, country = order.customer, order.place.country_code or ""
    name = n.clean(f"{person.first_name or ''} {person.last_name or ''}") if person else ""
    return {
        "id": str(person.id) if person else f"{n.GUEST}{order.number}",
        "name": name or order.place.recipient or "-",
        "email": n.email_of((person and person.email) or order.email),
        "phone": n.phone_of((person and person.phone) or order.phone or order.place.phone, country),
        "language": n.language_of(order.customer_locale),
        "country": country,
    }


def _write_order(order: Order, status: OrderStatus, shipments: list[dict[str, Any]]) -> dict[str, Any]:
    currency, place = order.paid_in, order.place
    items = [_write_item(line, order) for line in order.line_items if line.quantity > 0]
    shipping = order.total_shipping_price_set
    fee = n.minor(shipping.presentment_money.amount, currency) if shipping and _has_sets(order) else 0
    total = n.minor(_amount(order.total_price, order.total_price_set, order), currency)
    delivered = [shipment["delivered_at"] for shipment in shipments]
    shipped = [shipment["shipped_at"] for shipment in shipments if shipment["shipped_at"]]
    return {
        "number": order.number,
        "customer_id": _write_customer(order)["id"],
        "status": status,
        "placed_at": n.utc(order.created_at),
        "currency": currency,
        **n.add_up(items, fee, total, currency),
        "email": n.email_of(order.email),
        "phone": n.phone_of(order.phone or place.phone, place.country_code or ""),
        "address": {
            "recipient": place.recipient,
            "lines": [line for line in (n.clean(place.address1), n.clean(place.address2)) if line],
            "city": n.clean(place.city),
            "region": n.clean(place.province),
            "postal_code": n.clean(place.zip),
            "country": place.country_code,
            "phone": n.clean(place.phone, 40),
        },
        "items": [{name: value for name, value in item.items() if name != "minor"} for item in items],
        "payments": [_write_payment(order, total, currency)],
        "shipments": shipments,
        "refunds": [entry for refund in order.refunds if (entry := _write_refund(refund, order))],
        "shipped_at": min(shipped) if shipped else None,
        "delivered_at": max(delivered) if delivered and all(delivered) else None,
        "cancelled_at": order.cancelled_at and n.utc(order.cancelled_at),
        "note": n.clean(order.note, 2000),
    }


def _has_sets(order: Order) -> bool:
    return order.paid_in == order.presentment_currency


def _amount(plain: str, with_set: MoneySet | None, order: Order) -> str:
    return with_set.presentment_money.amount if with_set and _has_sets(order) else plain


def _write_item(line: Line, order: Order) -> dict[str, Any]:
    currency, many = order.paid_in, max(line.quantity, 1)
    price = n.minor(_amount(line.price, line.price_set, order), currency)
    if not order.taxes_included:
        price += round(sum(n.minor(_amount(t.price, t.price_set, order), currency) for t in line.tax_lines) / many)
    variant = n.clean(line.variant_title)
    return {
        "id": f"{order.number}-{line.id}",
        "product_id": str(line.product_id or ""),
        "variant_id": str(line.variant_id or ""),
        "title": n.clean(line.title) or "-",
        "options": {"variant": variant} if variant and variant != "Default Title" else {},
        "quantity": line.quantity,
        "quantity_returned": 0 if order.cancelled_at else _returned(order)[line.id],
        "unit_price": write_amount(price, currency),
        "minor": price,
    }


def _write_payment(order: Order, total: int, currency: str) -> dict[str, Any]:
    status = _PAYMENTS.get(order.financial_status or "", PaymentStatus.PENDING)
    is_paid = status in (PaymentStatus.PAID, PaymentStatus.REFUNDED)
    return {
        "method": order.gateway,
        "amount": write_amount(total, currency),
        "status": status,
        "paid_at": n.utc(order.processed_at or order.created_at) if is_paid else None,
    }


def _write_shipment(fulfillment: Fulfillment, order: Order) -> dict[str, Any]:
    status = _SHIPMENTS.get(fulfillment.shipment_status or "", ShipmentStatus.IN_TRANSIT)
    own = {line.id for line in order.line_items if line.quantity > 0}
    has_left = status is not ShipmentStatus.PREPARING
    return {
        "id": f"{order.number}-S{fulfillment.id}",
        "carrier": n.clean(fulfillment.tracking_company),
        "tracking_number": n.clean(fulfillment.tracking_number),
        "status": status,
        "item_ids": [f"{order.number}-{line.id}" for line in fulfillment.line_items if line.id in own],
        "shipped_at": n.utc(fulfillment.created_at) if has_left else None,
        "delivered_at": n.utc(fulfillment.updated_at) if status is ShipmentStatus.DELIVERED else None,
    }


def _write_refund(refund: Refund, order: Order) -> dict[str, Any] | None:
    """Money that went back; nothing for a refund without any, or in another currency than the customer paid in."""
    paid = [t for t in refund.transactions if t.kind == "refund" and t.status in ("success", "pending", "")]
    paid = [t for t in paid if t.currency in ("", order.paid_in)]
    amount = sum(n.minor(t.amount, order.paid_in) for t in paid)
    if amount <= 0:
        return None
    created, is_done = n.utc(refund.created_at), all(t.status != "pending" for t in paid)
    return {
        "id": f"{order.number}-R{refund.id}",
        "amount": write_amount(amount, order.paid_in),
        "status": "paid" if is_done else "processing",
        "reason": "cancelled" if order.cancelled_at else "returned_items" if refund.refund_line_items else "other",
        "route": order.gateway["label"],
        "requested_at": created,
        "completed_at": created if is_done else None,
    }
