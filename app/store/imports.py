"""Changing many of the shop's records at once, all or nothing: what an import and a webhook do.

What shall change is decided by a plan, a pure function of what is stored, inside the same transaction; so nobody else
changes the shop between the reading and the writing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import delete, func, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.errors import ConfigurationError
from app.models import Customer, Order, Product
from app.store import shop_rows
from app.store import tables as t
from app.store.shop import Shop, clear_shop, customer_query, order_query

CHUNK = 500
"""Keys of one query; SQLite takes 32,766 variables, PostgreSQL's planner likes far fewer."""

Part = tuple[str, str]
"""A kind of part ("address") and its id; ids are unique in the shop."""

_PARTS: dict[str, tuple[Any, Any]] = {
    "address": (t.AddressRow, t.AddressRow.customer_id),
    "payment method": (t.PaymentMethodRow, t.PaymentMethodRow.customer_id),
    "variant": (t.VariantRow, t.VariantRow.product_id),
    "item": (t.OrderItemRow, t.OrderItemRow.order_number),
    "payment": (t.PaymentRow, t.PaymentRow.order_number),
    "shipment": (t.ShipmentRow, t.ShipmentRow.order_number),
    "refund": (t.RefundRow, t.RefundRow.order_number),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ids of what a plan needs to know."""

    customers: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stored:
    """What of it is stored, by id. ``taken``: parts of the planned records that belong to other records."""

    customers: Mapping[str, Customer]
    products: Mapping[str, Product]
    orders: Mapping[str, Order]
    taken: frozenset[Part] = frozenset()


@dataclass(frozen=True, slots=True)
class ShopChange:
    """Records to be stored as they are, in the place of those with the same id."""

    customers: Sequence[Customer] = ()
    products: Sequence[Product] = ()
    orders: Sequence[Order] = ()


@dataclass(frozen=True, slots=True)
class ShopContents:
    """Everything: customers by id, products in the shop's order, orders by number."""

    customers: Sequence[Customer] = field(default=())
    products: Sequence[Product] = field(default=())
    orders: Sequence[Order] = field(default=())


Plan = Callable[[Stored], ShopChange]
"""May be called twice, the second time with what is ``taken``; raises to leave everything as it was."""


class Imports(Shop):
    """See the module; ``Store`` is what others use."""

    async def change_shop(self, wanted: Wanted, plan: Plan, *, replace_demo: bool = False) -> None:
        """Store what the plan makes of what is stored, in one transaction. The data are ``imported`` from then on.

        Raises ConfigurationError when they are the demo's and ``replace_demo`` is off; with it, the demo goes first.
        """
        async with self._writing() as session:
            await self._lock_shop(session)
            await self._settle_source(session, replace_demo=replace_demo)
            await change_records(session, wanted, plan)

    async def read_shop(self) -> ShopContents:
        """All customers, products and orders, in one state of the database."""
        products = select(t.ProductRow).options(selectinload(t.ProductRow.variants)).order_by(t.ProductRow.position)
        async with self._reading() as session:
            return ShopContents(
                [shop_rows.customer_of(row) for row in await session.scalars(customer_query().order_by("id"))],
                [shop_rows.product_of(row) for row in await session.scalars(products)],
                sorted(
                    (shop_rows.order_of(row) for row in await session.scalars(order_query())),
                    key=lambda order: order.number,
                ),
            )

    async def _settle_source(self, session: AsyncSession, *, replace_demo: bool) -> None:
        source = await session.get(t.ShopStateRow, "source")
        if source is not None and source.value == "imported":
            return
        if source is not None:
            if not replace_demo:
                raise ConfigurationError(
                    "This database holds the demo shop, which is not mixed with a shop's own data; "
                    "set KAUNTER_DATA_DIR to another folder, or give the demo up with --replace-demo."
                )
            await clear_shop(session, self.clock())
        session.add(t.ShopStateRow(key="source", value="imported"))
        await session.flush()


async def change_records(session: AsyncSession, wanted: Wanted, plan: Plan) -> None:
    """Read, plan, write."""
    stored = await _load(session, wanted)
    change = plan(stored)
    taken = await _find_taken(session, change)
    if taken:
        change = plan(replace(stored, taken=taken))
    await _store_customers(session, change.customers, stored)
    await _store_products(session, change.products)
    for numbers in _chunks(order.number for order in change.orders):
        await session.execute(delete(t.OrderRow).where(t.OrderRow.number.in_(numbers)))
    session.add_all(shop_rows.order_row(order) for order in change.orders)
    await session.flush()


async def _load(session: AsyncSession, wanted: Wanted) -> Stored:
    customers: dict[str, Customer] = {}
    products: dict[str, Product] = {}
    orders: dict[str, Order] = {}
    for keys in _chunks(wanted.customers):
        found = await session.scalars(customer_query().where(t.CustomerRow.id.in_(keys)))
        customers |= {row.id: shop_rows.customer_of(row) for row in found}
    for keys in _chunks(wanted.products):
        query = select(t.ProductRow).options(selectinload(t.ProductRow.variants))
        rows = await session.scalars(query.where(t.ProductRow.id.in_(keys)))
        products |= {row.id: shop_rows.product_of(row) for row in rows}
    for keys in _chunks(wanted.orders):
        lines = await session.scalars(order_query().where(t.OrderRow.number.in_(keys)).with_for_update())
        orders |= {row.number: shop_rows.order_of(row) for row in lines}
    session.expunge_all()  # the same records are written anew
    return Stored(customers, products, orders)


def list_parts(value: Customer | Product | Order) -> Iterator[Part]:
    """The parts of a record that have an id of their own."""
    match value:
        case Customer():
            yield from (("address", address.id) for address in value.addresses)
            yield from (("payment method", method.id) for method in value.payment_methods)
        case Product():
            yield from (("variant", variant.id) for variant in value.variants)
        case Order():
            yield from (("item", item.id) for item in value.items)
            yield from (("payment", payment.id) for payment in value.payments)
            yield from (("shipment", shipment.id) for shipment in value.shipments)
            yield from (("refund", refund.id) for refund in value.refunds)


async def _find_taken(session: AsyncSession, change: ShopChange) -> frozenset[Part]:
    """Parts of the change that are stored under a record which the change leaves alone."""
    rewritten = {
        "customer": {customer.id for customer in change.customers},
        "product": {product.id for product in change.products},
        "order": {order.number for order in change.orders},
    }
    parts: dict[str, set[str]] = {kind: set() for kind in _PARTS}
    records: list[Customer | Product | Order] = [*change.customers, *change.products, *change.orders]
    for kind, key in (part for record in records for part in list_parts(record)):
        parts[kind].add(key)
    taken = set()
    for kind, (table, owner) in _PARTS.items():
        own = rewritten[owner.key.partition("_")[0]]
        for keys in _chunks(parts[kind]):
            for key, holder in await session.execute(select(table.id, owner).where(table.id.in_(keys))):
                if holder not in own:
                    taken.add((kind, key))
    return frozenset(taken)


async def _store_customers(session: AsyncSession, customers: Sequence[Customer], stored: Stored) -> None:
    """In place where they are stored: deleting a customer would delete the orders too."""
    rows = [shop_rows.customer_row(customer) for customer in customers]
    known = [row for row in rows if row.id in stored.customers]
    for keys in _chunks(row.id for row in known):
        for table in (t.AddressRow, t.PaymentMethodRow):
            await session.execute(delete(table).where(table.customer_id.in_(keys)))
    for row in known:
        await session.execute(update(t.CustomerRow).where(t.CustomerRow.id == row.id).values(_columns(row)))
        for table, children in ((t.AddressRow, row.addresses), (t.PaymentMethodRow, row.payment_methods)):
            if children:
                new = [{**_columns(child), "customer_id": row.id} for child in children]
                await session.execute(insert(table), new)
    session.add_all(row for row in rows if row.id not in stored.customers)
    await session.flush()


def _columns(row: t.Base) -> dict[str, Any]:
    return {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs}


async def _store_products(session: AsyncSession, products: Sequence[Product]) -> None:
    """A product that is stored keeps its place in the catalogue; new ones come last."""
    places: dict[str, int] = {}
    for keys in _chunks(product.id for product in products):
        p = t.ProductRow
        found = await session.execute(select(p.id, p.position).where(p.id.in_(keys)))
        places |= {row.id: row.position for row in found}
        await session.execute(delete(p).where(p.id.in_(keys)))
    last = await session.scalar(select(func.max(t.ProductRow.position)))
    following = max([-1 if last is None else last, *places.values()]) + 1
    for product in products:
        if product.id not in places:
            places[product.id] = following
            following += 1
    session.add_all(shop_rows.product_row(product, places[product.id]) for product in products)
    await session.flush()


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(keys)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
