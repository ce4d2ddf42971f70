"""The columns of the CSV tables, and the neutralising of formulas.

A spreadsheet runs a cell that begins with =, +, -, @, a tab or a line end; on the way out such a cell gets a ' in
front, and reading takes exactly one such ' away again, so that a phone number comes back as it was.
"""

import re
from dataclasses import dataclass

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
ADDRESS = ("recipient", "lines", "city", "region", "postal_code", "country", "phone")
ADDRESS_COLUMNS = ("address_id", *(f"address_{name}" for name in ADDRESS))
OPTION = "option:"
DATES = ("expected_ship_at", "expected_delivery_at", "shipped_at", "delivered_at", "cancelled_at")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table; rows with the same ``key`` are one record."""

    name: str
    key: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    has_options: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


CUSTOMERS = Layout(
    "customers",
    "id",
    ("id", "name", "country"),
    ("email", "phone", "language", "time_zone", "store_credit", "currency", *ADDRESS_COLUMNS),
)
PRODUCTS = Layout(
    "products",
    "product_id",
    ("product_id", "title", "variant_id", "price", "currency", "stock"),
    ("category", "description"),
    has_options=True,
)
ORDERS = Layout(
    "orders",
    "number",
    (
        *("number", "customer_id", "status", "placed_at", "currency", "total", "address_recipient", "address_country"),
        *("item_title", "item_quantity", "item_unit_price"),
    ),
    (
        *("trouble", "shipping_fee", "discount", "email", "phone", "note", *DATES),
        *("address_id", "address_lines", "address_city", "address_region", "address_postal_code", "address_phone"),
        *("item_id", "item_product_id", "item_variant_id", "item_category", "item_quantity_returned"),
    ),
    has_options=True,
)
PAYMENTS = Layout(
    "payments",
    "order_number",
    ("order_number", "method_kind", "method_label", "amount", "status"),
    ("id", "method_id", "paid_at"),
)
LAYOUTS = (PAYMENTS, ORDERS, PRODUCTS, CUSTOMERS)
"""The most telling header first."""


def escape_formula(text: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(cell: str) -> str:
    """The inverse; a formula that was never escaped is text like any other."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
