"""Records over what is stored: references, repeats, ids that clash; what is new, changed or the same.

Pure: the store finds what is stored and applies the result in one transaction. Of records that contradict each other
all are rejected, and what refers to a rejected record with them.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, TypeVar

from app.models import Customer, Order, Product
from app.shopdata import documents as d
from app.shopdata.files import read_files
from app.shopdata.problems import ImportRefused, Rejection
from app.shopdata.records import Place, Record
from app.shopdata.values import FieldProblem, read_customer, read_order, read_payments, read_product
from app.store import ShopChange, Store, Stored, Wanted, list_parts

T = TypeVar("T", Customer, Product, Order)
Counts = dict[str, dict[str, int]]

_KINDS = {d.CustomerDocument: "customers", d.ProductDocument: "products", d.OrderDocument: "orders"}


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; counts of ``added``, ``changed`` and ``unchanged`` by kind of record."""

    counts: Counts
    rejected: Sequence[Rejection] = ()


async def import_files(
    store: Store, paths: Sequence[FilePath], *, skip_bad: bool = False, replace_demo: bool = False
) -> Report:
    """Import files in one transaction: everything, or with ``skip_bad`` everything that is good.

    Raises ShopDataError for a file that makes no sense, ImportRefused with the rejected records, ConfigurationError
    when the database holds the demo shop and ``replace_demo`` is off.
    """
    records, rejections = read_files(paths)
    planned: list[_Plan] = []

    def plan(stored: Stored) -> ShopChange:
        planned.append(_Plan(stored, list(rejections)))
        change = planned[-1].make(records)
        if planned[-1].rejections and not skip_bad:
            raise ImportRefused(planned[-1].rejections)
        return change

    await store.change_shop(_list_wanted(records), plan, replace_demo=replace_demo)
    return Report(planned[-1].counts, tuple(planned[-1].rejections))


def _list_wanted(records: Sequence[Record]) -> Wanted:
    """Everything stored that the records name."""
    customers, products, orders = set[str](), set[str](), set[str]()
    for record in records:
        match record.document:
            case d.CustomerDocument(id=key):
                customers.add(key)
            case d.ProductDocument(id=key):
                products.add(key)
            case d.OrderDocument(number=key, customer_id=customer, items=items):
                orders.add(key)
                customers.add(customer)
                products |= {item.product_id for item in items if item.product_id}
            case d.OrderPaymentsDocument(number=key):
                orders.add(key)
    return Wanted(frozenset(customers), frozenset(products), frozenset(orders))


@dataclass(slots=True)
class _Plan:
    stored: Stored
    rejections: list[Rejection]
    counts: Counts = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    _places: dict[tuple[str, str], Place] = field(default_factory=dict)

    def make(self, records: Sequence[Record]) -> ShopChange:
        good = self._drop_repeats(records)
        self._read(good, d.CustomerDocument, self.customers, self._read_customer)
        self._drop_clashes("customers", self.customers)
        self._read(good, d.ProductDocument, self.products, self._read_product)
        self._drop_clashes("products", self.products)
        self._read(good, d.OrderDocument, self.orders, self._read_order)
        self._read(good, d.OrderPaymentsDocument, self.orders, self._read_payments)
        self._drop_clashes("orders", self.orders)
        return ShopChange(
            self._compare("customers", self.customers, self.stored.customers),
            self._compare("products", self.products, self.stored.products),
            tuple(
                replace(order, version=order.version + 1) if order.number in self.stored.orders else order
                for order in self._compare("orders", self.orders, self.stored.orders)
            ),
        )

    def _drop_repeats(self, records: Sequence[Record]) -> list[Record]:
        keys = [(type(record.document), key_of(record.document)) for record in records]
        count = Counter(keys)
        for record, key in zip(records, keys, strict=True):
            if count[key] > 1:
                name = "number" if "number" in type(record.document).model_fields else "id"
                self.rejections.append(record.place.reject((name,), "is given more than once"))
        return [record for record, key in zip(records, keys, strict=True) if count[key] == 1]

    def _read(
        self, records: Sequence[Record], kind: type[d.Document], found: dict[str, T], read: Callable[[Record, Any], T]
    ) -> None:
        for record in records:
            if not isinstance(record.document, kind):
                continue
            key = key_of(record.document)
            try:
                found[key] = read(record, record.document)
            except FieldProblem as problem:
                self.rejections.append(record.place.reject(problem.path, problem.reason))
            self._places.setdefault((_KINDS.get(kind, "orders"), key), record.place)

    def _read_customer(self, record: Record, document: d.CustomerDocument) -> Customer:
        stored = self.stored.customers.get(document.id)
        customer = read_customer(document, stored)
        if not record.adds_addresses or "addresses" not in document.model_fields_set:
            return customer
        old = stored.addresses if stored else ()
        new = {address.id: address for address in customer.addresses}
        is_known = any(address.id in new for address in old)
        kept = [
            replace(new.pop(a.id), is_default=a.is_default)
            if a.id in new
            else replace(a, is_default=a.is_default and is_known)
            for a in old
        ]
        return replace(customer, addresses=(*kept, *(replace(a, is_default=True) for a in new.values())))

    def _read_product(self, record: Record, document: d.ProductDocument) -> Product:
        return read_product(document, self.stored.products.get(document.id))

    def _read_order(self, record: Record, document: d.OrderDocument) -> Order:
        order = read_order(document, self.stored.orders.get(document.number))
        if order.customer_id not in self.customers and order.customer_id not in self.stored.customers:
            raise FieldProblem(("customer_id",), "names a customer that is not there")
        for place, item in enumerate(order.items):
            if item.product_id and not (item.product_id in self.products or item.product_id in self.stored.products):
                raise FieldProblem(
                    ("items", place, "product_id"), "names a product that is not there; or leave it empty"
                )
        return order

    def _read_payments(self, record: Record, document: d.OrderPaymentsDocument) -> Order:
        order = self.orders.get(document.number) or self.stored.orders.get(document.number)
        if order is None:
            raise FieldProblem(("number",), "names an order that is not there")
        return replace(order, payments=read_payments(document.payments, order.number, order.currency))

    def _drop_clashes(self, kind: str, found: dict[str, T]) -> None:
        """Ids of parts are unique in the shop; a record that takes another's is rejected."""
        owners = Counter(part for value in found.values() for part in list_parts(value))
        for key, value in list(found.items()):
            taken = next((p for p in list_parts(value) if owners[p] > 1 or p in self.stored.taken), None)
            if taken:
                reason = f"has the id {taken[1]!r} of its {taken[0]} twice, or it belongs to another record"
                self.rejections.append(self._places[kind, key].reject((), reason))
                del found[key]

    def _compare(self, kind: str, found: Mapping[str, T], stored: Mapping[str, T]) -> tuple[T, ...]:
        new: list[T] = [value for key, value in found.items() if key not in stored]
        changed: list[T] = [value for key, value in found.items() if key in stored and stored[key] != value]
        unchanged = len(found) - len(new) - len(changed)
        self.counts[kind] = {"added": len(new), "changed": len(changed), "unchanged": unchanged}
        return tuple(new + changed)


def key_of(document: Any) -> str:
    """The id or number that a record is known by."""
    key: str = document.number if "number" in type(document).model_fields else document.id
    return key
