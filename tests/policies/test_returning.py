"""Returns, refunds and exchanges decide in code, right up to the last minute of the last day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import OrderStatus, PaymentStatus, Refund, RefundStatus
from app.policies import can_exchange, can_return, refund_due, return_deadline
from app.policies.amounts import goods_value, paid_amount
from tests.policies.orders import (
    COD,
    EXCHANGES,
    REFUNDS,
    RETURNS,
    SAIGON,
    delivered,
    item,
    local,
    order,
    parcel,
    variant,
    vnd,
)

ARRIVED = local(2026, 11, 1, 23, 50)


def test_the_window_closes_at_the_customers_midnight_not_at_utc() -> None:
    bought = delivered(ARRIVED)
    assert can_return(bought, RETURNS, REFUNDS, SAIGON, local(2026, 12, 1, 23, 59, 59)).allowed
    late = can_return(bought, RETURNS, REFUNDS, SAIGON, local(2026, 12, 2, 0, 0, 0))
    assert (late.allowed, late.reason) == (False, "too_late")
    assert late.deadline == local(2026, 12, 1, 23, 59, 59)


def test_the_same_moment_can_be_too_late_in_one_time_zone_and_in_time_in_another() -> None:
    bought = delivered(datetime(2026, 11, 1, 12, tzinfo=UTC))
    moment = datetime(2026, 12, 1, 17, 30, tzinfo=UTC)
    assert can_return(bought, RETURNS, REFUNDS, SAIGON, moment).reason == "too_late"
    assert can_return(bought, RETURNS, REFUNDS, ZoneInfo("Asia/Kolkata"), moment).allowed


def test_a_window_over_a_leap_day_counts_it() -> None:
    assert return_deadline(delivered(local(2028, 1, 30)), None, RETURNS, SAIGON) == local(2028, 2, 29, 23, 59, 59)
    assert return_deadline(delivered(local(2027, 1, 30)), None, RETURNS, SAIGON) == local(2027, 3, 1, 23, 59, 59)


def test_a_window_over_a_change_of_clocks_still_ends_at_midnight() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    deadline = return_deadline(delivered(datetime(2026, 10, 1, 10, tzinfo=UTC)), None, RETURNS, berlin)
    assert deadline == datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC)


def test_each_item_of_two_parcels_counts_from_its_own_and_the_order_from_the_later() -> None:
    early, later = item("i1"), item("i2")
    base = order(early, later, status=OrderStatus.DELIVERED)
    split = replace(base, shipments=(parcel("s1", local(2026, 11, 1), "i1"), parcel("s2", local(2026, 11, 20), "i2")))
    now = local(2026, 12, 10)
    assert can_return(split, RETURNS, REFUNDS, SAIGON, now, [("i1", 1)]).reason == "too_late"
    assert can_return(split, RETURNS, REFUNDS, SAIGON, now, [("i2", 1)]).allowed
    assert return_deadline(split, None, RETURNS, SAIGON) == local(2026, 12, 20, 23, 59, 59)
    assert can_return(split, RETURNS, REFUNDS, SAIGON, now).items == (("i2", 1),)


def test_an_item_whose_parcel_is_still_under_way_cannot_be_returned() -> None:
    base = order(item("i1"), item("i2"), status=OrderStatus.SHIPPED)
    split = replace(base, shipments=(parcel("s1", local(2026, 11, 1), "i1"), parcel("s2", None, "i2")))
    now = local(2026, 11, 5)
    assert can_return(split, RETURNS, REFUNDS, SAIGON, now, [("i2", 1)]).reason == "not_delivered"
    assert can_return(split, RETURNS, REFUNDS, SAIGON, now, [("i1", 1)]).allowed


def test_final_sale_is_refused_with_its_reason_even_in_time() -> None:
    bought = delivered(ARRIVED, item("i1", category="underwear"), item("i2"))
    now = local(2026, 11, 5)
    refused = can_return(bought, RETURNS, REFUNDS, SAIGON, now, [("i1", 1)])
    assert (refused.reason, refused.section) == ("final_sale", "final-sale")
    assert can_return(bought, RETURNS, REFUNDS, SAIGON, now, [("i1", 1), ("i2", 1)]).reason == "final_sale"
    assert can_return(bought, RETURNS, REFUNDS, SAIGON, now).items == (("i2", 1),)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ([("i1", 3)], "too_many"),
        ([("i1", 0)], "too_many"),
        ([("i1", -1)], "too_many"),
        ([("i1", 1), ("i1", 2)], "too_many"),
        ([("i1", 4), ("i1", -2)], "too_many"),
        ([("i2", 1)], "already_returned"),
        ([("i9", 1)], "unknown_item"),
    ],
)
def test_quantities_that_are_not_there_are_refused(wanted: list[tuple[str, int]], reason: str) -> None:
    bought = delivered(ARRIVED, item("i1", quantity=3, back=1), item("i2", quantity=1, back=1))
    assert can_return(bought, RETURNS, REFUNDS, SAIGON, local(2026, 11, 5), wanted).reason == reason


@pytest.mark.parametrize("status", [s for s in OrderStatus if s is not OrderStatus.CANCELLED])
def test_nothing_can_be_returned_before_it_arrived_whatever_the_status_says(status: OrderStatus) -> None:
    assert not can_return(order(status=status), RETURNS, REFUNDS, SAIGON, local(2026, 11, 5)).allowed


def test_a_cancelled_order_has_nothing_to_return() -> None:
    gone = replace(delivered(ARRIVED), status=OrderStatus.CANCELLED)
    assert can_return(gone, RETURNS, REFUNDS, SAIGON, local(2026, 11, 5)).reason == "already_cancelled"


def test_a_return_brings_back_the_price_less_the_fee_by_the_way_it_was_paid() -> None:
    answer = can_return(delivered(ARRIVED), RETURNS, REFUNDS, SAIGON, local(2026, 11, 5))
    assert (answer.amount, answer.fee) == (vnd(70_000), vnd(30_000))
    assert (answer.route, answer.days) == ("Visa •••• 4242", (5, 10))


def test_cash_on_delivery_comes_back_by_the_route_that_the_policy_names() -> None:
    answer = can_return(delivered(ARRIVED, method=COD), RETURNS, REFUNDS, SAIGON, local(2026, 11, 5))
    assert (answer.route, answer.days) == ("bank_transfer", (2, 5))


def test_when_the_shop_is_at_fault_there_is_no_fee_and_the_shipping_comes_back_with_the_last_item() -> None:
    bought = delivered(ARRIVED, item("i1"), item("i2"))
    part = refund_due(bought, [("i1", 1)], RETURNS, REFUNDS, shop_at_fault=True)
    assert (part.amount, part.fee) == (vnd(100_000), vnd(0))
    whole = refund_due(bought, [("i1", 1), ("i2", 1)], RETURNS, REFUNDS, shop_at_fault=True)
    assert whole.amount == vnd(230_000)


def test_a_fee_never_makes_the_customer_pay_for_a_cheap_item() -> None:
    cheap = delivered(ARRIVED, item(price=10_000))
    assert refund_due(cheap, [("i1", 1)], RETURNS, REFUNDS).amount == vnd(0)


def test_nothing_is_refunded_that_was_not_paid_or_was_refunded_before() -> None:
    unpaid = delivered(ARRIVED, paid=False)
    assert refund_due(unpaid, [("i1", 1)], RETURNS, REFUNDS).reason == "not_paid"
    back = Refund("r1", vnd(110_000), RefundStatus.PAID, "late", "Visa", ARRIVED)
    bought = replace(delivered(ARRIVED), refunds=(back,))
    assert refund_due(bought, [("i1", 1)], RETURNS, REFUNDS).amount == vnd(20_000)
    rejected = replace(bought, refunds=(replace(back, status=RefundStatus.REJECTED),))
    assert refund_due(rejected, [("i1", 1)], RETURNS, REFUNDS).amount == vnd(70_000)


@given(
    prices=st.lists(st.tuples(st.integers(1, 999_999), st.integers(1, 4)), min_size=1, max_size=4),
    share=st.integers(0, 100),
    data=st.data(),
)
def test_any_sequence_of_partial_returns_adds_up_to_exactly_the_goods_after_discount(
    prices: list[tuple[int, int]], share: int, data: st.DataObject
) -> None:
    items = [item(f"i{n}", price, quantity) for n, (price, quantity) in enumerate(prices)]
    full = sum(price * quantity for price, quantity in prices)
    discount = full * share // 100
    given_back = 0
    while any(i.quantity_returned < i.quantity for i in items):
        open_ones = [i for i in items if i.quantity_returned < i.quantity]
        one = data.draw(st.sampled_from(open_ones))
        given_back += goods_value(order(*items, discount=discount), [(one, 1)])
        items[items.index(one)] = replace(one, quantity_returned=one.quantity_returned + 1)
    assert given_back == full - discount


def test_a_payment_that_failed_was_not_paid() -> None:
    base = order()
    failed = replace(base, payments=(replace(base.payments[0], status=PaymentStatus.FAILED),))
    assert paid_amount(failed) == vnd(0)


def test_an_exchange_needs_another_variant_of_the_same_product_in_stock() -> None:
    bought = delivered(ARRIVED)
    shoe, now = bought.items[0], local(2026, 11, 5)
    ok = variant(shoe)
    wrong = [
        (replace(ok, product_id="p-other"), "other_product"),
        (replace(ok, id=shoe.variant_id), "same_variant"),
        (replace(ok, stock=0), "out_of_stock"),
    ]
    for other, reason in wrong:
        assert can_exchange(bought, "i1", other, EXCHANGES, SAIGON, now).reason == reason
    assert can_exchange(bought, "i1", ok, EXCHANGES, SAIGON, now).allowed


@pytest.mark.parametrize(("price", "difference"), [(80_000, 40_000), (100_000, 0), (130_000, -60_000)])
def test_an_exchange_settles_the_difference_for_every_piece(price: int, difference: int) -> None:
    bought = delivered(ARRIVED, item(quantity=2))
    other = variant(bought.items[0], price=price)
    answer = can_exchange(bought, "i1", other, EXCHANGES, SAIGON, local(2026, 11, 5))
    assert answer.amount == vnd(difference)


def test_an_exchange_closes_like_a_return_and_leaves_out_what_the_policy_leaves_out() -> None:
    bought = delivered(ARRIVED, item("i1"), item("i2", category="underwear"))
    last = local(2026, 12, 1, 23, 59, 59)
    assert can_exchange(bought, "i1", None, EXCHANGES, SAIGON, last).allowed
    assert can_exchange(bought, "i1", None, EXCHANGES, SAIGON, last + timedelta(seconds=1)).reason == "too_late"
    assert can_exchange(bought, "i2", None, EXCHANGES, SAIGON, last).reason == "not_exchangeable"
    assert can_exchange(bought, "i1", None, EXCHANGES, SAIGON, last, quantity=2).reason == "too_many"
