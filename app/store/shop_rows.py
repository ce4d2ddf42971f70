"""Rows of the shop's tables to the values of ``app.models`` and back. Pure: no database, no decisions."""

from dataclasses import asdict, fields

from app.models import (
    Address,
    Customer,
    Money,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Product,
    Refund,
    RefundStatus,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    Trouble,
    Variant,
)
from app.store import tables as t
from app.store.rows import read_json


def customer_of(row: t.CustomerRow) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        language=row.language,
        country=row.country,
        time_zone=row.time_zone,
        store_credit=Money(row.credit_amount, row.credit_currency),
        addresses=tuple(_address_of(address) for address in row.addresses),
        payment_methods=tuple(
            PaymentMethod(id=method.id, kind=method.kind, label=method.label)  # type: ignore[arg-type]
            for method in row.payment_methods
        ),
    )


def _address_of(row: t.AddressRow) -> Address:
    return Address(
        id=row.id,
        recipient=row.recipient,
        lines=tuple(row.lines),
        city=row.city,
        postal_code=row.postal_code,
        country=row.country,
        phone=row.phone,
        is_default=row.is_default,
        region=row.region,
    )


def customer_row(customer: Customer) -> t.CustomerRow:
    return t.CustomerRow(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        language=customer.language,
        country=customer.country,
        time_zone=customer.time_zone,
        credit_amount=customer.store_credit.amount,
        credit_currency=customer.store_credit.currency,
        addresses=[
            t.AddressRow(**{**asdict(address), "lines": list(address.lines)}, position=position)
            for position, address in enumerate(customer.addresses)
        ],
        payment_methods=[
            t.PaymentMethodRow(**asdict(method), position=position)
            for position, method in enumerate(customer.payment_methods)
        ],
    )


def product_of(row: t.ProductRow) -> Product:
    return Product(
        id=row.id,
        title=row.title,
        category=row.category,
        description=row.description,
        variants=tuple(
            Variant(
                id=variant.id,
                product_id=row.id,
                options=variant.options,
                price=Money(variant.price_amount, variant.price_currency),
                stock=variant.stock,
            )
            for variant in row.variants
        ),
    )


def product_row(product: Product, position: int) -> t.ProductRow:
    return t.ProductRow(
        id=product.id,
        position=position,
        title=product.title,
        category=product.category,
        description=product.description,
        variants=[
            t.VariantRow(
                id=variant.id,
                position=place,
                options=variant.options,
                price_amount=variant.price.amount,
                price_currency=variant.price.currency,
                stock=variant.stock,
            )
            for place, variant in enumerate(product.variants)
        ],
    )


def order_of(row: t.OrderRow) -> Order:
    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return Order(
        number=row.number,
        customer_id=row.customer_id,
        status=OrderStatus(row.status),
        trouble=None if row.trouble is None else Trouble(row.trouble),
        placed_at=row.placed_at,
        currency=row.currency,
        total=money(row.total),
        shipping_fee=money(row.shipping_fee),
        discount=money(row.discount),
        email=row.email,
        phone=row.phone,
        address=read_json(Address, {**row.address, "lines": tuple(row.address["lines"])}),
        items=tuple(_item_of(item, money(item.unit_price)) for item in row.items),
        payments=tuple(_payment_of(payment, money(payment.amount)) for payment in row.payments),
        shipments=tuple(_shipment_of(shipment) for shipment in row.shipments),
        refunds=tuple(_refund_of(refund, money(refund.amount)) for refund in row.refunds),
        expected_ship_at=row.expected_ship_at,
        expected_delivery_at=row.expected_delivery_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at,
        note=row.note,
        version=row.version,
    )


def _item_of(row: t.OrderItemRow, price: Money) -> OrderItem:
    return OrderItem(
        id=row.id,
        product_id=row.product_id,
        variant_id=row.variant_id,
        title=row.title,
        category=row.category,
        options=row.options,
        quantity=row.quantity,
        unit_price=price,
        quantity_returned=row.quantity_returned,
    )


def _payment_of(row: t.PaymentRow, amount: Money) -> Payment:
    return Payment(
        id=row.id,
        method=read_json(PaymentMethod, row.method),
        amount=amount,
        status=PaymentStatus(row.status),
        paid_at=row.paid_at,
    )


def _shipment_of(row: t.ShipmentRow) -> Shipment:
    return Shipment(
        id=row.id,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        status=ShipmentStatus(row.status),
        item_ids=tuple(row.item_ids),
        shipped_at=row.shipped_at,
        expected_at=row.expected_at,
        delivered_at=row.delivered_at,
        events=tuple(ShipmentEvent(event.at, ShipmentStatus(event.status), event.place) for event in row.events),
    )


def _refund_of(row: t.RefundRow, amount: Money) -> Refund:
    return Refund(
        id=row.id,
        amount=amount,
        status=RefundStatus(row.status),
        reason=row.reason,
        route=row.route,
        requested_at=row.requested_at,
        expected_at=row.expected_at,
        completed_at=row.completed_at,
    )


_ORDER_COLUMNS = (
    *("number", "customer_id", "status", "trouble", "placed_at", "currency", "email", "phone", "note", "version"),
    *("expected_ship_at", "expected_delivery_at", "shipped_at", "delivered_at", "cancelled_at"),
)


def order_row(order: Order) -> t.OrderRow:
    """All amounts must be in the order's currency."""
    return t.OrderRow(
        **{name: getattr(order, name) for name in _ORDER_COLUMNS},
        total=order.total.amount,
        shipping_fee=order.shipping_fee.amount,
        discount=order.discount.amount,
        address={**asdict(order.address), "lines": list(order.address.lines)},
        items=[_item_row(item, position) for position, item in enumerate(order.items)],
        payments=[_payment_row(payment, position) for position, payment in enumerate(order.payments)],
        shipments=[_shipment_row(shipment, position) for position, shipment in enumerate(order.shipments)],
        refunds=[_refund_row(refund, position) for position, refund in enumerate(order.refunds)],
    )


def _item_row(item: OrderItem, position: int) -> t.OrderItemRow:
    return t.OrderItemRow(**{**asdict(item), "unit_price": item.unit_price.amount}, position=position)


def _payment_row(payment: Payment, position: int) -> t.PaymentRow:
    return t.PaymentRow(**{**asdict(payment), "amount": payment.amount.amount}, position=position)


def _refund_row(refund: Refund, position: int) -> t.RefundRow:
    return t.RefundRow(**{**asdict(refund), "amount": refund.amount.amount}, position=position)


def _shipment_row(shipment: Shipment, position: int) -> t.ShipmentRow:
    events = [
        t.ShipmentEventRow(position=place, at=event.at, status=event.status, place=event.place)
        for place, event in enumerate(shipment.events)
    ]
    plain = {field.name: getattr(shipment, field.name) for field in fields(shipment)}
    return t.ShipmentRow(**{**plain, "item_ids": list(shipment.item_ids), "events": events}, position=position)
