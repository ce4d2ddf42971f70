"""A canned answer is the whole truth about the record, and nothing but the record."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import formats
from app.canned import Canned
from app.language.registry import LANGUAGES, LAUNCH
from app.models import (
    Address,
    Money,
    Order,
    OrderItem,
    OrderStatus,
    Product,
    Refund,
    RefundStatus,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    Trouble,
    Variant,
)
from app.wording import Wording

WORDING = Wording()
CANNED = Canned(WORDING)
PRESENT = [code for code in LAUNCH if WORDING.resolve(code) == code]
TZ = "Asia/Ho_Chi_Minh"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
UNSHIPPED = (OrderStatus.PENDING_PAYMENT, OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK)
ADDRESS = Address("a1", "Nguyễn Thị Hoa", ("Lê Lợi",), "Huế", "", "VN", "+84900000000")


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 2, 0, tzinfo=UTC)


def make_shipment(status: ShipmentStatus = ShipmentStatus.IN_TRANSIT, tracking: str = "SPXVN0612345678X") -> Shipment:
    events = (ShipmentEvent(at(9), ShipmentStatus.IN_TRANSIT, "Hà Nội"), ShipmentEvent(at(11), status, "Đà Nẵng"))
    return Shipment("s1", "SPX Express", tracking, status, ("i1",), at(8), at(25), None, events)


def make_order(status: OrderStatus, trouble: Trouble | None = None, **changes: object) -> Order:
    money = Money(1500000, "VND")
    order = Order(
        "12345", "c1", status, trouble, at(3), "VND", money, Money(0, "VND"), Money(0, "VND"),
        "hoa@example.vn", "+84900000000", ADDRESS, (),
        expected_ship_at=at(23) if status in UNSHIPPED else None,
        shipments=() if status in UNSHIPPED else (make_shipment(),),
        shipped_at=None if status in UNSHIPPED else at(8),
        delivered_at=at(12) if status in (OrderStatus.DELIVERED, OrderStatus.RETURNED) else None,
        cancelled_at=at(5) if status is OrderStatus.CANCELLED else None,
    )  # fmt: skip
    return replace(order, **changes)  # type: ignore[arg-type]


def make_refund(status: RefundStatus, **changes: object) -> Refund:
    refund = Refund("r1", Money(450000, "VND"), status, "returned_items", "MoMo", at(13), at(27), None)
    return replace(refund, **changes)  # type: ignore[arg-type]


def date_of(day: int, language: str) -> str:
    return formats.long_date(formats.day(at(day), TZ), language)


@pytest.mark.parametrize("language", PRESENT)
@pytest.mark.parametrize("status", OrderStatus)
def test_every_status_and_trouble_is_told_with_dates_of_the_record_only(status: OrderStatus, language: str) -> None:
    for trouble in (None, *Trouble):
        order = make_order(status, trouble)
        text = CANNED.order_status(order, language, TZ, NOW)
        assert "#12345" in text
        rest = text.replace("12345678X", "").replace("12345", "")
        dates = [date_of(day, language) for day in range(1, 31)]
        known = {date_of(day, language) for day in (3, 5, 8, 11, 12, 23, 25)}
        for written in sorted(dates, key=len, reverse=True):
            assert written not in rest or written in known
            rest = rest.replace(written, "")
        assert not re.search(r"\d|[{}]", rest.replace("SPXVN06", "")), text


@pytest.mark.parametrize("language", PRESENT)
@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_is_explained_while_it_lasts_and_not_after(trouble: Trouble, language: str) -> None:
    before, on_the_way = OrderStatus.PROCESSING, OrderStatus.SHIPPED
    stops_shipping = trouble in ("restock", "high_volume", "preorder", "payment_failed")
    outlives = trouble in ("not_received", "cod_refused", "refund_under_way", "paid_twice")
    reason = WORDING.say(f"why_{trouble}", language)
    for status, told in ((before, True), (on_the_way, not stops_shipping), (OrderStatus.DELIVERED, outlives)):
        assert (reason in CANNED.order_status(make_order(status, trouble), language, TZ, NOW)) == told


@pytest.mark.parametrize("language", PRESENT)
def test_an_order_that_waits_for_stock_tells_why_and_when(language: str) -> None:
    text = CANNED.order_status(make_order(OrderStatus.WAITING_STOCK, Trouble.RESTOCK), language, TZ, NOW)
    assert WORDING.say("why_restock", language) in text
    assert WORDING.say("ship_expected", language, date=formats.day(at(23), TZ)) in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("language", PRESENT)
@pytest.mark.parametrize("what", ["ship", "delivery"])
def test_a_day_that_has_passed_is_called_late_and_today_is_not(what: str, language: str) -> None:
    status = OrderStatus.PROCESSING if what == "ship" else OrderStatus.SHIPPED
    for day, key in ((19, "late"), (20, "expected"), (21, "expected")):
        order = make_order(status, None, **{f"expected_{what}_at": at(day)})
        said = WORDING.say(f"{what}_{key}", language, date=formats.day(at(day), TZ))
        assert said in CANNED.order_status(order, language, TZ, NOW)


def test_late_is_judged_in_the_customers_time_zone() -> None:
    order = make_order(OrderStatus.PROCESSING, expected_ship_at=datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    now = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
    assert "đang bị trễ" in CANNED.order_status(order, "vi", "Asia/Ho_Chi_Minh", now)
    assert "Dự kiến" in CANNED.order_status(order, "vi", "America/New_York", now)


@pytest.mark.parametrize("language", PRESENT)
@pytest.mark.parametrize("status", [OrderStatus.PROCESSING, OrderStatus.SHIPPED])
def test_an_unknown_date_is_said_to_be_unknown(status: OrderStatus, language: str) -> None:
    shipments = (replace(make_shipment(), expected_at=None),) if status is OrderStatus.SHIPPED else ()
    text = CANNED.order_status(make_order(status, None, expected_ship_at=None, shipments=shipments), language, TZ, NOW)
    key = "ship_unknown" if status is OrderStatus.PROCESSING else "delivery_unknown"
    assert WORDING.say(key, language) in text


@pytest.mark.parametrize("language", PRESENT)
def test_a_single_parcel_is_told_with_tracking_and_its_last_event(language: str) -> None:
    text = CANNED.order_status(make_order(OrderStatus.SHIPPED), language, TZ, NOW)
    for fact in ("SPX Express", "SPXVN0612345678X", "Đà Nẵng", date_of(11, language), date_of(25, language)):
        assert fact in text
    assert "Hà Nội" not in text


@pytest.mark.parametrize("language", PRESENT)
def test_an_order_that_has_shipped_in_part_is_not_called_shipped(language: str) -> None:
    parcels = (make_shipment(), make_shipment(ShipmentStatus.PREPARING, ""))
    text = CANNED.order_status(
        make_order(OrderStatus.SHIPPED, Trouble.SPLIT_SHIPMENT, shipments=parcels), language, TZ, NOW
    )
    assert WORDING.say("order_partly_shipped", language, number="12345") in text
    assert WORDING.label("parcel_preparing", language) in text
    assert WORDING.label("parcel_in_transit", language) in text
    assert text.count("SPXVN0612345678X") == 1


@pytest.mark.parametrize("language", PRESENT)
@pytest.mark.parametrize("status", RefundStatus)
def test_a_refund_is_told_with_order_amount_and_the_date_that_matters(status: RefundStatus, language: str) -> None:
    refund = make_refund(status, completed_at=at(18) if status is RefundStatus.PAID else None)
    text = CANNED.refund_status(make_order(OrderStatus.RETURNED, refunds=(refund,)), language, TZ, NOW)
    assert "#12345" in text
    assert formats.money(refund.amount, language) in text
    day = {"requested": 13, "approved": 27, "processing": 27, "paid": 18}.get(status)
    assert day is None or date_of(day, language) in text
    assert status in ("requested", "rejected") or "MoMo" in text
    late = CANNED.refund_status(make_order(OrderStatus.RETURNED, refunds=(refund,)), language, TZ, at(28))
    is_due = status in (RefundStatus.APPROVED, RefundStatus.PROCESSING)
    assert (WORDING.say("refund_late", language, date=formats.day(at(27), TZ)) in late) == is_due


@pytest.mark.parametrize("language", PRESENT)
def test_none_and_several_refunds_are_told(language: str) -> None:
    assert "#12345" in CANNED.refund_status(make_order(OrderStatus.DELIVERED), language, TZ, NOW)
    both = (make_refund(RefundStatus.PAID), make_refund(RefundStatus.REJECTED, amount=Money(90000, "VND"), reason="?"))
    text = CANNED.refund_status(make_order(OrderStatus.DELIVERED, refunds=both), language, TZ, NOW)
    assert len(text.splitlines()) == 3
    assert all(formats.money(refund.amount, language) in text for refund in both)


def test_a_payment_kind_as_route_is_named_in_the_language() -> None:
    refund = make_refund(RefundStatus.APPROVED, route="store_credit")
    text = CANNED.refund_status(make_order(OrderStatus.RETURNED, refunds=(refund,)), "th", TZ, NOW)
    assert "เครดิตร้านค้า" in text
    assert "store_credit" not in text


@given(st.integers(0, 25), st.sampled_from(PRESENT))
def test_a_list_of_orders_counts_all_and_shows_at_most_ten(count: int, language: str) -> None:
    orders = [replace(make_order(OrderStatus.SHIPPED), number=f"AB{i:02d}Z") for i in range(count)]
    text = CANNED.orders_list(orders, language, TZ)
    assert len(re.findall(r"#AB\d\dZ", text)) == min(count, 10)
    assert count == 0 or formats.number(count, language) in text
    assert (WORDING.say("orders_more", language, count=count - 10) in text) == (count > 10)


@pytest.mark.parametrize("language", PRESENT)
def test_products_are_told_with_price_and_stock(language: str) -> None:
    shirt = Product("p1", "Áo thun {M}", "tops", "", (
        Variant("v1", "p1", {}, Money(199000, "VND"), 0), Variant("v2", "p1", {}, Money(249000, "VND"), 7),
    ))  # fmt: skip
    gone = Product("p2", "Mũ len", "hats", "", (Variant("v3", "p2", {}, Money(90000, "VND"), 0),))
    text = CANNED.products_found([shirt, gone], language)
    assert "Áo thun {M}" in text
    assert formats.money(Money(199000, "VND"), language) in text
    assert WORDING.say("in_stock", language, count=7) in text
    assert WORDING.say("out_of_stock", language) in text.splitlines()[-1]
    assert CANNED.products_found([], language) == WORDING.say("product_not_found", language)


def test_rules_read_as_durations_statuses_and_methods() -> None:
    shipping = CANNED.policy_summary("shipping", "vi", {"dispatch_days": (1, 3)})
    assert "1–3 ngày" in shipping
    change = CANNED.policy_summary("address-change", "th", {"allowed_statuses": tuple(UNSHIPPED)})
    assert change.endswith("รอชำระเงิน, กำลังเตรียมสินค้า, รอสินค้าเข้าสต็อก")
    payment = CANNED.policy_summary("payment", "vi", {"methods": ("card", "cod"), "pay_within_hours": 24})
    assert "thẻ, thanh toán khi nhận hàng (COD)" in payment
    assert "24 giờ" in payment
    assert CANNED.duration("days", 1, 1, "en") == "1 day"
    assert CANNED.duration("days", 0, 1, "en") == "0–1 day"


def test_at_most_three_topics_are_offered() -> None:
    text = CANNED.topics_offer({"returns": "", "address-change": "", "customs": "", "vouchers": ""}, "vi")
    assert "trả hàng, đổi địa chỉ, hải quan" in text
    assert "mã giảm giá" not in text


def test_a_topic_that_only_the_shop_knows_is_offered_by_its_title() -> None:
    assert "trả hàng, Gói quà" in CANNED.topics_offer({"returns": "Trả hàng", "gifts": "Gói quà"}, "vi")


@pytest.mark.parametrize("language", LAUNCH)
def test_what_was_ordered_is_told_with_every_item_and_the_total(language: str) -> None:
    items = tuple(
        OrderItem(title, "p", "v", title, "shoes", options, quantity, Money(price, "VND"))
        for title, options, quantity, price in (("Sleep mask", {}, 1, 90000), ("Sneakers", {"size": "39"}, 2, 690000))
    )
    total, fee, discount = Money(1440000, "VND"), Money(30000, "VND"), Money(60000, "VND")
    order = make_order(OrderStatus.PROCESSING, items=items, total=total, shipping_fee=fee, discount=discount)
    text = CANNED.order_contents(order, language, TZ)
    assert re.search(r"12345.*Sneakers \([^)]*39", text, re.DOTALL)
    amounts = [*(item.unit_price for item in items), fee, discount, total]
    assert [value for value in amounts if formats.money(value, language) not in text] == []


@given(st.sampled_from(OrderStatus), st.sampled_from((None, *Trouble)), st.sampled_from(list(LANGUAGES)))
def test_every_detectable_language_gets_a_status(status: OrderStatus, trouble: Trouble | None, language: str) -> None:
    order = make_order(status, trouble, refunds=(make_refund(RefundStatus.PROCESSING),))
    assert "12345" in CANNED.order_status(order, language, TZ, NOW + timedelta(days=30))
