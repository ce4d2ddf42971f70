"""Sets the shop up for one scenario: finds the orders that it describes, and moves, gives and changes them.

Pure: contents of the demo shop in, records to be stored out. Leaves storing them to ``playing``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.errors import ScenarioError
from app.evaluation.paths import change_at, flatten
from app.evaluation.scenario import OrderWanted, Scenario
from app.models import Customer, Order
from app.store.imports import ShopContents

NOON = 12


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is at the counter and which orders the scenario's names mean."""

    customer: Customer
    orders: dict[str, Order]
    """By the scenario's names, with ``stranger``."""

    @property
    def own(self) -> list[Order]:
        return [order for name, order in self.orders.items() if name != "stranger"]


def set_stage(scenario: Scenario, shop: ShopContents, now: datetime) -> Stage:
    """Find or make what the scenario describes. Raises ScenarioError when no order of the shop fits."""
    wanted = {"order": OrderWanted(), **scenario.situation.shop}
    stranger_wanted = wanted.pop("stranger", OrderWanted())
    if not shop.customers or not shop.orders:
        raise ScenarioError("the shop has no customers or no orders", scenario.key)
    people = {customer.id: customer for customer in shop.customers}
    customer = _choose_customer(scenario, wanted, shop, people)
    taken: set[str] = set()
    orders: dict[str, Order] = {}
    for name, description in wanted.items():
        found = _find(description, shop.orders, customer, taken)
        if found is None:
            raise ScenarioError(f"no order of the shop is as {name!r} is described", scenario.key)
        taken.add(found.number)
        orders[name] = _dress(found, description, customer, now, f"{scenario.key}: {name}")
    others = [order for order in shop.orders if order.customer_id != customer.id]
    stranger = _find(stranger_wanted, others, None, taken)
    if stranger is None:
        raise ScenarioError("no order of another customer is as 'stranger' is described", scenario.key)
    orders["stranger"] = _dress(
        stranger, stranger_wanted, people[stranger.customer_id], now, f"{scenario.key}: stranger"
    )
    return Stage(customer, orders)


def _choose_customer(
    scenario: Scenario, wanted: dict[str, OrderWanted], shop: ShopContents, people: dict[str, Customer]
) -> Customer:
    """Somebody of the language, by preference who has such an order already."""
    speakers = {key for key, customer in people.items() if customer.language == scenario.language}
    owned = (o for o in shop.orders if o.customer_id in speakers and _fits(o, wanted["order"]))
    first = next(owned, None)
    if first is not None:
        return people[first.customer_id]
    return next((c for c in shop.customers if c.id in speakers), shop.customers[0])


def _find(wanted: OrderWanted, orders: Iterable[Order], customer: Customer | None, taken: set[str]) -> Order | None:
    fitting = [order for order in orders if order.number not in taken and _fits(order, wanted)]
    own = (order for order in fitting if customer and order.customer_id == customer.id)
    return next(own, None) or next(iter(fitting), None)


def _fits(order: Order, wanted: OrderWanted) -> bool:
    said = wanted.model_fields_set
    categories = {item.category for item in order.items}
    refund = order.refunds[-1].status if order.refunds else None
    paid_by = {payment.method.kind for payment in order.payments}
    return (
        ("status" not in said or order.status == wanted.status)
        and ("trouble" not in said or order.trouble == wanted.trouble)
        and ("refund" not in said or refund == wanted.refund)
        and (not wanted.paid_by or bool(paid_by & set(wanted.paid_by)))
        and (wanted.items is None or len(order.items) == wanted.items)
        and (not wanted.category or categories == {wanted.category})
        and not categories & set(wanted.not_category)
        and (wanted.delivered_days_ago is None or order.delivered_at is not None)
        and (wanted.shipped_days_ago is None or order.shipped_at is not None)
    )


def _dress(order: Order, wanted: OrderWanted, customer: Customer, now: datetime, where: str) -> Order:
    if order.customer_id != customer.id:
        address = customer.addresses[0] if customer.addresses else order.address
        order = replace(order, customer_id=customer.id, email=customer.email, phone=customer.phone, address=address)
    zone = ZoneInfo(customer.time_zone or "UTC")
    for path, days in (
        ("delivered_at", wanted.delivered_days_ago),
        ("shipped_at", wanted.shipped_days_ago),
        ("placed_at", wanted.placed_days_ago),
    ):
        at = getattr(order, path)
        if days is not None and at is not None:
            ago = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
            order = _move(order, timedelta(days=ago - days))
    for path, value in wanted.set.items():
        try:
            order = change_at(order, path, _read_time(value, now, zone))
        except (KeyError, ValueError):
            raise ScenarioError(f"set: {path} is nothing of an order that can be {value!r}", where) from None
    return order


def _move(order: Order, by: timedelta) -> Order:
    moved: Any = order
    for path, value in flatten(order, ""):
        if isinstance(value, datetime):
            moved = change_at(moved, path.removeprefix("."), value + by)
    assert isinstance(moved, Order)  # noqa: S101 - the same record with other times
    return moved


def _read_time(value: Any, now: datetime, zone: ZoneInfo) -> Any:
    """``+2d``, ``-30d`` and ``today`` as noon of the customer's day; anything else as it is."""
    if not isinstance(value, str):
        return value
    days = 0 if value == "today" else None
    if value[:1] in "+-" and value[-1:] == "d" and value[1:-1].isdecimal():
        days = int(value[:-1])
    if days is None:
        return value
    local = now.astimezone(zone).replace(hour=NOON, minute=0, second=0, microsecond=0)
    return (local + timedelta(days=days)).astimezone(now.tzinfo)


def list_changed(stage: Stage, shop: ShopContents) -> Sequence[Order]:
    """Orders of the stage that are not in the shop as they are."""
    known = {order.number: order for order in shop.orders}
    return [order for order in stage.orders.values() if known[order.number] != order]
