"""The values of ``app.models`` as canonical documents: every field, in a fixed order, times in UTC."""

from datetime import UTC, datetime
from typing import Any

from app.models import Address, Customer, Money, Order, OrderItem, Payment, PaymentMethod, Product, Refund, Shipment
from app.shopdata.amounts import write_amount


def write_customer(customer: Customer) -> dict[str, Any]:
    """The canonical document."""
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "language": customer.language,
        "country": customer.country,
        "time_zone": customer.time_zone,
        "store_credit": _write_money(customer.store_credit),
        "addresses": [_write_address(address) for address in customer.addresses],
        "payment_methods": [_write_method(method) for method in customer.payment_methods],
    }


def _write_money(money: Money) -> dict[str, Any]:
    return {"amount": write_amount(money.amount, money.currency), "currency": money.currency}


def _write_address(address: Address) -> dict[str, Any]:
    names = ("id", "recipient", "lines", "city", "region", "postal_code", "country", "phone", "is_default")
    return {name: list(address.lines) if name == "lines" else getattr(address, name) for name in names}


def _write_method(method: PaymentMethod) -> dict[str, Any]:
    return {"id": method.id, "kind": method.kind, "label": method.label}


def write_product(product: Product) -> dict[str, Any]:
    """The canonical document."""
    return {
        "id": product.id,
        "title": product.title,
        "category": product.category,
        "description": product.description,
        "variants": [
            {"id": v.id, "options": dict(v.options), "price": _write_money(v.price), "stock": v.stock}
            for v in product.variants
        ],
    }


def write_time(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_order(order: Order) -> dict[str, Any]:
    """The canonical document; the version is the store's own business and not in it."""
    return {
        "number": order.number,
        "customer_id": order.customer_id,
        "status": order.status.value,
        "trouble": order.trouble.value if order.trouble else None,
        "placed_at": write_time(order.placed_at),
        "currency": order.currency,
        "total": write_amount(order.total.amount, order.currency),
        "shipping_fee": write_amount(order.shipping_fee.amount, order.currency),
        "discount": write_amount(order.discount.amount, order.currency),
        "email": order.email,
        "phone": order.phone,
        "address": _write_address(order.address),
        "items": [_write_item(item, order.currency) for item in order.items],
        "payments": [_write_payment(payment, order.currency) for payment in order.payments],
        "shipments": [_write_shipment(shipment) for shipment in order.shipments],
        "refunds": [_write_refund(refund, order.currency) for refund in order.refunds],
        "expected_ship_at": write_time(order.expected_ship_at),
        "expected_delivery_at": write_time(order.expected_delivery_at),
        "shipped_at": write_time(order.shipped_at),
        "delivered_at": write_time(order.delivered_at),
        "cancelled_at": write_time(order.cancelled_at),
        "note": order.note,
    }


def _write_item(item: OrderItem, currency: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "product_id": item.product_id,
        "variant_id": item.variant_id,
        "title": item.title,
        "category": item.category,
        "options": dict(item.options),
        "quantity": item.quantity,
        "quantity_returned": item.quantity_returned,
        "unit_price": write_amount(item.unit_price.amount, currency),
    }


def _write_payment(payment: Payment, currency: str) -> dict[str, Any]:
    return {
        "id": payment.id,
        "method": _write_method(payment.method),
        "amount": write_amount(payment.amount.amount, currency),
        "status": payment.status.value,
        "paid_at": write_time(payment.paid_at),
    }


def _write_shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.id,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "status": shipment.status.value,
        "item_ids": list(shipment.item_ids),
        "shipped_at": write_time(shipment.shipped_at),
        "expected_at": write_time(shipment.expected_at),
        "delivered_at": write_time(shipment.delivered_at),
        "events": [
            {"at": write_time(event.at), "status": event.status.value, "place": event.place}
            for event in shipment.events
        ],
    }


def _write_refund(refund: Refund, currency: str) -> dict[str, Any]:
    return {
        "id": refund.id,
        "amount": write_amount(refund.amount.amount, currency),
        "status": refund.status.value,
        "reason": refund.reason,
        "route": refund.route,
        "requested_at": write_time(refund.requested_at),
        "expected_at": write_time(refund.expected_at),
        "completed_at": write_time(refund.completed_at),
    }
