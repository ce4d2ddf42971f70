"""The protocols through which everybody sees the shop, and the view that is bound to one verified customer (I5).

Orders, customers and writes are those of the verified customer and of nobody else; while nobody is verified
the view is empty. A scope of ``order`` shows that one order only. Products are public. ``store`` is the source for the
shop's own tables, ``sources`` has one for an external order system.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from app.models import ContactOfOrder, Customer, Identity, Money, Order, Product


class CustomerShop(Protocol):
    identity: Identity | None

    async def customer(self) -> Customer | None:
        """The verified customer; None while nobody is verified. With scope ``order``: without addresses,
        payment methods or store credit."""
        ...

    async def orders(self) -> Sequence[Order]:
        """All orders that identity opens, newest first."""
        ...

    async def order(self, number: str) -> Order | None:
        """One of ``orders()`` by number, else None: the same for unknown, foreign and malformed numbers."""
        ...

    async def products(self) -> Sequence[Product]:
        """The public catalogue."""
        ...


class ShopSource(Protocol):
    """Where the shop's records come from. Every method may raise ShopUnavailable."""

    is_external: bool
    """True when another system keeps the orders: a confirmed WRITE is then requested of it, not done here."""

    def customer_shop(self, identity: Identity | None, *, fresh: bool = False) -> CustomerShop:
        """What this identity opens, and nothing else. ``fresh``: from no cache, for a WRITE that is being confirmed."""
        ...

    async def find_order_contact(self, number: str) -> ContactOfOrder | None:
        """For contact proof: the caller answers None and a wrong contact alike."""
        ...


class ShopRecords(Protocol):
    """Records by key, of whomever: what a source hands to ``VerifiedShop`` and to nobody else."""

    async def find_customer(self, customer_id: str) -> Customer | None: ...

    async def find_orders(self, customer_id: str, number: str | None = None) -> Sequence[Order]:
        """Orders of one customer, newest first; with ``number`` at most that one."""
        ...

    async def products(self) -> Sequence[Product]: ...


class VerifiedShop:
    """``CustomerShop`` over any records; the identity is in every question."""

    def __init__(self, records: ShopRecords, identity: Identity | None) -> None:
        self._records = records
        self.identity = identity

    async def customer(self) -> Customer | None:
        """With scope ``order`` the contact is that of the order: the account's was not proven."""
        if self.identity is None:
            return None
        found = await self._records.find_customer(self.identity.customer_id)
        if found is None or self.identity.scope == "customer":
            return found
        orders = await self.orders()
        if not orders:
            return None
        return replace(
            found,
            email=orders[0].email,
            phone=orders[0].phone,
            store_credit=Money(0, found.store_credit.currency),
            addresses=(),
            payment_methods=(),
        )

    async def orders(self) -> Sequence[Order]:
        if self.identity is None:
            return ()
        if self.identity.scope == "customer":
            return await self._records.find_orders(self.identity.customer_id)
        if self.identity.order_number is None:
            return ()
        return await self._records.find_orders(self.identity.customer_id, self.identity.order_number)

    async def order(self, number: str) -> Order | None:
        if self.identity is None:
            return None
        if self.identity.scope == "order" and number != self.identity.order_number:
            return None
        found = await self._records.find_orders(self.identity.customer_id, number)
        return found[0] if found else None

    async def products(self) -> Sequence[Product]:
        return await self._records.products()
