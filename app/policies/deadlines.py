"""Days and deadlines: a day ends at the customer's local midnight, a window counts from an item's own delivery."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, tzinfo

from app.models import Order, OrderItem


def end_of_day(day: date, tz: tzinfo) -> datetime:
    """The last second of a local day."""
    return datetime.combine(day, time(23, 59, 59), tz)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day: 29 February + 12 months is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_after(start: datetime, days: int, tz: tzinfo) -> datetime:
    """The last second of the local day that is so many days after ``start``; the day itself counts as day 0."""
    return end_of_day(start.astimezone(tz).date() + timedelta(days=days), tz)


def is_past(deadline: datetime, now: datetime, tz: tzinfo) -> bool:
    """True from the local midnight that follows the deadline's day."""
    return now.astimezone(tz).date() > deadline.astimezone(tz).date()


def delivered_at(order: Order, item: OrderItem | None = None) -> datetime | None:
    """When an item's own parcel arrived; without an item, when the last parcel did. None: not (all) there yet."""
    if item is None:
        arrivals = [delivered_at(order, each) for each in order.items]
        known = [at for at in arrivals if at is not None]
        return max(known) if known and len(known) == len(arrivals) else None
    parcels = [parcel for parcel in order.shipments if item.id in parcel.item_ids]
    if not parcels:
        return order.delivered_at
    times = [parcel.delivered_at for parcel in parcels]
    return max(at for at in times if at is not None) if all(times) else None
