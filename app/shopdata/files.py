"""Files on the disk as records: encoding, size, JSON or table. Leaves the meaning of records to ``importing``."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.shopdata import tables
from app.shopdata.documents import FORMAT, CustomerDocument, OrderDocument, ProductDocument
from app.shopdata.problems import Rejection, ShopDataError
from app.shopdata.records import Place, Record, validate

MAX_BYTES = 256_000_000
"""A file is read whole; 100,000 orders take about 150 MB of JSON."""

_SIGNS = {
    b"\x1f\x8b": "is compressed with gzip; unpack it first",
    b"PK\x03\x04": "is a ZIP archive or a spreadsheet; save the sheet as CSV (UTF-8) first",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet; save the sheet as CSV (UTF-8) first",
    b"%PDF": "is a PDF; write the data as CSV (UTF-8) or JSON",
    b"SQLite format 3": "is a database; export it as CSV (UTF-8) or JSON",
    b"\xff\xfe": "is in UTF-16; save it as CSV (UTF-8)",
    b"\xfe\xff": "is in UTF-16; save it as CSV (UTF-8)",
}

PARTS: dict[str, type[CustomerDocument | ProductDocument | OrderDocument]] = {
    "customers": CustomerDocument,
    "products": ProductDocument,
    "orders": OrderDocument,
}


def read_files(paths: Sequence[Path]) -> tuple[list[Record], list[Rejection]]:
    """All records of the files and what cannot be taken. Raises ShopDataError for a file that makes no sense."""
    records: list[Record] = []
    rejections: list[Rejection] = []
    for path in paths:
        text = read_text(path)
        is_json = path.suffix.lower() == ".json" or text.lstrip()[:1] in ("{", "[")
        found, bad = read_json(text, path.name) if is_json else tables.read_table(text, path.name)
        records += found
        rejections += bad
    return records, rejections


def read_text(path: Path) -> str:
    """A file's text, without a byte order mark. Raises ShopDataError."""
    try:
        if path.is_dir():
            raise ShopDataError(f"{path.name} is a folder; name the files in it.")
        if path.stat().st_size > MAX_BYTES:
            raise ShopDataError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB; split it.")
        data = path.read_bytes()
    except OSError as error:
        raise ShopDataError(f"{path.name} cannot be read: {error.strerror or 'unknown reason'}.") from None
    for sign, reason in _SIGNS.items():
        if data.startswith(sign):
            raise ShopDataError(f"{path.name} {reason}.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ShopDataError(f"{path.name}, line {line}: is not in UTF-8; save it as CSV (UTF-8).") from None
    if not text.strip():
        raise ShopDataError(f"{path.name} is empty.")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ShopDataError(f"{path.name}, line {line}: holds a NUL character; it is no text file.")
    return text


def read_json(text: str, name: str) -> tuple[list[Record], list[Rejection]]:
    """The records of a JSON file. Raises ShopDataError when it is not of the form."""
    shop = parse_json(text, name)
    if not isinstance(shop, dict):
        raise ShopDataError(f'{name} must hold an object: {{"format": "{FORMAT}", "customers": [], …}}.')
    if shop.get("format") != FORMAT:
        raise ShopDataError(f'{name} must say "format": "{FORMAT}".')
    unknown = sorted(shop.keys() - PARTS.keys() - {"format"})
    if unknown:
        raise ShopDataError(f"{name} has a part that is not known: {', '.join(unknown)[:200]}.")
    records: list[Record] = []
    rejections: list[Rejection] = []
    for part, kind in PARTS.items():
        entries = shop.get(part, [])
        if not isinstance(entries, list):
            raise ShopDataError(f"{name}: {part} must be a list.")
        for index, raw in enumerate(entries):
            place = Place(name, f"{part}[{index}]")
            found = validate(kind, raw, place)
            if isinstance(found, list):
                rejections += found
            else:
                records.append(Record(place, found))
    return records, rejections


def parse_json(text: str, name: str) -> Any:
    """JSON without what is ambiguous in it: no NaN, and no name twice in one object. Raises ShopDataError."""
    try:
        return json.loads(text, object_pairs_hook=_refuse_repeats, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ShopDataError(f"{name}, line {error.lineno}: is no JSON: {error.msg}.") from None
    except RecursionError:
        raise ShopDataError(f"{name} is nested too deeply.") from None
    except ValueError as error:
        raise ShopDataError(f"{name}: {error}.") from None


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the field {_show(repeated)} twice")
    return found


def _refuse_constant(word: str) -> None:
    raise ValueError(f"holds {word}, which is no number")


def _show(name: str) -> str:
    return '"' + re.sub(r"[^\w .-]", "?", name)[:40] + '"'
