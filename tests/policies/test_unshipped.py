"""What may change before an order leaves: allowed only in the statuses that the policy names."""

from dataclasses import replace

import pytest

from app.models import OrderStatus
from app.policies import can_cancel, can_change_address, can_change_items, can_change_payment
from tests.policies.orders import (
    ADDRESS,
    CANCELLATION,
    EXCHANGES,
    PAYMENT,
    REFUNDS,
    UNSHIPPED,
    item,
    local,
    order,
    parcel,
    variant,
    vnd,
)

REASONS = {
    OrderStatus.SHIPPED: "already_shipped",
    OrderStatus.IN_CUSTOMS: "already_shipped",
    OrderStatus.OUT_FOR_DELIVERY: "already_shipped",
    OrderStatus.DELIVERY_FAILED: "already_shipped",
    OrderStatus.DELIVERED: "already_delivered",
    OrderStatus.PARTLY_RETURNED: "already_delivered",
    OrderStatus.RETURNED: "already_returned",
    OrderStatus.CANCELLED: "already_cancelled",
}


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_status_allows_or_refuses_with_its_reason(status: OrderStatus) -> None:
    expected = REASONS.get(status, "ok")
    assert can_cancel(order(status=status), CANCELLATION, REFUNDS).reason == expected
    assert can_change_address(order(status=status), "VN", ADDRESS).reason == expected
    assert can_change_items(order(status=status), "i1", None, EXCHANGES).reason == expected
    assert (status.value in UNSHIPPED) is (expected == "ok")


def test_cancelling_brings_back_all_that_was_paid_with_the_shipping() -> None:
    answer = can_cancel(order(), CANCELLATION, REFUNDS)
    assert (answer.amount, answer.route, answer.days) == (vnd(130_000), "Visa •••• 4242", (5, 10))


def test_cancelling_an_unpaid_order_brings_back_nothing_and_names_no_route() -> None:
    answer = can_cancel(order(paid=False), CANCELLATION, REFUNDS)
    assert answer.allowed
    assert (answer.amount, answer.route) == (vnd(0), None)


def test_an_order_of_which_one_parcel_left_counts_as_shipped() -> None:
    base = order(item("i1"), item("i2"))
    partly = replace(base, shipments=(parcel("s1", local(2026, 11, 3), "i1"),))
    assert can_cancel(partly, CANCELLATION, REFUNDS).reason == "already_shipped"
    assert can_change_address(partly, None, ADDRESS).reason == "already_shipped"


def test_an_address_in_another_country_is_refused() -> None:
    assert can_change_address(order(), "TH", ADDRESS).reason == "other_country"
    assert can_change_address(order(), None, ADDRESS).allowed


def test_a_swap_before_shipping_settles_the_price() -> None:
    base = order(item(quantity=2))
    dearer = variant(base.items[0], price=120_000)
    assert can_change_items(base, "i1", dearer, EXCHANGES).amount == vnd(-40_000)
    assert can_change_items(base, "i1", replace(dearer, stock=1), EXCHANGES).reason == "out_of_stock"


@pytest.mark.parametrize(
    ("country", "price", "kind", "reason"),
    [
        ("VN", 100_000, "cod", "ok"),
        ("LA", 100_000, "cod", "cod_not_available"),
        ("VN", 2_970_000, "cod", "ok"),
        ("VN", 2_970_001, "cod", "cod_limit"),
        ("VN", 100_000, "bitcoin", "unknown_method"),
        ("LA", 100_000, "card", "ok"),
    ],
)
def test_the_payment_can_change_while_unpaid_and_cash_only_where_it_is_taken(
    country: str, price: int, kind: str, reason: str
) -> None:
    unpaid = order(item(price=price), status=OrderStatus.PENDING_PAYMENT, paid=False, country=country)
    assert can_change_payment(unpaid, kind, PAYMENT).reason == reason
    paid = replace(unpaid, status=OrderStatus.PROCESSING)
    assert can_change_payment(paid, kind, PAYMENT).reason == "wrong_status"
