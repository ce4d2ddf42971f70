"""Documents to the values of ``app.models``. Owns the defaults and checks that depend on several fields.

``FieldProblem`` says which field of a document cannot be used and why.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from babel.languages import get_official_languages

from app.language import registry
from app.models import (
    Address,
    Customer,
    Money,
    Order,
    OrderItem,
    Payment,
    PaymentMethod,
    Product,
    Refund,
    Shipment,
    ShipmentEvent,
    Variant,
)
from app.shopdata import documents as d
from app.shopdata.amounts import default_currency, read_amount, write_amount
from app.shopdata.fields import normalise_phone

T = TypeVar("T")

Path = tuple[str | int, ...]


class FieldProblem(Exception):
    """``path`` within the document, and a reason that completes a sentence about it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def _at(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise FieldProblem(path, str(error)) from None


def _money(document: d.MoneyDocument, path: Path) -> Money:
    return Money(_amount(document.amount, document.currency, (*path, "amount")), document.currency)


def _amount(text: str, currency: str, path: Path) -> int:
    return _at(path, lambda: read_amount(text, currency))


def _keep(document: d.Document, name: str, stored: object | None, read: Callable[[], T]) -> T:
    """A field that was left out keeps what is stored."""
    if stored is not None and name not in document.model_fields_set:
        kept: T = getattr(stored, name)
        return kept
    return read()


def guess_language(country: str) -> str:
    """The first official language of a country that the registry knows, else English."""
    for tag in get_official_languages(country, de_facto=True):
        known = registry.find(tag)
        if known:
            return known.code
    return "en"


def read_customer(document: d.CustomerDocument, stored: Customer | None = None) -> Customer:
    """The customer of a document over what is stored. Raises FieldProblem."""
    country, credit = document.country, document.store_credit
    return Customer(
        id=document.id,
        name=document.name,
        email=_keep(document, "email", stored, lambda: document.email),
        phone=_keep(document, "phone", stored, lambda: _phone(document.phone, country)),
        language=_keep(document, "language", stored, lambda: document.language or guess_language(country)),
        country=country,
        time_zone=_keep(document, "time_zone", stored, lambda: document.time_zone),
        store_credit=_keep(
            document,
            "store_credit",
            stored,
            lambda: _money(credit, ("store_credit",)) if credit else Money(0, default_currency(country)),
        ),
        addresses=_keep(
            document,
            "addresses",
            stored,
            lambda: tuple(
                _address(address, f"{document.id}-A{place}") for place, address in enumerate(document.addresses, 1)
            ),
        ),
        payment_methods=_keep(
            document,
            "payment_methods",
            stored,
            lambda: tuple(_method(m, f"{document.id}-M{n}") for n, m in enumerate(document.payment_methods, 1)),
        ),
    )


def _phone(text: str, country: str, path: Path = ("phone",)) -> str:
    return _at(path, lambda: normalise_phone(text, country))


def _address(document: d.AddressDocument, key: str) -> Address:
    return Address(
        id=document.id or key,
        recipient=document.recipient,
        lines=tuple(document.lines),
        city=document.city,
        postal_code=document.postal_code,
        country=document.country,
        phone=document.phone,
        is_default=document.is_default,
        region=document.region,
    )


def _copy_address(document: d.AddressDocument, key: str, stored: Order | None) -> Address:
    """The order's own copy; whether it was the account's default is kept where nothing is said."""
    address = _address(document, key)
    default = _keep(document, "is_default", stored and stored.address, lambda: address.is_default)
    return replace(address, is_default=default)


def _method(document: d.PaymentMethodDocument, key: str) -> PaymentMethod:
    return PaymentMethod(document.id or key, document.kind, document.label)


def read_product(document: d.ProductDocument, stored: Product | None = None) -> Product:
    """The product of a document over what is stored. Raises FieldProblem."""
    return Product(
        id=document.id,
        title=document.title,
        category=_keep(document, "category", stored, lambda: document.category),
        description=_keep(document, "description", stored, lambda: document.description),
        variants=_keep(
            document,
            "variants",
            stored,
            lambda: tuple(
                Variant(v.id, document.id, dict(v.options), _money(v.price, ("variants", place, "price")), v.stock)
                for place, v in enumerate(document.variants)
            ),
        ),
    )


def read_order(document: d.OrderDocument, stored: Order | None = None) -> Order:
    """The order of a document over what is stored; its version is the stored one. Raises FieldProblem."""
    currency, number = document.currency, document.number
    if stored is not None and stored.currency != currency:
        raise FieldProblem(("currency",), "is another than that of the order that is stored")
    fixed = {name: getattr(document, name) for name in ("number", "customer_id", "status", "placed_at", "currency")}
    kept = {name: _keep(document, name, stored, lambda n=name: getattr(document, n)) for name in _KEPT}  # type: ignore[misc]
    order = Order(
        **fixed,
        **kept,
        total=Money(_amount(document.total, currency, ("total",)), currency),
        shipping_fee=_keep(document, "shipping_fee", stored, lambda: _part(document, "shipping_fee")),
        discount=_keep(document, "discount", stored, lambda: _part(document, "discount")),
        phone=_keep(document, "phone", stored, lambda: _phone(document.phone, document.address.country)),
        address=_copy_address(document.address, f"{number}-A", stored),
        items=_read_items(document),
        payments=_keep(document, "payments", stored, lambda: read_payments(document.payments, number, currency)),
        shipments=_keep(document, "shipments", stored, lambda: _read_shipments(document)),
        refunds=_keep(document, "refunds", stored, lambda: _read_refunds(document)),
        version=stored.version if stored else 1,
    )
    check_order(order)
    return order


_KEPT = (
    *("trouble", "email", "note"),
    *("expected_ship_at", "expected_delivery_at", "shipped_at", "delivered_at", "cancelled_at"),
)


def _part(document: d.OrderDocument, name: str) -> Money:
    return Money(_amount(getattr(document, name), document.currency, (name,)), document.currency)


def _read_items(document: d.OrderDocument) -> tuple[OrderItem, ...]:
    return tuple(
        OrderItem(
            id=item.id or f"{document.number}-{place + 1}",
            product_id=item.product_id,
            variant_id=item.variant_id,
            title=item.title,
            category=item.category,
            options=dict(item.options),
            quantity=item.quantity,
            unit_price=Money(
                _amount(item.unit_price, document.currency, ("items", place, "unit_price")), document.currency
            ),
            quantity_returned=item.quantity_returned,
        )
        for place, item in enumerate(document.items)
    )


def read_payments(documents: Sequence[d.PaymentDocument], number: str, currency: str) -> tuple[Payment, ...]:
    """The payments of the order ``number``. Raises FieldProblem."""
    return tuple(
        Payment(
            id=payment.id or f"{number}-P{place + 1}",
            method=_method(payment.method, f"{number}-M{place + 1}"),
            amount=Money(_amount(payment.amount, currency, ("payments", place, "amount")), currency),
            status=payment.status,
            paid_at=payment.paid_at,
        )
        for place, payment in enumerate(documents)
    )


def _read_shipments(document: d.OrderDocument) -> tuple[Shipment, ...]:
    return tuple(
        Shipment(
            id=shipment.id or f"{document.number}-S{place}",
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            status=shipment.status,
            item_ids=tuple(shipment.item_ids),
            shipped_at=shipment.shipped_at,
            expected_at=shipment.expected_at,
            delivered_at=shipment.delivered_at,
            events=tuple(ShipmentEvent(event.at, event.status, event.place) for event in shipment.events),
        )
        for place, shipment in enumerate(document.shipments, 1)
    )


def _read_refunds(document: d.OrderDocument) -> tuple[Refund, ...]:
    return tuple(
        Refund(
            id=refund.id or f"{document.number}-R{place + 1}",
            amount=Money(_amount(refund.amount, document.currency, ("refunds", place, "amount")), document.currency),
            status=refund.status,
            reason=refund.reason,
            route=refund.route,
            requested_at=refund.requested_at,
            expected_at=refund.expected_at,
            completed_at=refund.completed_at,
        )
        for place, refund in enumerate(document.refunds)
    )


def check_order(order: Order) -> None:
    """What must hold inside one order, however it came. Raises FieldProblem."""
    for place, item in enumerate(order.items):
        if item.quantity_returned > item.quantity:
            raise FieldProblem(("items", place, "quantity_returned"), "is more than was bought")
    own = {item.id for item in order.items}
    for place, shipment in enumerate(order.shipments):
        if not own.issuperset(shipment.item_ids):
            raise FieldProblem(("shipments", place, "item_ids"), "names an item that is not in the order")
    for name in ("shipped_at", "delivered_at", "cancelled_at"):
        moment: datetime | None = getattr(order, name)
        if moment is not None and moment < order.placed_at:
            raise FieldProblem((name,), "is before the order was placed")
    goods = sum(item.unit_price.amount * item.quantity for item in order.items) + order.shipping_fee.amount
    expected, total = max(goods - order.discount.amount, 0), order.total.amount
    # Tax and fees of exchanges may lie between; a slipped decimal point is a factor of ten or more.
    if total > 2 * goods or expected > 2 * total + goods // 2:
        written = write_amount(expected, order.currency)
        raise FieldProblem(("total",), f"does not fit the items, shipping fee and discount, which come to {written}")
