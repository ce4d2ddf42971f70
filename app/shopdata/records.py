"""One record of a file with its place, and its validation into a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from app.shopdata.documents import (
    CustomerDocument,
    Document,
    OrderDocument,
    OrderPaymentsDocument,
    ProductDocument,
)
from app.shopdata.problems import Rejection
from app.shopdata.values import Path

T = TypeVar("T", bound=Document)
AnyDocument = CustomerDocument | ProductDocument | OrderDocument | OrderPaymentsDocument

_PARTS = {"items": "item_", "addresses": "address_", "variants": "", "payments": ""}
"""Lists of a document that are rows of a table, and how their columns begin."""
_COLUMNS = {
    ("products", "id"): "product_id",
    ("products", "variants.id"): "variant_id",
    ("products", "variants.price.amount"): "price",
    ("products", "variants.price.currency"): "currency",
    ("payments", "number"): "order_number",
    ("customers", "store_credit.amount"): "store_credit",
    ("customers", "store_credit.currency"): "currency",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands. ``lines`` are those of its rows where it is from the CSV table ``table``."""

    file: str
    row: str
    table: str = ""
    lines: Sequence[int] = ()

    def reject(self, path: Path, reason: str) -> Rejection:
        """A rejection at a path inside the record, named as the file names it."""
        if not self.table:
            return Rejection(self.file, self.row, write_path(path), reason)
        row = self.row
        if len(path) > 1 and path[0] in _PARTS and isinstance(path[1], int) and path[1] < len(self.lines):
            row = f"line {self.lines[path[1]]}"
        return Rejection(self.file, row, self._name_column(path), reason)

    def _name_column(self, path: Path) -> str:
        names = [str(part) for part in path if isinstance(part, str)]
        if "options" in names[:-1]:
            return f"option:{names[-1]}"
        known = _COLUMNS.get((self.table, ".".join(names)))
        if known or not names:
            return known or ""
        first = _PARTS.get(names[0])
        return "_".join(names) if first is None else first + "_".join(names[1:])


def write_path(path: Path) -> str:
    """``items[0].unit_price``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True, slots=True)
class Record:
    """A document that is valid in itself."""

    place: Place
    document: AnyDocument
    adds_addresses: bool = False
    """A table has one address of a customer: the others stay."""


def validate(kind: type[T], raw: Any, place: Place, *, lenient: bool = False) -> T | list[Rejection]:
    """The document, or everything that is wrong with it. ``lenient`` lets fields pass that are not known."""
    try:
        return kind.model_validate(raw, extra="ignore" if lenient else None)
    except ValidationError as error:
        return [place.reject(_clean(e["loc"]), explain(e)) for e in error.errors(include_url=False)]


def _clean(path: Path) -> Path:
    """pydantic adds ``[key]`` for the key of a dict."""
    return tuple(part for part in path if part != "[key]")


def explain(error: Any) -> str:
    """A reason that completes a sentence; never with the value."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    plain = {
        "missing": "is missing",
        "extra_forbidden": "is not a known field",
        "string_type": "must be a text in quotes",
        "string_unicode": "holds a control character or half a surrogate pair",
        "string_too_short": "must not be empty",
        "int_type": "must be a whole number",
        "bool_type": "must be true or false",
        "model_type": "must be an object",
        "model_attributes_type": "must be an object",
        "dict_type": "must be an object",
        "list_type": "must be a list",
        "string_pattern_mismatch": "must be a word of a-z, 0-9 and _",
    }
    if kind in plain:
        return plain[kind]
    if kind in ("enum", "literal_error"):
        return f"must be one of {context['expected']}"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters"
    if kind == "too_long":
        return f"has more than {context['max_length']} entries"
    if kind == "too_short":
        return "must not be empty"
    if kind == "greater_than_equal":
        return f"must be {context['ge']} or more"
    if kind == "less_than_equal":
        return f"must be {context['le']} or less"
    return str(error["msg"])
