"""A shop's own order system over HTTP, as a ``ShopSource``; the contract is in docs/shop-data.md.

Owns the questions, their time limit, the cache and the check that an answer is about the customer who was asked for
(I5: the other system may be wrong). Leaves the form of records to ``shopdata``, the wire to ``client``.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, TypeVar

import structlog
from pydantic import Field

from app.errors import ShopUnavailable
from app.models import ContactOfOrder, Customer, Identity, Order, Product
from app.shop import CustomerShop, VerifiedShop
from app.shopdata import fields as f
from app.shopdata.documents import CustomerDocument, Document, OrderDocument, ProductDocument
from app.shopdata.records import Place, validate
from app.shopdata.values import FieldProblem, read_customer, read_order, read_product
from app.shopdata.writing import write_order
from app.sources.cache import Cache
from app.sources.client import Client

log = structlog.get_logger()

CUSTOMER_SECONDS = 15.0
"""How long a customer's records serve several questions of one turn; a WRITE reads them anew."""
PRODUCT_SECONDS = 300.0

T = TypeVar("T")


class ContactDocument(Document):
    """What ``GET /orders/{number}/contact`` answers."""

    number: f.OrderNo
    customer_id: f.Key
    email: f.Email = ""
    phone: f.Phone = Field("", description="E.164.")


class HttpShop:
    """The order system at ``client``'s URL. Raises ShopUnavailable when it does not answer as it should."""

    is_external = True

    def __init__(self, client: Client, *, clock: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._clock = clock
        self._cache = Cache(clock)

    async def close(self) -> None:
        await self._client.close()

    def customer_shop(self, identity: Identity | None, *, fresh: bool = False) -> CustomerShop:
        return VerifiedShop(_Reading(self, self._clock() if fresh else float("-inf")), identity)

    async def find_order_contact(self, number: str) -> ContactOfOrder | None:
        raw = await self._client.get("orders", number, "contact")
        if raw is None:
            return None
        found = _read(ContactDocument, raw, "contact")
        if found.number != number:
            log.error("shop.wrong_answer", asked="contact")
            return None
        return ContactOfOrder(found.number, found.customer_id, found.email, _read_phone(found.phone))

    async def send_change(self, change: Mapping[str, Any], idempotency_key: str) -> int:
        """Ask the other system to do a confirmed change; the HTTP status. Raises ShopUnavailable without one."""
        return await self._client.post(change, "changes", idempotency_key=idempotency_key)

    async def find_customer(self, customer_id: str, since: float) -> Customer | None:
        """A customer as known not before ``since`` (monotonic seconds)."""
        return await self._cache.get(
            ("customer", customer_id), CUSTOMER_SECONDS, since, lambda: self._fetch_customer(customer_id)
        )

    async def find_orders(self, customer_id: str, since: float) -> "Orders":
        return await self._cache.get(
            ("orders", customer_id), CUSTOMER_SECONDS, since, lambda: self._fetch_orders(customer_id)
        )

    async def find_products(self) -> Sequence[Product]:
        return await self._cache.get(("products", ""), PRODUCT_SECONDS, float("-inf"), self._fetch_products)

    async def _fetch_customer(self, customer_id: str) -> Customer | None:
        raw = await self._client.get("customers", customer_id)
        if raw is None:
            return None
        customer = _interpret("customer", lambda: read_customer(_read(CustomerDocument, raw, "customer")))
        if customer.id != customer_id:
            log.error("shop.wrong_answer", asked="customer")
            raise ShopUnavailable("The shop system answered for another customer.")
        return customer

    async def _fetch_orders(self, customer_id: str) -> "Orders":
        raw = await self._client.get("customers", customer_id, "orders")
        entries = _entries(raw, "orders")
        found: dict[str, Order] = {}
        unreadable = 0
        for entry in entries:
            try:
                order = _interpret("order", lambda e=entry: read_order(_read(OrderDocument, e, "order")))  # type: ignore[misc]
            except ShopUnavailable:
                unreadable += 1
                continue
            if order.customer_id == customer_id:
                found[order.number] = replace(order, version=number_version(order))
            else:
                log.error("shop.foreign_order")  # whose it is stays out of the log
        if unreadable and not found:
            raise ShopUnavailable("The shop system's orders cannot be read.")
        newest = sorted(found.values(), key=lambda order: (order.placed_at, order.number), reverse=True)
        return Orders(tuple(newest), complete=not unreadable)

    async def _fetch_products(self) -> Sequence[Product]:
        entries = _entries(await self._client.get("products"), "products")
        return tuple(
            _interpret("product", lambda e=entry: read_product(_read(ProductDocument, e, "product")))  # type: ignore[misc]
            for entry in entries
        )


@dataclass(frozen=True, slots=True)
class Orders:
    """A customer's orders, newest first; not ``complete`` when some could not be read."""

    found: Sequence[Order]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """``ShopRecords`` of one view: nothing that was read before ``since``."""

    source: HttpShop
    since: float

    async def find_customer(self, customer_id: str) -> Customer | None:
        return await self.source.find_customer(customer_id, self.since)

    async def find_orders(self, customer_id: str, number: str | None = None) -> Sequence[Order]:
        orders = await self.source.find_orders(customer_id, self.since)
        if number is None:
            return orders.found
        named = [order for order in orders.found if order.number == number]
        if not named and not orders.complete:
            raise ShopUnavailable("The shop system's order cannot be read.")  # it may well be there
        return named

    async def products(self) -> Sequence[Product]:
        return await self.source.find_products()


def number_version(order: Order) -> int:
    """A version of an order that has none: 31 bits of a hash of everything in it, so that any change shows."""
    plain = json.dumps(write_order(order), sort_keys=True).encode()
    return int.from_bytes(hashlib.sha256(plain).digest()[:4], "big") & 0x7FFF_FFFF


def _entries(raw: Any, name: str) -> list[Any]:
    """The list under ``name``; a 404 means that there are none."""
    if raw is None:
        return []
    entries = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(entries, list):
        log.error("shop.unreadable", asked=name, field=name)
        raise ShopUnavailable(f"The shop system's answer has no list of {name}.")
    return entries


D = TypeVar("D", bound=Document)


def _read(kind: type[D], raw: Any, asked: str) -> D:
    """The document in an answer; fields that we do not know are left alone."""
    found = validate(kind, raw, Place("", ""), lenient=True)
    if isinstance(found, list):
        log.error("shop.unreadable", asked=asked, field=found[0].field, reason=found[0].reason)
        raise ShopUnavailable("The shop system's answer cannot be read.")
    return found


def _interpret(asked: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except FieldProblem as problem:
        log.error("shop.unreadable", asked=asked, field=str(problem.path), reason=problem.reason)
        raise ShopUnavailable("The shop system's answer cannot be read.") from None


def _read_phone(text: str) -> str:
    try:
        return f.normalise_phone(text, "")
    except ValueError:
        return ""  # it proves nothing; the e-mail still may
