"""The whole shop as files: one JSON document in canonical form, or CSV tables."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from app.models import Customer, Order, Product
from app.shopdata.documents import FORMAT
from app.shopdata.problems import ShopDataError
from app.shopdata.writing import write_customer, write_order, write_product


def write_shop(customers: Sequence[Customer], products: Sequence[Product], orders: Sequence[Order]) -> str:
    """The JSON form: customers by id, orders by number, products in the shop's own order."""
    shop = {
        "format": FORMAT,
        "customers": [write_customer(customer) for customer in sorted(customers, key=lambda each: each.id)],
        "products": [write_product(product) for product in products],
        "orders": [write_order(order) for order in sorted(orders, key=lambda each: each.number)],
    }
    return json.dumps(shop, ensure_ascii=False, indent=1) + "\n"


def save(text: str, path: Path) -> None:
    """Write a file whole or not at all, readable by its owner only: it holds customers' data. Raises ShopDataError."""
    partial = path.with_name(f"{path.name}.part")
    try:
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        partial.replace(path)
    except OSError as error:
        raise ShopDataError(f"{path} cannot be written: {error.strerror or 'unknown reason'}.") from None
