"""Customers, products and orders as CSV tables that can be imported again and that no spreadsheet runs."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from app.models import Customer, Order, Product
from app.shopdata.layouts import ADDRESS, CUSTOMERS, OPTION, ORDERS, PAYMENTS, PRODUCTS, Layout, escape_formula
from app.shopdata.writing import write_customer, write_order, write_product


def write_tables(customers: Sequence[Customer], products: Sequence[Product], orders: Sequence[Order]) -> dict[str, str]:
    """CSV texts by table name. A table holds less than the JSON form: one address, no shipments, no refunds."""
    return {
        "customers": _write(CUSTOMERS, [_customer_cells(customer) for customer in customers]),
        "products": _write(PRODUCTS, [cells for product in products for cells in _product_cells(product)]),
        "orders": _write(ORDERS, [cells for order in orders for cells in _order_cells(order)]),
        "payments": _write(PAYMENTS, [cells for order in orders for cells in _payment_cells(order)]),
    }


def _write(layout: Layout, rows: Sequence[dict[str, Any]]) -> str:
    options = dict.fromkeys(column for row in rows for column in row if column.startswith(OPTION))
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, [*layout.columns, *options], restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({column: escape_formula(str(cell or "")) for column, cell in row.items()} for row in rows)
    return "\ufeff" + buffer.getvalue()


def _customer_cells(customer: Customer) -> dict[str, Any]:
    document = write_customer(customer)
    credit = document.pop("store_credit")
    addresses = sorted(document.pop("addresses"), key=lambda address: not address["is_default"])
    del document["payment_methods"]
    money = {"store_credit": credit["amount"], "currency": credit["currency"]}
    return {**document, **money, **(_address_cells(addresses[0]) if addresses else {})}


def _address_cells(address: dict[str, Any]) -> dict[str, Any]:
    cells = {f"address_{name}": address[name] for name in ("id", *ADDRESS)}
    return {**cells, "address_lines": "\n".join(address["lines"])}


def _product_cells(product: Product) -> list[dict[str, Any]]:
    document = write_product(product)
    own = {"product_id": product.id, **{name: document[name] for name in ("title", "category", "description")}}
    return [
        {
            **own,
            "variant_id": variant["id"],
            "price": variant["price"]["amount"],
            "currency": variant["price"]["currency"],
            "stock": str(variant["stock"]),
            **{OPTION + name: value for name, value in variant["options"].items()},
        }
        for variant in document["variants"]
    ]


def _order_cells(order: Order) -> list[dict[str, Any]]:
    document = write_order(order)
    address, items = _address_cells(document.pop("address")), document.pop("items")
    own = {name: value for name, value in document.items() if name not in ("payments", "shipments", "refunds")}
    return [
        {
            **own,
            **address,
            **{f"item_{name}": str(value) for name, value in item.items() if name != "options"},
            **{OPTION + name: value for name, value in item["options"].items()},
        }
        for item in items
    ]


def _payment_cells(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "order_number": order.number,
            **{name: payment[name] for name in ("id", "amount", "status", "paid_at")},
            **{f"method_{name}": value for name, value in payment["method"].items()},
        }
        for payment in write_order(order)["payments"]
    ]
