"""Problems, lateness, warranty and invoices: each has a first and a last day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.models import OrderStatus
from app.policies import can_claim_warranty, can_report_problem, can_resend_invoice, is_late, warranty_until
from app.policies.deadlines import add_months
from tests.policies.orders import (
    DAMAGED,
    DELAYS,
    INVOICES,
    PLACED,
    SAIGON,
    WARRANTY,
    delivered,
    item,
    local,
    order,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("kind", "last"), [("damaged", 8), ("wrong", 8), ("missing", 8), ("not_received", 15)])
def test_a_problem_can_be_reported_until_the_last_second_of_its_last_day(kind: str, last: int) -> None:
    bought = delivered(local(2026, 11, 1, 0, 5))
    end = local(2026, 11, last, 23, 59, 59)
    assert can_report_problem(bought, kind, DAMAGED, DELAYS, SAIGON, end).allowed  # type: ignore[arg-type]
    late = can_report_problem(bought, kind, DAMAGED, DELAYS, SAIGON, end + SECOND)  # type: ignore[arg-type]
    assert (late.reason, late.deadline) == ("too_late", end)


def test_damage_cannot_be_reported_before_the_parcel_came() -> None:
    assert can_report_problem(order(), "damaged", DAMAGED, DELAYS, SAIGON, PLACED).reason == "not_delivered"


def test_a_parcel_is_lost_only_after_the_days_that_the_policy_gives_the_carrier() -> None:
    sent = replace(order(status=OrderStatus.SHIPPED), shipped_at=PLACED, expected_delivery_at=local(2026, 11, 10))
    soon = can_report_problem(sent, "not_received", DAMAGED, DELAYS, SAIGON, local(2026, 11, 24, 23, 59))
    assert (soon.reason, soon.deadline) == ("too_early", local(2026, 11, 24, 23, 59, 59))
    assert can_report_problem(sent, "not_received", DAMAGED, DELAYS, SAIGON, local(2026, 11, 25, 0, 0)).allowed


def test_an_order_that_never_left_cannot_be_lost() -> None:
    waiting = replace(order(), expected_delivery_at=local(2026, 11, 1))
    answer = can_report_problem(waiting, "not_received", DAMAGED, DELAYS, SAIGON, local(2026, 12, 31))
    assert answer.reason == "wrong_status"


def test_lateness_begins_after_the_days_of_grace_and_ends_with_delivery() -> None:
    waiting = replace(order(), expected_ship_at=local(2026, 11, 10))
    assert is_late(waiting, DELAYS, SAIGON, local(2026, 11, 13, 23, 59)).reason == "not_late"
    assert is_late(waiting, DELAYS, SAIGON, local(2026, 11, 14, 0, 0)).allowed
    assert is_late(replace(waiting, status=OrderStatus.DELIVERED), DELAYS, SAIGON, local(2027, 1, 1)).allowed is False
    assert is_late(order(), DELAYS, SAIGON, local(2027, 1, 1)).reason == "not_late"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_end_on_a_day_that_exists(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_the_warranty_depends_on_the_category_and_may_be_none() -> None:
    bought = delivered(
        local(2028, 2, 29), item("i1", category="electronics"), item("i2"), item("i3", category="underwear")
    )
    phone, shoe, pants = bought.items
    assert warranty_until(bought, phone, WARRANTY, SAIGON) == local(2029, 2, 28, 23, 59, 59)
    assert warranty_until(bought, shoe, WARRANTY, SAIGON) == local(2028, 5, 29, 23, 59, 59)
    assert warranty_until(bought, pants, WARRANTY, SAIGON) is None
    end = local(2029, 2, 28, 23, 59, 59)
    assert can_claim_warranty(bought, "i1", WARRANTY, SAIGON, end).allowed
    assert can_claim_warranty(bought, "i1", WARRANTY, SAIGON, end + SECOND).reason == "too_late"
    assert can_claim_warranty(bought, "i3", WARRANTY, SAIGON, end).reason == "no_warranty"
    assert can_claim_warranty(order(), "i1", WARRANTY, SAIGON, end).reason == "not_delivered"
    assert can_claim_warranty(bought, "i9", WARRANTY, SAIGON, end).reason == "unknown_item"


def test_an_invoice_needs_a_payment_and_can_be_sent_for_a_year() -> None:
    assert can_resend_invoice(order(paid=False), INVOICES, SAIGON, PLACED).reason == "not_paid"
    assert can_resend_invoice(order(), INVOICES, SAIGON, local(2027, 11, 1, 23, 59, 59)).allowed
    assert can_resend_invoice(order(), INVOICES, SAIGON, local(2027, 11, 2, 0, 0, 0)).reason == "too_late"
