"""The shop's own tables: orders, customers, products; and the view of one verified customer (I5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.models import ContactOfOrder, Customer, Identity, Order, OrderStatus, Product
from app.shop import CustomerShop, VerifiedShop
from app.store import shop_rows
from app.store import tables as t
from app.store.database import Database

Source = Literal["demo", "imported"]


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """An order for the staff's list, with whose it is."""

    order: Order
    customer_name: str
    language: str


class Shop(Database):
    """See the module; ``Store`` is what others use."""

    is_external = False

    def customer_shop(self, identity: Identity | None, *, fresh: bool = False) -> CustomerShop:
        """What this identity opens, and nothing else; products only, while nobody is verified. Always fresh."""
        return VerifiedShop(self, identity)

    async def find_order_contact(self, number: str) -> ContactOfOrder | None:
        """For contact proof: the caller answers None and a wrong contact alike."""
        async with self._reading() as session:
            row = await session.get(t.OrderRow, number)
            return None if row is None else ContactOfOrder(row.number, row.customer_id, row.email, row.phone)

    async def find_customer(self, customer_id: str) -> Customer | None:
        async with self._reading() as session:
            row = await session.scalar(customer_query().where(t.CustomerRow.id == customer_id))
            return None if row is None else shop_rows.customer_of(row)

    async def find_orders(self, customer_id: str, number: str | None = None) -> Sequence[Order]:
        """Orders of one customer, newest first; with ``number`` at most that one."""
        query = order_query().where(t.OrderRow.customer_id == customer_id)
        if number is not None:
            query = query.where(t.OrderRow.number == number)
        async with self._reading() as session:
            return [shop_rows.order_of(row) for row in await session.scalars(query)]

    async def list_orders(self, status: OrderStatus | None = None) -> Sequence[OrderEntry]:
        """All orders for the staff, newest first."""
        query = order_query() if status is None else order_query().where(t.OrderRow.status == status.value)
        async with self._reading() as session:
            orders = [shop_rows.order_of(row) for row in await session.scalars(query)]
            people = await session.execute(select(t.CustomerRow.id, t.CustomerRow.name, t.CustomerRow.language))
            names = {key: (name, language) for key, name, language in people}
        return [OrderEntry(order, *names[order.customer_id]) for order in orders]

    async def order_count(self) -> int:
        async with self._reading() as session:
            return await session.scalar(select(func.count()).select_from(t.OrderRow)) or 0

    async def products(self) -> Sequence[Product]:
        """The public catalogue, in the shop's order."""
        query = select(t.ProductRow).options(selectinload(t.ProductRow.variants)).order_by(t.ProductRow.position)
        async with self._reading() as session:
            return [shop_rows.product_of(row) for row in await session.scalars(query)]

    async def shop_state(self) -> dict[str, str]:
        """Where the shop's data come from: ``source`` (demo, imported); empty while there are none."""
        async with self._reading() as session:
            return {row.key: row.value for row in await session.scalars(select(t.ShopStateRow))}

    async def replace_shop(
        self,
        *,
        customers: Sequence[Customer],
        products: Sequence[Product],
        orders: Sequence[Order],
        source: Source,
        **state: str,
    ) -> None:
        """Put this data in the place of all shop data, in one transaction. Open proposals become stale."""
        async with self._writing() as session:
            await self._lock_shop(session)
            await clear_shop(session, self.clock())
            session.add_all(shop_rows.customer_row(customer) for customer in customers)
            session.add_all(shop_rows.product_row(product, place) for place, product in enumerate(products))
            await session.flush()
            session.add_all(shop_rows.order_row(order) for order in orders)
            words = {"source": source, **state}
            session.add_all(t.ShopStateRow(key=key, value=value) for key, value in words.items())


async def clear_shop(session: AsyncSession, now: datetime) -> None:
    """Remove all shop data; open proposals are about orders that are no more."""
    for table in (t.OrderRow, t.OrderNewsRow, t.ProductRow, t.CustomerRow, t.ShopStateRow):
        await session.execute(delete(table))
    stale = update(t.ProposalRow).where(t.ProposalRow.state == "open")
    await session.execute(stale.values(state="stale", decided_at=now))


def customer_query() -> Select[t.CustomerRow]:
    """Customers with their addresses and payment methods."""
    return select(t.CustomerRow).options(
        selectinload(t.CustomerRow.addresses), selectinload(t.CustomerRow.payment_methods)
    )


def order_query() -> Select[t.OrderRow]:
    """Orders with all their parts, newest first."""
    o = t.OrderRow
    parts = (o.items, o.payments, o.refunds)
    shipments = selectinload(o.shipments).selectinload(t.ShipmentRow.events)
    return select(o).options(*map(selectinload, parts), shipments).order_by(o.placed_at.desc(), o.number.desc())
