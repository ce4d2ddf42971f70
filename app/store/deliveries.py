"""Webhook deliveries: each is taken once, and never in the place of newer news of the same order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select

from app.store import tables as t
from app.store.imports import Imports, Plan, Wanted, change_records

Taken = Literal["stored", "replayed", "outdated"]

REMEMBERED = timedelta(days=30)
"""Shopify tries for 4 hours, WooCommerce once; an older replay is outdated by the order's own time."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """``keys`` identify it (hashes): one that was seen makes it a replay."""

    keys: Sequence[str]
    source: str
    order_number: str
    updated_at: datetime


class Deliveries(Imports):
    """See the module; ``Store`` is what others use."""

    async def find_platform(self, order_number: str) -> str | None:
        """Which platform keeps this order, None for one that is kept here."""
        async with self._reading() as session:
            return await session.scalar(select(t.OrderNewsRow.source).where(t.OrderNewsRow.number == order_number))

    async def take_delivery(self, delivery: Delivery, wanted: Wanted, plan: Plan) -> Taken:
        """Store what the plan makes of it, once; in one transaction with the memory that it came.

        Raises ConfigurationError when the database holds the demo shop, and whatever the plan raises.
        """
        now = self.clock()
        async with self._writing() as session:
            await self._lock_shop(session)
            await self._settle_source(session, replace_demo=False)
            seen = await session.scalar(select(t.DeliveryRow.id).where(t.DeliveryRow.id.in_(delivery.keys)).limit(1))
            if seen is not None:
                return "replayed"
            await session.execute(delete(t.DeliveryRow).where(t.DeliveryRow.at < now - REMEMBERED))
            session.add_all(t.DeliveryRow(id=key, at=now) for key in delivery.keys)
            news = await session.get(t.OrderNewsRow, delivery.order_number)
            if news is not None and news.updated_at > delivery.updated_at:
                return "outdated"
            if news is not None:
                await session.delete(news)
            await session.flush()
            await change_records(session, wanted, plan)
            session.add(
                t.OrderNewsRow(number=delivery.order_number, source=delivery.source, updated_at=delivery.updated_at)
            )
        return "stored"
