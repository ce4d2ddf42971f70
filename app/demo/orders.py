"""Turns a plan into an order: amounts that add up, and dates in an order that could have happened."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.demo.plan import Plan
from app.demo.prices import convert
from app.demo.shipments import Calendar, build_shipments
from app.models import (
    Address,
    Money,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    Trouble,
)

FREE_SHIPPING_DOLLARS = 80.0
SHIPPING_DOLLARS = 4.90
NOON, EVENING = 12 * 60, 18 * 60
"""Minutes of the local day that expected dates fall on: the same date in the neighbouring time zones."""


def build_order(plan: Plan, now: datetime) -> Order:
    """The order of a plan, as it stands at ``now`` (aware)."""
    return _Builder(plan, now).build()


@dataclass(frozen=True, slots=True)
class _Amounts:
    items: tuple[OrderItem, ...]
    subtotal: int
    shipping: int
    discount: int

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping - self.discount


class _Builder:
    def __init__(self, plan: Plan, now: datetime) -> None:
        self.plan = plan
        self.scenario = plan.scenario
        self.customer = plan.person.customer
        self.currency = self.customer.store_credit.currency
        self.calendar = Calendar(now.astimezone(ZoneInfo(self.customer.time_zone)))
        self.random: Random = plan.random

    def build(self) -> Order:
        plan, scenario = self.plan, self.scenario
        amounts = self._add_up()
        placed = self.calendar.at(-plan.placed_ago, plan.minute)
        shipments = build_shipments(plan, self.calendar, tuple(item.id for item in amounts.items), self.random)
        due = self._due()
        return Order(
            number=plan.number,
            customer_id=self.customer.id,
            status=scenario.status,
            trouble=scenario.trouble,
            placed_at=placed,
            currency=self.currency,
            total=self._money(amounts.total),
            shipping_fee=self._money(amounts.shipping),
            discount=self._money(amounts.discount),
            email=self.customer.email,
            phone=self.customer.phone,
            address=self._address(),
            items=amounts.items,
            payments=self._payments(amounts.total, placed),
            shipments=shipments,
            refunds=self._refunds(amounts),
            expected_ship_at=due if scenario.stage == "placed" else None,
            expected_delivery_at=due if shipments and due else None,
            shipped_at=shipments[0].shipped_at if shipments else None,
            delivered_at=shipments[0].delivered_at if scenario.stage == "delivered" else None,
            cancelled_at=self.calendar.at(-plan.ended_ago, NOON) if scenario.stage == "cancelled" else None,
        )

    def _due(self) -> datetime | None:
        """When it ships or arrives. A refund's own date is not it."""
        if self.scenario.due_in is None or self.scenario.stage in ("delivered", "cancelled"):
            return None
        if self.plan.due_in == 0:
            return self.calendar.end_of_today()
        return self.calendar.at(self.plan.due_in, NOON if self.scenario.stage == "placed" else EVENING)

    def _money(self, amount: int) -> Money:
        return Money(amount, self.currency)

    def _add_up(self) -> _Amounts:
        items = tuple(
            OrderItem(
                id=f"{self.plan.number}-{place + 1}",
                product_id=offer.product.id,
                variant_id=offer.variant.id,
                title=offer.product.title,
                category=offer.product.category,
                options=offer.variant.options,
                quantity=quantity,
                unit_price=self._money(convert(offer.dollars, self.currency)),
            )
            for place, (offer, quantity) in enumerate(self.plan.lines)
        )
        dollars = sum(offer.dollars * quantity for offer, quantity in self.plan.lines)
        # No discount where items came back: how it is shared out among items is a policy's business.
        is_discounted = not self.scenario.returns and self.random.random() < 0.15
        return _Amounts(
            items=self._mark_returned(items),
            subtotal=sum(item.unit_price.amount * item.quantity for item in items),
            shipping=0 if dollars >= FREE_SHIPPING_DOLLARS else convert(SHIPPING_DOLLARS, self.currency),
            discount=convert(dollars / 10, self.currency) if is_discounted else 0,
        )

    def _mark_returned(self, items: tuple[OrderItem, ...]) -> tuple[OrderItem, ...]:
        if self.scenario.returns == "all":
            return tuple(replace(item, quantity_returned=item.quantity) for item in items)
        if self.scenario.returns == "some":
            return (replace(items[0], quantity_returned=items[0].quantity), *items[1:])
        return items

    def _address(self) -> Address:
        address = self.customer.addresses[0]
        if self.scenario.trouble is Trouble.ADDRESS_INCOMPLETE:
            return replace(address, lines=address.lines[1:], postal_code="")
        return address

    def _payments(self, total: int, placed: datetime) -> tuple[Payment, ...]:
        status, paid_at = self._payment_state(placed)
        count = 2 if self.scenario.trouble is Trouble.PAID_TWICE else 1
        return tuple(
            Payment(
                id=f"{self.plan.number}-P{place + 1}",
                method=self.plan.method,
                amount=self._money(total),
                status=status,
                paid_at=None if paid_at is None else paid_at + place * timedelta(minutes=2),
            )
            for place in range(count)
        )

    def _payment_state(self, placed: datetime) -> tuple[PaymentStatus, datetime | None]:
        scenario = self.scenario
        if scenario.trouble in (Trouble.PAYMENT_FAILED, Trouble.COD_REFUSED) or scenario.name == "cancelled_unpaid":
            return PaymentStatus.FAILED, None
        if scenario.status is OrderStatus.PENDING_PAYMENT:
            return PaymentStatus.PENDING, None
        if self.plan.method.kind == "cod":
            if scenario.stage != "delivered":
                return PaymentStatus.PENDING, None
            return PaymentStatus.PAID, self.calendar.at(-self.plan.ended_ago, self.plan.minute // 2 + 5 * 60)
        is_refunded = scenario.refund is RefundStatus.PAID and scenario.returns != "some"
        status = PaymentStatus.REFUNDED if is_refunded else PaymentStatus.PAID
        return status, placed + timedelta(minutes=self.random.randint(1, 9))

    def _refunds(self, amounts: _Amounts) -> tuple[Refund, ...]:
        status = self.scenario.refund
        if status is None:
            return ()
        requested_ago = self._requested_ago()
        is_paid = status is RefundStatus.PAID
        expected = -(requested_ago - 5) if is_paid else self.plan.due_in
        return (
            Refund(
                id=f"{self.plan.number}-R1",
                amount=self._money(self._refund_amount(amounts)),
                status=status,
                reason=self.scenario.refund_reason,
                route=self.plan.method.label,
                requested_at=self.calendar.at(-requested_ago, NOON + 90),
                expected_at=self.calendar.at(max(expected, 1) if not is_paid else expected, NOON),
                completed_at=self.calendar.at(-(requested_ago - 3), NOON) if is_paid else None,
            ),
        )

    def _requested_ago(self) -> int:
        if self.scenario.refund_reason == "paid_twice":
            return max(self.plan.placed_ago - 1, 1)
        return self.plan.ended_ago - (0 if self.scenario.stage == "cancelled" else 5)

    def _refund_amount(self, amounts: _Amounts) -> int:
        """What came back, without the shipping fee; all of it where nothing was sent or it was paid twice."""
        if self.scenario.returns:
            return sum(item.unit_price.amount * item.quantity_returned for item in amounts.items)
        return amounts.total
