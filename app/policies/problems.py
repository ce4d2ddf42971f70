"""When something went wrong: damage, missing parcels, lateness, warranty, invoices."""

from datetime import datetime, tzinfo
from typing import Literal

from app.models import Order, OrderItem, OrderStatus, PaymentStatus
from app.policies.deadlines import add_months, days_after, delivered_at, end_of_day, is_past
from app.policies.decisions import Decision
from app.policies.rules import DamagedRules, DelaysRules, InvoicesRules, WarrantyRules
from app.policies.unshipped import ARRIVED, has_left

Problem = Literal["damaged", "wrong", "missing", "not_received"]


def can_report_problem(
    order: Order, kind: Problem, damaged: DamagedRules, delays: DelaysRules, tz: tzinfo, now: datetime
) -> Decision:
    """Whether a problem can still (or already) be reported: damaged, wrong, missing, or never received."""
    if order.status is OrderStatus.CANCELLED:
        return Decision(False, "already_cancelled", policy="damaged", section="report")
    if kind == "not_received":
        return _decide_not_received(order, damaged, delays, tz, now)
    arrived = [at for at in (delivered_at(order, item) for item in order.items) if at is not None]
    if not arrived:
        return Decision(False, "not_delivered", policy="damaged", section="report")
    deadline = days_after(max(arrived), damaged.report_within_days, tz)
    late = is_past(deadline, now, tz)
    return Decision(not late, "too_late" if late else "ok", deadline=deadline, policy="damaged", section="report")


def _decide_not_received(
    order: Order, damaged: DamagedRules, delays: DelaysRules, tz: tzinfo, now: datetime
) -> Decision:
    arrived = [at for at in (delivered_at(order, item) for item in order.items) if at is not None]
    if arrived:
        deadline = days_after(max(arrived), damaged.missing_parcel_within_days, tz)
        late = is_past(deadline, now, tz)
        return Decision(not late, "too_late" if late else "ok", deadline, policy="damaged", section="not-received")
    if not has_left(order):
        return Decision(False, "wrong_status", policy="delays", section="late")
    expected = order.expected_delivery_at
    lost = None if expected is None else days_after(expected, delays.lost_after_days, tz)
    if lost is not None and not is_past(lost, now, tz):
        return Decision(False, "too_early", deadline=lost, policy="delays", section="lost")
    return Decision(True, "ok", policy="delays", section="lost")


def is_late(order: Order, rules: DelaysRules, tz: tzinfo, now: datetime) -> Decision:
    """Whether an order is late by the shop's own measure; ``deadline`` is the day up to which it was not."""
    if order.status in ARRIVED or order.status is OrderStatus.CANCELLED:
        return Decision(False, "wrong_status", policy="delays", section="late")
    expected = order.expected_delivery_at or order.expected_ship_at
    if expected is None:
        return Decision(False, "not_late", policy="delays", section="late")
    deadline = days_after(expected, rules.late_after_days, tz)
    late = is_past(deadline, now, tz)
    return Decision(late, "ok" if late else "not_late", deadline=deadline, policy="delays", section="late")


def warranty_until(order: Order, item: OrderItem, rules: WarrantyRules, tz: tzinfo) -> datetime | None:
    """The last second of an item's warranty, or None: without warranty, or not delivered."""
    months = rules.months_by_category.get(item.category, rules.default_months)
    arrived = delivered_at(order, item)
    if arrived is None or months == 0:
        return None
    return end_of_day(add_months(arrived.astimezone(tz).date(), months), tz)


def can_claim_warranty(order: Order, item_id: str, rules: WarrantyRules, tz: tzinfo, now: datetime) -> Decision:
    """Whether an item is still under the shop's warranty."""
    item = next((item for item in order.items if item.id == item_id), None)
    if item is None:
        return Decision(False, "unknown_item", policy="warranty", section="length")
    if rules.months_by_category.get(item.category, rules.default_months) == 0:
        return Decision(False, "no_warranty", policy="warranty", section="length")
    deadline = warranty_until(order, item, rules, tz)
    if deadline is None:
        return Decision(False, "not_delivered", policy="warranty", section="length")
    late = is_past(deadline, now, tz)
    return Decision(not late, "too_late" if late else "ok", deadline=deadline, policy="warranty", section="length")


def can_resend_invoice(order: Order, rules: InvoicesRules, tz: tzinfo, now: datetime) -> Decision:
    """Whether the invoice of an order can be sent (again): it needs a payment and has a last day."""
    paid = [p for p in order.payments if p.status in (PaymentStatus.PAID, PaymentStatus.REFUNDED)]
    if not paid:
        return Decision(False, "not_paid", policy="invoices", section="get")
    deadline = days_after(order.placed_at, rules.request_within_days, tz)
    late = is_past(deadline, now, tz)
    return Decision(not late, "too_late" if late else "ok", deadline=deadline, policy="invoices", section="get")
