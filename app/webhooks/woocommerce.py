"""WooCommerce's order (REST API v3, as its webhooks send it) as ``News``.

``completed`` means shipped or delivered, as the shop uses it. Statuses of plugins are known by name where the name is
clear; another one makes the order be left as it is.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.models import OrderStatus, PaymentStatus, Trouble
from app.shopdata.amounts import write_amount
from app.shopdata.documents import CustomerDocument, OrderDocument
from app.webhooks import news as n

TOPICS = frozenset({"order.created", "order.updated", "order.restored"})

_STATUSES = {
    "pending": OrderStatus.PENDING_PAYMENT,
    "on-hold": OrderStatus.PENDING_PAYMENT,
    "failed": OrderStatus.PENDING_PAYMENT,
    "processing": OrderStatus.PROCESSING,
    "shipped": OrderStatus.SHIPPED,
    "partial-shipped": OrderStatus.SHIPPED,
    "delivered": OrderStatus.DELIVERED,
    "cancelled": OrderStatus.CANCELLED,
    "refunded": OrderStatus.CANCELLED,
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Meta(_Part):
    key: str = ""
    value: Any = None
    display_key: str | None = None
    display_value: Any = None


class Line(_Part):
    id: int
    name: str
    product_id: int | None = 0
    variation_id: int | None = 0
    quantity: int
    subtotal: str
    subtotal_tax: str | None = "0"
    meta_data: list[Meta] = []


class Person(_Part):
    first_name: str | None = ""
    last_name: str | None = ""
    company: str | None = ""
    address_1: str | None = ""
    address_2: str | None = ""
    city: str | None = ""
    state: str | None = ""
    postcode: str | None = ""
    country: str | None = ""
    email: str | None = ""
    phone: str | None = ""

    @property
    def name(self) -> str:
        return n.clean(f"{self.first_name or ''} {self.last_name or ''}") or n.clean(self.company)


class Refund(_Part):
    id: int
    total: str


class Order(_Part):
    number: str
    status: str
    currency: str
    customer_id: int = 0
    date_created_gmt: str
    date_modified_gmt: str
    date_paid_gmt: str | None = None
    date_completed_gmt: str | None = None
    total: str
    shipping_total: str = "0"
    shipping_tax: str = "0"
    payment_method: str | None = ""
    payment_method_title: str | None = ""
    customer_note: str | None = ""
    billing: Person
    shipping: Person = Person()
    line_items: list[Line]
    refunds: list[Refund] = []


def read_news(payload: Any, completed: Literal["shipped", "delivered"]) -> n.News | None:
    """The news in a payload, None where there is none for us. Raises Unreadable."""
    try:
        order = Order.model_validate(payload)
        status = OrderStatus(completed) if order.status == "completed" else _STATUSES.get(order.status)
        if status is None:
            return None
        n.check_currency(order.currency)
        return n.News(
            "woocommerce",
            n.utc(order.date_modified_gmt),
            OrderDocument.model_validate(_write_order(order, status)),
            CustomerDocument.model_validate(_write_customer(order)),
            Trouble.PAYMENT_FAILED if order.status == "failed" else None,
        )
    except ValidationError as error:
        raise n.Unreadable(f"{'.'.join(map(str, error.errors()[0]['loc']))} cannot be used.") from None


def _write_customer(order: Order) -> dict[str, Any]:
    country = order.billing.country or order.shipping.country
    return {
        "id": str(order.customer_id) if order.customer_id else f"{n.GUEST}{order.number}",
        "name": order.billing.name or order.shipping.name or "-",
        "email": n.email_of(order.billing.email),
        "phone": n.phone_of(order.billing.phone, country or ""),
        "country": country,
    }


def _write_order(order: Order, status: OrderStatus) -> dict[str, Any]:
    currency, number = order.currency, order.number
    items = [_write_item(line, number, currency) for line in order.line_items if line.quantity > 0]
    shipping = n.minor(order.shipping_total, currency) + n.minor(order.shipping_tax, currency)
    to = order.shipping if order.shipping.address_1 or order.shipping.city else order.billing
    country = to.country or order.billing.country
    done = order.date_completed_gmt and n.utc(order.date_completed_gmt)
    return {
        "number": number,
        "customer_id": _write_customer(order)["id"],
        "status": status,
        "placed_at": n.utc(order.date_created_gmt),
        "currency": currency,
        **n.add_up(items, shipping, n.minor(order.total, currency), currency),
        "email": n.email_of(order.billing.email),
        "phone": n.phone_of(order.billing.phone, order.billing.country or ""),
        "address": {
            "recipient": to.name or order.billing.name,
            "lines": [line for line in (n.clean(to.address_1), n.clean(to.address_2)) if line],
            "city": n.clean(to.city),
            "region": n.clean(to.state),
            "postal_code": n.clean(to.postcode),
            "country": country,
            "phone": n.clean(to.phone or order.billing.phone, 40),
        },
        "items": [{name: value for name, value in item.items() if name != "minor"} for item in items],
        "payments": [_write_payment(order)],
        "refunds": [_write_refund(refund, order) for refund in order.refunds],
        "shipped_at": done if status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED) else None,
        "delivered_at": done if status is OrderStatus.DELIVERED else None,
        "cancelled_at": n.utc(order.date_modified_gmt) if status is OrderStatus.CANCELLED else None,
        "note": n.clean(order.customer_note, 2000),
    }


def _write_item(line: Line, number: str, currency: str) -> dict[str, Any]:
    price = round((n.minor(line.subtotal, currency) + n.minor(line.subtotal_tax, currency)) / line.quantity)
    return {
        "id": f"{number}-{line.id}",
        "product_id": str(line.product_id or ""),
        "variant_id": str(line.variation_id or line.product_id or ""),
        "title": n.clean(line.name) or "-",
        "options": _read_options(line.meta_data),
        "quantity": line.quantity,
        "unit_price": write_amount(price, currency),
        "minor": price,
    }


def _read_options(meta: list[Meta]) -> dict[str, str]:
    """The attributes of a variation; keys that begin with _ are the platform's own."""
    found: dict[str, str] = {}
    for entry in meta:
        name, value = n.clean(entry.display_key or entry.key, 64), n.clean(entry.display_value or entry.value)
        if name and value and not entry.key.startswith("_") and len(found) < 20:
            found[name.removeprefix("pa_")] = value
    return found


def _write_payment(order: Order) -> dict[str, Any]:
    status = PaymentStatus.PAID if order.date_paid_gmt else PaymentStatus.PENDING
    if order.status == "refunded":
        status = PaymentStatus.REFUNDED
    elif order.status in ("failed", "cancelled") and not order.date_paid_gmt:
        status = PaymentStatus.FAILED
    name = f"{order.payment_method or ''} {order.payment_method_title or ''}"
    method = n.method_of(name)
    return {
        "method": {**method, "label": n.method_of(order.payment_method_title or order.payment_method)["label"]},
        "amount": write_amount(n.minor(order.total, order.currency), order.currency),
        "status": status,
        "paid_at": order.date_paid_gmt and n.utc(order.date_paid_gmt),
    }


def _write_refund(refund: Refund, order: Order) -> dict[str, Any]:
    modified = n.utc(order.date_modified_gmt)
    return {
        "id": f"{order.number}-R{refund.id}",
        "amount": write_amount(abs(n.minor(refund.total, order.currency)), order.currency),
        "status": "paid",
        "reason": "other",
        "route": n.method_of(order.payment_method_title or order.payment_method)["label"],
        "requested_at": modified,
        "completed_at": modified,
    }
