"""CSV tables as records: customers, products with variants, orders with items, payments.

Owns delimiters, rows that belong together and where a mistake stands. Leaves the columns to ``layouts``.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.shopdata import documents as d
from app.shopdata.layouts import ADDRESS, CUSTOMERS, DATES, LAYOUTS, OPTION, Layout, unescape_formula
from app.shopdata.problems import Rejection, ShopDataError
from app.shopdata.records import AnyDocument, Place, Record, validate

MAX_CELL = 1_000_000
"""Characters of one cell; a longer one is a quote that was never closed."""


@dataclass(slots=True)
class Group:
    """The rows of one record, as cells by column."""

    lines: list[int] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


def read_table(text: str, name: str) -> tuple[list[Record], list[Rejection]]:
    """The records of a CSV file. Raises ShopDataError for a header or a structure that makes no sense."""
    rows = split_rows(text, name)
    header = [cell.strip() for cell in rows[0][1]]
    layout = choose_layout(header, name)
    groups, rejections = _group(rows[1:], header, layout, name)
    records: list[Record] = []
    for group in groups.values():
        found = _read_group(layout, group, name)
        if isinstance(found, list):
            rejections += found
        else:
            records.append(found)
    return records, rejections


def split_rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """The rows with the line that each begins on; blank ones left out. Raises ShopDataError."""
    first = text.lstrip().splitlines()[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows: list[tuple[int, list[str]]] = []
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ShopDataError(f"{name}, line {line}: is no CSV: {error}.") from None
    if len(rows) < 2:
        raise ShopDataError(f"{name} has no rows below its header.")
    return rows


def choose_layout(header: Sequence[str], name: str) -> Layout:
    """The table that a header belongs to. Raises ShopDataError with the columns that are missing or unknown."""
    for column in header:
        if header.count(column) > 1:
            raise ShopDataError(f"{name}: the column {column!r} is there twice.")
    layout = next((each for each in LAYOUTS if each.key in header and _fits(each, header)), None)
    if layout is None:
        tables = "; ".join(f"{each.name}: {', '.join(each.required)}" for each in reversed(LAYOUTS))
        raise ShopDataError(f"{name}: the first line must name the columns of a table. There are {tables}.")
    missing = [column for column in layout.required if column not in header]
    if missing:
        raise ShopDataError(f"{name}: the table of {layout.name} needs the columns {', '.join(missing)}.")
    known = {*layout.columns}
    unknown = [c for c in header if c not in known and not (layout.has_options and _names_option(c))]
    if unknown:
        shown = ", ".join(repr(column[:40]) for column in unknown[:5])
        raise ShopDataError(f"{name}: the table of {layout.name} has no columns {shown}.")
    return layout


def _fits(layout: Layout, header: Sequence[str]) -> bool:
    return sum(column in layout.required for column in header) >= 2


def _names_option(column: str) -> bool:
    return column.startswith(OPTION) and len(column) > len(OPTION)


def _group(
    rows: Iterable[tuple[int, list[str]]], header: Sequence[str], layout: Layout, name: str
) -> tuple[dict[str, Group], list[Rejection]]:
    groups: dict[str, Group] = {}
    rejections: list[Rejection] = []
    for line, cells in rows:
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            rejections.append(Rejection(name, f"line {line}", "", reason))
            continue
        row = {column: unescape_formula(cell) for column, cell in zip(header, cells, strict=True)}
        # Two rows of customers with one id are two records, one of them wrong; of an order they are two items.
        key = row[layout.key].strip() if layout is not CUSTOMERS else str(line)
        group = groups.setdefault(key, Group())
        group.lines.append(line)
        group.rows.append(row)
    return groups, rejections


def _read_group(layout: Layout, group: Group, name: str) -> Record | list[Rejection]:
    place = Place(name, f"line {group.lines[0]}", layout.name, tuple(group.lines))
    differing = _find_difference(layout, group)
    if differing:
        line, column = differing
        return [Rejection(name, f"line {line}", column, f"differs from line {group.lines[0]} of the same record")]
    kind, raw = _BUILD[layout.name](group)
    found = validate(kind, raw, place)
    return found if isinstance(found, list) else Record(place, found, adds_addresses=layout is CUSTOMERS)


_PART_COLUMNS = {
    "products": ("variant_id", "price", "currency", "stock"),
    "payments": ("id", "method_id", "method_kind", "method_label", "amount", "status", "paid_at"),
}


def _find_difference(layout: Layout, group: Group) -> tuple[int, str] | None:
    """The first cell of the record itself that another row contradicts; later rows may leave it empty."""
    parts = _PART_COLUMNS.get(layout.name, ())
    for line, row in zip(group.lines[1:], group.rows[1:], strict=True):
        for column, cell in row.items():
            own = column in parts or column.startswith(("item_", OPTION))
            if not own and cell and cell != group.rows[0][column]:
                return line, column
    return None


def _read_customer(group: Group) -> tuple[type[AnyDocument], dict[str, Any]]:
    row = group.rows[0]
    raw = _take(row, ("id", "name", "email", "phone", "language", "country", "time_zone"))
    if row.get("store_credit"):
        raw["store_credit"] = {"amount": row["store_credit"], "currency": row.get("currency", "")}
    given = {name: value for name, value in _take_address(row).items() if value}
    if given:
        key = row.get("address_id") or f"{row['id']}-A1"
        owner = {"recipient": row["name"], "country": row["country"]}
        raw["addresses"] = [{**owner, **given, "id": key}]
    return d.CustomerDocument, raw


def _read_product(group: Group) -> tuple[type[AnyDocument], dict[str, Any]]:
    first = group.rows[0]
    variants = [
        {
            "id": row["variant_id"],
            "options": _take_options(row),
            "price": {"amount": row["price"], "currency": row["currency"]},
            "stock": _whole(row["stock"]),
        }
        for row in group.rows
    ]
    return d.ProductDocument, {
        "id": first["product_id"],
        **_take(first, ("title", "category", "description")),
        "variants": variants,
    }


def _read_order(group: Group) -> tuple[type[AnyDocument], dict[str, Any]]:
    first = group.rows[0]
    plain = ("number", "customer_id", "status", "placed_at", "currency", "total", "email", "phone", "note")
    raw = _take(first, plain)
    raw |= {name: first[name] or "0" for name in ("shipping_fee", "discount") if name in first}
    raw |= {name: first[name] or None for name in ("trouble", *DATES) if name in first}
    raw["address"] = {**_take_address(first), **_take(first, (), {"address_id": "id"})}
    raw["items"] = [_read_item(row) for row in group.rows]
    return d.OrderDocument, raw


def _read_item(row: dict[str, str]) -> dict[str, Any]:
    names = ("id", "product_id", "variant_id", "title", "category", "unit_price")
    item: dict[str, Any] = _take(row, (), {f"item_{name}": name for name in names})
    item["quantity"] = _whole(row["item_quantity"])
    item["quantity_returned"] = _whole(row.get("item_quantity_returned") or "0")
    item["options"] = _take_options(row)
    return item


def _read_payments(group: Group) -> tuple[type[AnyDocument], dict[str, Any]]:
    payments = [
        {
            **_take(row, ("id", "amount", "status")),
            "method": _take(row, (), {f"method_{name}": name for name in ("id", "kind", "label")}),
            "paid_at": row.get("paid_at") or None,
        }
        for row in group.rows
    ]
    return d.OrderPaymentsDocument, {"number": group.rows[0]["order_number"], "payments": payments}


_BUILD = {"customers": _read_customer, "products": _read_product, "orders": _read_order, "payments": _read_payments}


def _take(row: dict[str, str], names: Iterable[str], renamed: dict[str, str] | None = None) -> dict[str, Any]:
    pairs = [*((name, name) for name in names), *(renamed or {}).items()]
    return {new: row[old] for old, new in pairs if old in row}


def _take_address(row: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = _take(row, (), {f"address_{name}": name for name in ADDRESS})
    if "lines" in found:
        found["lines"] = [line for line in found["lines"].split("\n") if line]
    return found if any(found.values()) else {}


def _take_options(row: dict[str, str]) -> dict[str, str]:
    return {column.removeprefix(OPTION): cell for column, cell in row.items() if column.startswith(OPTION) and cell}


def _whole(cell: str) -> int | str:
    """A whole number where the cell is one; else the cell, which the document refuses."""
    return int(cell) if re.fullmatch(r"-?[0-9]{1,12}", cell) else cell
