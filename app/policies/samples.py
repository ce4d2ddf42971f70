"""Invented orders in every status: to try templates and the owner's own examples on. No real person's data."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from app.models import (
    Address,
    Money,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Shipment,
    ShipmentStatus,
    Trouble,
)

ARRIVED = (OrderStatus.DELIVERED, OrderStatus.PARTLY_RETURNED, OrderStatus.RETURNED)
ON_THE_WAY = (OrderStatus.SHIPPED, OrderStatus.IN_CUSTOMS, OrderStatus.OUT_FOR_DELIVERY, OrderStatus.DELIVERY_FAILED)


def make_order(
    currency: str, now: datetime, status: OrderStatus, days: int = 3, category: str = "shoes", country: str = "SG"
) -> Order:
    """A paid order of one item; ``days`` ago it was delivered, or placed when it was not."""
    at = now - timedelta(days=days)
    placed = at - timedelta(days=6) if status in ARRIVED else at
    sent = placed + timedelta(days=1) if status in (*ARRIVED, *ON_THE_WAY) else None
    arrived = at if status in ARRIVED else None
    price, zero = Money(10_000, currency), Money(0, currency)
    method = PaymentMethod("m", "card", "Visa •••• 4242")
    address = Address("a", "A. Customer", ("1 Some Road",), "Town", "10000", country, "+6500000000")
    state = ShipmentStatus.DELIVERED if arrived else ShipmentStatus.IN_TRANSIT
    parcels = (Shipment("s", "Carrier", "TRACK1", state, ("i",), sent, arrived, arrived),) if sent else ()
    return Order(
        "10001", "c", status, None, placed, currency, price, zero, zero, "customer@example.com", "+6500000000", address,
        (OrderItem("i", "p", "v", "Item", category, {}, 1, price),),
        (Payment("y", method, price, PaymentStatus.PAID, placed),), parcels, (), None, None, sent, arrived,
    )  # fmt: skip


def sample_orders(currency: str, now: datetime) -> Iterator[Order]:
    """Three orders for each status: plain, with everything that may be known, and not yet paid."""
    for status in OrderStatus:
        plain = make_order(currency, now, status)
        yield plain
        yield replace(plain, expected_ship_at=now, expected_delivery_at=now, trouble=Trouble.DELAYED_CARRIER)
        yield replace(plain, payments=())
