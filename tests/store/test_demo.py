"""The demo shop is one that could exist: amounts add up, dates are in order, every case is there."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo import FIRST_NUMBER, DemoShop, build_demo
from app.language import registry
from app.models import Order, OrderStatus, PaymentStatus, RefundStatus, ShipmentStatus, Trouble

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
NOT_SHIPPED = (OrderStatus.PENDING_PAYMENT, OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK)
ON_THE_WAY = (OrderStatus.SHIPPED, OrderStatus.IN_CUSTOMS, OrderStatus.OUT_FOR_DELIVERY)
DONE = (OrderStatus.DELIVERED, OrderStatus.RETURNED, OrderStatus.PARTLY_RETURNED)
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SIXTEEN = ("vi", "th", "ms", "id", "fil", "km", "lo", "my", "zh-Hans", "ta", "hi", "ar", "ja", "ko", "es", "en")


@pytest.fixture(scope="module")
def demo() -> DemoShop:
    return build_demo(NOW)


def test_two_demo_shops_are_equal(demo: DemoShop) -> None:
    assert build_demo(NOW) == demo


@given(now=MOMENTS)
@settings(max_examples=8, deadline=None)
def test_on_any_day_every_order_could_have_happened(now: datetime) -> None:
    shop = build_demo(now)
    assert [order.number for order in shop.orders] == [order.number for order in build_demo(NOW).orders]
    for order in shop.orders:
        check_amounts(order)
        check_dates(order, now)
        check_parcels(order, now)
        check_refunds(order, now)


def check_amounts(order: Order) -> None:
    amounts = [order.total, order.shipping_fee, order.discount, *(item.unit_price for item in order.items)]
    amounts += [payment.amount for payment in order.payments] + [refund.amount for refund in order.refunds]
    assert {money.currency for money in amounts} == {order.currency}
    assert all(money.amount >= 0 for money in amounts)
    goods = sum(item.unit_price.amount * item.quantity for item in order.items)
    assert order.total.amount == goods + order.shipping_fee.amount - order.discount.amount > 0
    assert all(item.unit_price.amount > 0 and 0 <= item.quantity_returned <= item.quantity for item in order.items)
    paid = sum(p.amount.amount for p in order.payments if p.status in (PaymentStatus.PAID, PaymentStatus.REFUNDED))
    if order.trouble is Trouble.PAID_TWICE:
        assert paid == 2 * order.total.amount
    else:
        assert paid in (0, order.total.amount)
    if order.status in DONE:
        assert paid == order.total.amount
    for payment in order.payments:
        assert (payment.paid_at is not None) == (payment.status in (PaymentStatus.PAID, PaymentStatus.REFUNDED))


def check_dates(order: Order, now: datetime) -> None:
    assert order.placed_at < now
    assert all(payment.paid_at is None or order.placed_at < payment.paid_at < now for payment in order.payments)
    is_waiting = order.status in NOT_SHIPPED
    assert (order.expected_ship_at is not None) == is_waiting
    assert (order.shipped_at is None) == (is_waiting or order.status is OrderStatus.CANCELLED)
    assert (order.cancelled_at is not None) == (order.status is OrderStatus.CANCELLED)
    assert (order.delivered_at is not None) == (order.status in DONE)
    if order.status in ON_THE_WAY:
        assert order.expected_delivery_at is not None
    for expected in (order.expected_ship_at, order.expected_delivery_at):
        assert expected is None or now < expected < now + timedelta(days=40)
    happened = [order.placed_at, order.shipped_at, order.delivered_at, order.cancelled_at, now]
    moments = [moment for moment in happened if moment is not None]
    assert moments == sorted(moments)


def check_parcels(order: Order, now: datetime) -> None:
    assert bool(order.shipments) == (order.shipped_at is not None)
    sent = [item for shipment in order.shipments for item in shipment.item_ids]
    assert sorted(sent) == (sorted(item.id for item in order.items) if order.shipments else [])
    assert (len(order.shipments) == 2) == (order.trouble is Trouble.SPLIT_SHIPMENT)
    for shipment in order.shipments:
        times = [event.at for event in shipment.events]
        assert times == sorted(times)
        assert all(order.placed_at < time < now for time in times)
        assert shipment.events == () or shipment.events[-1].status is shipment.status
        assert (shipment.status is ShipmentStatus.PREPARING) == (not shipment.events)
        assert (shipment.delivered_at is not None) == (shipment.status is ShipmentStatus.DELIVERED)
        if shipment.status in (ShipmentStatus.PREPARING, ShipmentStatus.IN_TRANSIT, ShipmentStatus.IN_CUSTOMS):
            assert shipment.expected_at == order.expected_delivery_at
    if order.status is OrderStatus.IN_CUSTOMS:
        assert order.shipments[0].status is ShipmentStatus.IN_CUSTOMS
        assert order.address.country != "SG"
    if order.status is OrderStatus.SHIPPED:
        assert order.shipments[-1].status in (ShipmentStatus.IN_TRANSIT, ShipmentStatus.PREPARING)


def check_refunds(order: Order, now: datetime) -> None:
    returned = sum(item.unit_price.amount * item.quantity_returned for item in order.items)
    assert bool(returned) == (order.status in (OrderStatus.RETURNED, OrderStatus.PARTLY_RETURNED))
    if order.status is OrderStatus.RETURNED:
        assert all(item.quantity_returned == item.quantity for item in order.items)
    if order.status is OrderStatus.PARTLY_RETURNED:
        assert any(item.quantity_returned < item.quantity for item in order.items)
    for refund in order.refunds:
        assert refund.amount.amount == (returned or order.total.amount)
        assert refund.route in {payment.method.label for payment in order.payments}
        assert max(order.delivered_at or order.placed_at, order.placed_at) < refund.requested_at < now
        assert refund.expected_at is not None
        if refund.status is RefundStatus.PAID:
            assert refund.completed_at is not None
            assert refund.requested_at < refund.completed_at <= refund.expected_at
            assert refund.completed_at < now
        else:
            assert refund.completed_at is None
            assert refund.expected_at > now
    if order.trouble in (Trouble.REFUND_UNDER_WAY, Trouble.PAID_TWICE):
        assert [refund.status is not RefundStatus.PAID for refund in order.refunds] == [True]


def test_the_first_example_of_the_readme_is_there(demo: DemoShop) -> None:
    order = next(order for order in demo.orders if order.number == FIRST_NUMBER == "12345")
    customer = next(customer for customer in demo.customers if customer.id == order.customer_id)
    assert (order.status, order.trouble) == (OrderStatus.WAITING_STOCK, Trouble.RESTOCK)
    assert (customer.language, order.email, order.phone[:3]) == ("vi", "lan.nguyen@example.com", "+84")
    assert order.expected_ship_at is not None
    assert timedelta(days=3) < order.expected_ship_at - NOW < timedelta(days=7)


def test_every_status_and_every_trouble_is_there(demo: DemoShop) -> None:
    assert len(demo.orders) == len({order.number for order in demo.orders}) == 300
    assert all(len(order.number) == 5 and order.number.isdigit() for order in demo.orders)
    assert set(Counter(order.status for order in demo.orders)) == set(OrderStatus)
    assert {order.trouble for order in demo.orders} == {None, *Trouble}


def test_what_else_shoppers_write_about_is_there(demo: DemoShop) -> None:
    days = Counter()
    for order in demo.orders:
        if order.delivered_at and order.status is OrderStatus.DELIVERED and order.trouble is None:
            zone = ZoneInfo(next(c.time_zone for c in demo.customers if c.id == order.customer_id))
            days[(NOW.astimezone(zone).date() - order.delivered_at.astimezone(zone).date()).days] += 1
    assert days[1] >= 10
    assert days[45] >= 5
    assert Counter(order.status for order in demo.orders)[OrderStatus.CANCELLED] >= 10


def test_each_language_has_an_order_that_waits_and_one_that_went_out(demo: DemoShop) -> None:
    language = {customer.id: customer.language for customer in demo.customers}
    waiting = {language[o.customer_id] for o in demo.orders if o.status in NOT_SHIPPED and o.trouble}
    assert waiting == set(registry.LAUNCH) >= set(SIXTEEN)
    assert {language[o.customer_id] for o in demo.orders if o.shipped_at} == set(registry.LAUNCH)


def test_customers_live_in_many_countries_and_are_invented(demo: DemoShop) -> None:
    assert len(demo.customers) >= 60
    assert len({customer.country for customer in demo.customers}) >= 12
    assert len({customer.store_credit.currency for customer in demo.customers}) == 16
    for one in ({c.email for c in demo.customers}, {c.phone for c in demo.customers}):
        assert len(one) == len(demo.customers)
    for customer in demo.customers:
        number = phonenumbers.parse(customer.phone)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.region_code_for_number(number) == customer.country
        assert customer.email.endswith("@example.com")
        assert [address.is_default for address in customer.addresses].count(True) == 1
        assert len(customer.payment_methods) >= 2
    assert any(len(customer.addresses) > 2 for customer in demo.customers)
    assert any(customer.store_credit.amount for customer in demo.customers)


def test_names_are_written_in_their_own_scripts(demo: DemoShop) -> None:
    ranges = {
        "th": "ก๙",
        "km": "ក៹",
        "lo": "ກໝ",
        "my": "က႟",
        "ta": "ஂ௺",
        "hi": "ऀॿ",
        "bn": "ঀ৾",
        "ko": "가힣",
        "ar": "؀ۿ",
        "ru": "Ѐӿ",
    }
    for customer in demo.customers:
        if customer.language in ranges:
            first, last = ranges[customer.language]
            assert all(first <= letter <= last for letter in customer.name if letter.isalpha()), customer.name


def test_the_catalogue_has_twelve_full_categories(demo: DemoShop) -> None:
    assert set(Counter(product.category for product in demo.products).values()) == {10}
    assert len(demo.products) == len({product.title for product in demo.products}) == 120
    for product in demo.products:
        assert len(product.description) > 20
        assert len({tuple(variant.options.values()) for variant in product.variants}) == len(product.variants) > 0
        assert all(variant.price.amount > 0 <= variant.stock for variant in product.variants)
        assert {variant.price.currency for variant in product.variants} == {"SGD"}


def test_ordered_items_exist_and_what_waits_for_restock_is_sold_out(demo: DemoShop) -> None:
    variants = {variant.id: (product, variant) for product in demo.products for variant in product.variants}
    for order in demo.orders:
        for item in order.items:
            product, variant = variants[item.variant_id]
            assert (item.title, item.category, item.options) == (product.title, product.category, variant.options)
        if order.status is OrderStatus.WAITING_STOCK:
            assert variants[order.items[0].variant_id][1].stock == 0


def test_prices_have_the_minor_units_of_their_currency(demo: DemoShop) -> None:
    """The same dress costs about the same everywhere: no currency is off by a factor of a hundred."""
    dollars = {"VND": 19000, "LAK": 16500, "MMK": 1600, "JPY": 112, "KRW": 1030, "IDR": 1180000, "KHR": 310000}
    checked = set()
    for order in demo.orders:
        for item in order.items:
            if item.product_id == "P001" and order.currency in dollars:
                assert item.unit_price.amount / dollars[order.currency] == pytest.approx(49.90, rel=0.02)
                checked.add(order.currency)
    assert "VND" in checked
