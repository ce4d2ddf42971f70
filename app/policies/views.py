"""What a policy's prose may say about one order: facts and the decisions of the rules, nothing personal."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TypeVar

from app.models import Order
from app.policies import deadlines, problems, returning, unshipped
from app.policies.documents import Policy
from app.policies.rendering import OrderView, local
from app.policies.rules import (
    RULES,
    AddressChangeRules,
    CancellationRules,
    DamagedRules,
    DelaysRules,
    ExchangesRules,
    RefundsRules,
    ReturnsRules,
    Rules,
    ShippingRules,
)

R = TypeVar("R", bound=Rules)


def _rules(policies: Mapping[str, Policy], kind: type[R]) -> R | None:
    identifier = next(name for name, model in RULES.items() if model is kind)
    policy = policies.get(identifier)
    return policy.rules if policy is not None and isinstance(policy.rules, kind) else None


def view_order(order: Order, policies: Mapping[str, Policy], tz: tzinfo, now: datetime) -> OrderView:
    """The view of an order; a decision whose policy the shop does not have counts as no."""
    cancellation, refunds = _rules(policies, CancellationRules), _rules(policies, RefundsRules)
    returns, address = _rules(policies, ReturnsRules), _rules(policies, AddressChangeRules)
    delays, shipping = _rules(policies, DelaysRules), _rules(policies, ShippingRules)
    coming_back = returning.can_return(order, returns, refunds, tz, now) if returns and refunds else None
    country = order.address.country
    return OrderView(
        number=order.number,
        status=order.status.value,
        trouble=order.trouble.value if order.trouble else None,
        country=country,
        currency=order.currency,
        total=order.total,
        placed_at=order.placed_at.astimezone(tz),
        shipped_at=local(order.shipped_at, tz),
        delivered_at=local(order.delivered_at, tz),
        expected_ship_at=local(order.expected_ship_at, tz),
        expected_delivery_at=local(order.expected_delivery_at, tz),
        return_deadline=returning.return_deadline(order, None, returns, tz) if returns else None,
        exchange_deadline=_after_delivery(order, _rules(policies, ExchangesRules), tz),
        report_deadline=_after_delivery(order, _rules(policies, DamagedRules), tz),
        can_cancel=bool(cancellation and refunds and unshipped.can_cancel(order, cancellation, refunds)),
        can_change_address=bool(address and unshipped.can_change_address(order, None, address)),
        can_return=bool(coming_back),
        return_reason=coming_back.reason if coming_back else "wrong_status",
        is_late=bool(delays and problems.is_late(order, delays, tz, now)),
        delivery_days=shipping.delivery_days.get(country, shipping.other_countries_days) if shipping else (0, 0),
        paid_by=order.payments[-1].method.kind if order.payments else "",
    )


def _after_delivery(order: Order, rules: ExchangesRules | DamagedRules | None, tz: tzinfo) -> datetime | None:
    if rules is None:
        return None
    days = rules.window_days if isinstance(rules, ExchangesRules) else rules.report_within_days
    arrived = [at for at in (deadlines.delivered_at(order, item) for item in order.items) if at is not None]
    return deadlines.days_after(max(arrived), days, tz) if arrived else None
