"""Parcels of the demo shop and where they have been. All are sent from the warehouse in Singapore."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from app.demo.plan import Plan
from app.models import OrderStatus, Shipment, ShipmentEvent, ShipmentStatus, Trouble

WAREHOUSE = "Kaunter Mart warehouse, Singapore"
CARRIERS = {"SG": "Merlion Parcel", "VN": "Sen Express", "TH": "Chang Parcel", "ID": "Nusa Kurir"}
OTHER_CARRIER = "Strait Post International"

_S = ShipmentStatus


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days around the present as the customer counts them."""

    now: datetime
    """In the customer's time zone."""

    def at(self, days: int, minute: int) -> datetime:
        """A minute of the local day so many days from today, in UTC."""
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
        return midnight.replace(hour=minute // 60, minute=minute % 60).astimezone(UTC)

    def end_of_today(self) -> datetime:
        end = self.now.replace(hour=23, minute=59, second=59, microsecond=999999)
        return (end if end > self.now else end + timedelta(days=1)).astimezone(UTC)


def build_shipments(plan: Plan, calendar: Calendar, item_ids: tuple[str, ...], random: Random) -> tuple[Shipment, ...]:
    """Nothing for what was never sent; two parcels, the second still to be packed, for a split shipment."""
    if plan.scenario.stage in ("placed", "cancelled"):
        return ()
    is_split = plan.scenario.trouble is Trouble.SPLIT_SHIPMENT
    sent = _build_sent(plan, calendar, item_ids[:1] if is_split else item_ids, random)
    if not is_split:
        return (sent,)
    due = calendar.at(plan.due_in, 18 * 60)
    return sent, Shipment(f"{plan.number}-S2", sent.carrier, "", _S.PREPARING, item_ids[1:], expected_at=due)


def _build_sent(plan: Plan, calendar: Calendar, item_ids: tuple[str, ...], random: Random) -> Shipment:
    shipped = calendar.at(-plan.shipped_ago, random.randint(9 * 60, 16 * 60))
    events = _tell(plan, calendar, shipped, random)
    country = plan.person.customer.country
    is_delivered = events[-1].status is _S.DELIVERED
    return Shipment(
        id=f"{plan.number}-S1",
        carrier=CARRIERS.get(country, OTHER_CARRIER),
        tracking_number=f"KM{random.randint(10**8, 10**9 - 1)}{country}",
        status=events[-1].status,
        item_ids=item_ids,
        shipped_at=shipped,
        expected_at=_expected(plan, calendar, shipped, is_delivered),
        delivered_at=events[-1].at if is_delivered else None,
        events=events,
    )


def _expected(plan: Plan, calendar: Calendar, shipped: datetime, is_delivered: bool) -> datetime | None:
    if is_delivered:
        return shipped + timedelta(days=8)
    if plan.scenario.due_in is None:
        return None
    return calendar.at(plan.due_in, 18 * 60) if plan.due_in else calendar.end_of_today()


def _tell(plan: Plan, calendar: Calendar, shipped: datetime, random: Random) -> tuple[ShipmentEvent, ...]:
    """The parcel's way so far: evenly spread from dispatch, but out for delivery only on the last day."""
    road = _choose_road(plan)
    last = _last_moment(plan, calendar, shipped, random)
    events = [ShipmentEvent(shipped - timedelta(hours=2), _S.PREPARING, WAREHOUSE)]
    arrived = len(road) - 1
    if road[-1][0] in (_S.DELIVERED, _S.FAILED):
        arrived -= 1
    for place, (status, where) in enumerate(road):
        at = shipped + (last - shipped) * (place / max(arrived, 1))
        if place >= arrived > 0:
            at = last - timedelta(hours=4) * (len(road) - 1 - place)
        events.append(ShipmentEvent(at.replace(second=0, microsecond=0), status, where))
    return tuple(events)


def _choose_road(plan: Plan) -> list[tuple[ShipmentStatus, str]]:
    person = plan.person
    hub, city = person.hub, person.customer.addresses[0].city
    entry = [(_S.IN_TRANSIT, hub), (_S.IN_CUSTOMS, hub)] if person.is_abroad else []
    cleared = [*entry, (_S.IN_TRANSIT, hub)] if person.is_abroad else [(_S.IN_TRANSIT, "Singapore")]
    start = [(_S.IN_TRANSIT, "Singapore")]
    door = [*start, *cleared, (_S.OUT_FOR_DELIVERY, city)]
    if plan.scenario.trouble is Trouble.SPLIT_SHIPMENT:
        return [*door, (_S.DELIVERED, city)]
    match plan.scenario.status:
        case OrderStatus.IN_CUSTOMS:
            return [*start, *entry]
        case OrderStatus.SHIPPED:
            # Resting in customs is a status of its own, so a parcel on its way is before it or through it.
            return start + (cleared if plan.shipped_ago >= 3 else cleared[: plan.shipped_ago - 1])
        case OrderStatus.OUT_FOR_DELIVERY:
            return door
        case OrderStatus.DELIVERY_FAILED:
            return [*door, (_S.FAILED, city)]
        case _:
            return [*door, (_S.DELIVERED, city)]


def _last_moment(plan: Plan, calendar: Calendar, shipped: datetime, random: Random) -> datetime:
    if plan.scenario.stage in ("delivered", "failed"):
        return calendar.at(-plan.ended_ago, plan.minute // 2 + 5 * 60)
    if plan.scenario.status is OrderStatus.OUT_FOR_DELIVERY:
        return calendar.now.astimezone(UTC) - timedelta(minutes=random.randint(60, 240))
    if plan.shipped_ago < 2:
        return shipped + timedelta(hours=6)
    return calendar.at(-1, random.randint(8 * 60, 20 * 60))
