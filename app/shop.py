"""The protocol through which tools see the shop: a view already bound to one verified customer (I5).

Orders, customers and writes are those of the verified customer and of nobody else; while nobody is verified
the view is empty. A scope of ``order`` shows that one order only. Products are public. ``store`` implements
this for the shop's own tables; an external order system is another implementation.
"""

from collections.abc import Sequence
from typing import Protocol

from app.models import Customer, Identity, Order, Product


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
