"""The order card: its timeline tells the order's own dates, in order, and its text is escaped."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from app import formats
from app.demo import build_demo
from app.models import Order, OrderStatus
from app.pages.order_card import MOST_ORDERS, OrderCard
from app.timeline import list_steps
from app.wording import Wording

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ORDERS = build_demo(NOW).orders
WORDING = Wording()
ZONE = "Asia/Singapore"


def first(status: OrderStatus) -> Order:
    return next(order for order in ORDERS if order.status is status)


def test_the_timeline_of_every_demo_order_runs_forward_and_has_at_most_one_present() -> None:
    for order in ORDERS:
        steps = list_steps(order)
        states = [step.state for step in steps]
        assert states.count("now") + states.count("bad") <= 1, order.number
        assert states == sorted(states, key=["done", "now", "bad", "next"].index), order.number
        past = [step.at for step in steps if step.at is not None and step.state != "next"]
        assert all(a <= b for a, b in pairwise(past)), order.number


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_status_is_named_on_its_card_in_khmer(status: OrderStatus) -> None:
    order = first(status)
    html = OrderCard(WORDING, "km", ZONE).render([order])
    assert WORDING.label(f"status_{status}", "km") in html
    assert order.number in html


def test_a_card_shows_no_date_that_the_order_does_not_have() -> None:
    order = first(OrderStatus.WAITING_STOCK)
    steps = list_steps(order)
    assert [step.at for step in steps] == [
        order.placed_at,
        None,
        order.expected_ship_at,
        order.expected_delivery_at,
    ]


def test_titles_options_and_tracking_numbers_are_text() -> None:
    order = first(OrderStatus.SHIPPED)
    evil = "<img src=x onerror=alert(1)>"
    items = (replace(order.items[0], title=evil, options={"size": evil}), *order.items[1:])
    shipments = (replace(order.shipments[0], carrier=evil, tracking_number=evil),)
    html = OrderCard(WORDING, "ar", ZONE).render([replace(order, items=items, shipments=shipments)])
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 4


def test_no_address_e_mail_or_phone_is_on_the_card() -> None:
    for order in ORDERS[:60]:
        html = OrderCard(WORDING, "en", ZONE).render([order])
        for secret in (order.email, order.phone, order.address.recipient, *order.address.lines):
            assert secret not in html, order.number


def test_many_orders_are_cut_at_a_few_cards_with_only_the_first_open() -> None:
    html = OrderCard(WORDING, "vi", ZONE).render(ORDERS[:9])
    assert html.count("<details") == MOST_ORDERS
    assert html.count(" open>") == 1
    assert OrderCard(WORDING, "vi", ZONE).render([]) == ""


def test_money_and_dates_are_written_as_the_locale_writes_them() -> None:
    order = first(OrderStatus.DELIVERED)
    html = OrderCard(WORDING, "ja", ZONE).render([order])
    assert formats.money(order.total, "ja") in html
    assert order.delivered_at is not None
    assert formats.long_date(formats.day(order.delivered_at, ZONE), "ja") in html
