"""Files that are wrong: each is refused with a sentence that finds the mistake, exit code 2, and nothing is changed."""

import copy
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli_db import app
from app.errors import ConfigurationError
from tests.shopdata.shops import small_shop

Write = Callable[[str, Any], Path]


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write) -> str:
    """A database with a small shop; its export."""
    monkeypatch.setenv("KAUNTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("KAUNTER_DATABASE_URL", raising=False)
    run("import", str(write("small.json", small_shop())))
    return run("export")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def spoil(path: str, value: Any) -> Any:
    """The small shop with one value put at a path such as ``orders/0/total``; ``-`` at its end removes it."""
    document = small_shop()
    part: Any = document
    *parents, last = path.rstrip("-").rstrip("/").split("/")
    for name in parents:
        part = part[int(name) if name.isdigit() else name]
    key: Any = int(last) if last.isdigit() else last
    if path.endswith("-"):
        del part[key]
    else:
        part[key] = value
    return document


def twice(part: str) -> Any:
    document = small_shop()
    document[part].append(copy.deepcopy(document[part][0]))
    return document


def stolen_item() -> Any:
    document = small_shop()
    document["orders"][1]["items"][0]["id"] = "5001-1"
    return document


def nested() -> str:
    return '{"format": ' + "[" * 100_000 + "]" * 100_000 + "}"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("sheet.xml", "<x/>")
    return buffer.getvalue()


CUSTOMERS = "id,name,country,phone\n"
ORDERS = (
    "number,customer_id,status,placed_at,currency,total,address_recipient,address_country,"
    "item_title,item_quantity,item_unit_price\n"
)

FILES: dict[str, tuple[str, Any, str]] = {
    # what is wrong: (file name, content, what the report must say)
    "broken JSON": ("a.json", '{"format": "kaunter-shop/1",\n "orders": [}', "line 2: is no JSON"),
    "JSON that ends early": ("a.json", json.dumps(small_shop())[:900], "is no JSON"),
    "a list": ("a.json", [], "must hold an object"),
    "another format": ("a.json", {"format": "kaunter-shop/2"}, '"format": "kaunter-shop/1"'),
    "no format": ("a.json", {"orders": []}, '"format": "kaunter-shop/1"'),
    "an unknown part": ("a.json", {"format": "kaunter-shop/1", "vouchers": []}, "vouchers"),
    "a part that is no list": ("a.json", spoil("orders", {"5001": {}}), "orders must be a list"),
    "a field twice": ("a.json", '{"format": "kaunter-shop/1", "orders": [], "orders": []}', '"orders" twice'),
    "NaN": ("a.json", '{"format": "kaunter-shop/1", "orders": [{"total": NaN}]}', "holds NaN"),
    "a depth bomb": ("a.json", nested(), "nested too deeply"),
    "a number of 5,000 digits": ("a.json", '{"format": ' + "1" * 5000 + "}", "a.json"),
    "a record that is a text": ("a.json", spoil("customers/0", "Lan"), "customers[0]: must be an object"),
    "an unknown field": ("a.json", spoil("orders/0/totl", "5"), "orders[0]: totl is not a known field"),
    "a missing field": ("a.json", spoil("orders/0/customer_id-", None), "customer_id is missing"),
    "an amount that is a number": ("a.json", spoil("orders/0/total", 1500000), "total must be a text in quotes"),
    "decimals that the dong has not": ("a.json", spoil("orders/0/total", "1500000.00"), "VND has no decimals"),
    "three decimals of a baht": ("a.json", spoil("orders/1/total", "1290.505"), "THB has at most 2 decimals"),
    "a separator in an amount": ("a.json", spoil("orders/0/total", "1.500.000"), "total is no amount"),
    "a negative amount": ("a.json", spoil("orders/0/discount", "-1"), "discount is no amount"),
    "a misplaced decimal point": ("a.json", spoil("orders/1/total", "129050"), "total does not fit"),
    "an unknown currency": ("a.json", spoil("orders/0/currency", "VNX"), "currency is no ISO 4217 code"),
    "money of yesterday": ("a.json", spoil("orders/0/currency", "DEM"), "currency is no ISO 4217 code"),
    "a negative quantity": ("a.json", spoil("orders/0/items/0/quantity", -1), "items[0].quantity must be 1 or more"),
    "half a piece": ("a.json", spoil("orders/0/items/0/quantity", 1.5), "items[0].quantity"),
    "a quantity in words": ("a.json", spoil("orders/0/items/0/quantity", "2"), "must be a whole number"),
    "more returned than bought": ("a.json", spoil("orders/0/items/0/quantity_returned", 3), "more than was bought"),
    "no items": ("a.json", spoil("orders/0/items", []), "items must not be empty"),
    "a negative stock": ("a.json", spoil("products/0/variants/0/stock", -1), "variants[0].stock must be 0 or more"),
    "an unknown status": ("a.json", spoil("orders/0/status", "lost"), "status must be one of"),
    "an unknown customer": ("a.json", spoil("orders/0/customer_id", "C9"), "a customer that is not there"),
    "an unknown product": ("a.json", spoil("orders/0/items/0/product_id", "P9"), "a product that is not there"),
    "the same customer twice": ("a.json", twice("customers"), "customers[2]: id is given more than once"),
    "the same order twice": ("a.json", twice("orders"), "orders[2]: number is given more than once"),
    "an item's id in two orders": ("a.json", stolen_item(), "belongs to another record"),
    "a date without a time zone": ("a.json", spoil("orders/0/placed_at", "2026-11-01T09:00:00"), "has no time zone"),
    "a date of another calendar": ("a.json", spoil("orders/0/placed_at", "01/11/2026"), "is no ISO 8601 time"),
    "a Buddhist year": ("a.json", spoil("orders/0/placed_at", "2569-11-01T09:00:00Z"), "not between the years"),
    "the 30th of February": ("a.json", spoil("orders/0/placed_at", "2026-02-30T09:00:00Z"), "is no ISO 8601 time"),
    "delivered before it was placed": ("a.json", spoil("orders/0/delivered_at", "2026-10-01T09:00:00Z"), "before"),
    "an unknown country": ("a.json", spoil("customers/0/country", "XX"), "country is no ISO 3166 code"),
    "a country in words": ("a.json", spoil("customers/0/country", "Vietnam"), "country is longer"),
    "an unknown time zone": ("a.json", spoil("customers/0/time_zone", "../etc/passwd"), "is no IANA time zone"),
    "no phone number": ("a.json", spoil("customers/0/phone", "call me"), "phone is no phone number"),
    "no e-mail": ("a.json", spoil("customers/0/email", "lan at example"), "email is no e-mail address"),
    "a whole card number": (
        *("a.json", spoil("customers/0/payment_methods/0/label", "Visa 4111 1111 1111 1111")),
        "whole card number",
    ),
    "half a surrogate pair": (
        *("a.json", json.dumps(small_shop()).replace("MoMo", "\\ud83d")),
        "half a surrogate pair",
    ),
    "a control character": ("a.json", spoil("customers/0/name", "Lan\x1b[2J"), "control character"),
    "a NUL escape": ("a.json", spoil("orders/0/note", "a\0b"), "control character"),
    "a NUL byte": ("a.json", b'{"format": "kaunter-shop/1"}\0', "NUL"),
    "a name of a megabyte": ("a.json", spoil("customers/0/name", "ก" * 1_000_000), "longer than 200 characters"),
    "Windows Thai": ("a.csv", (CUSTOMERS + "C9,สมชาย,TH,\n").encode("cp874"), "line 2: is not in UTF-8"),
    "UTF-16": ("a.csv", (CUSTOMERS + "C9,สมชาย,TH,\n").encode("utf-16"), "UTF-16"),
    "an empty file": ("a.json", b"", "is empty"),
    "only a byte order mark": ("a.csv", b"\xef\xbb\xbf\r\n", "is empty"),
    "gzip": ("a.json.gz", gzip.compress(json.dumps(small_shop()).encode()), "gzip"),
    "a spreadsheet": ("a.xlsx", zipped(), "spreadsheet"),
    "a header alone": ("a.csv", CUSTOMERS, "no rows"),
    "no header": ("a.csv", "C9,Lan,VN\nC8,Minh,VN\n", "the first line must name the columns"),
    "an unknown column": ("a.csv", "id,name,country,vip\nC9,Lan,VN,yes\n", "'vip'"),
    "a missing column": ("a.csv", "number,customer_id,status\n1,C1,shipped\n", "needs the columns placed_at"),
    "a column twice": ("a.csv", "id,name,country,name\nC9,Lan,VN,Lan\n", "'name' is there twice"),
    "too many cells": ("a.csv", CUSTOMERS + "C9,Lan,VN,,extra\n", "line 2: has 5 cells"),
    "a quote that stays open": ("a.csv", CUSTOMERS + 'C9,"Lan,VN,\n', "is no CSV"),
    "a cell of ten megabytes": ("a.csv", CUSTOMERS + 'C9,"' + "x" * 10_000_000 + '",VN,\n', "is no CSV"),
    "a row with a bad phone": ("a.csv", CUSTOMERS + "C8,Lan,VN,\nC9,Minh,VN,abc\n", "a.csv, line 3: phone is no phone"),
    "rows that contradict": (
        "a.csv",
        ORDERS
        + "5003,C1,processing,2026-11-01T09:00:00Z,VND,20000,Lan,VN,A,1,10000\n"
        + "5003,C2,processing,2026-11-01T09:00:00Z,VND,20000,Lan,VN,B,1,10000\n",
        "line 3: customer_id differs from line 2",
    ),
    "a bad item of many": (
        "a.csv",
        ORDERS + "5003,C1,processing,2026-11-01T09:00:00Z,VND,20000,Lan,VN,A,1,10000\n5003,,,,,,,,B,one,10000\n",
        "line 3: item_quantity must be a whole number",
    ),
    "payments of an unknown order": (
        "a.csv",
        "order_number,method_kind,method_label,amount,status\n9999,cod,COD,5,paid\n",
        "line 2: order_number names an order that is not there",
    ),
    "an unknown payment method": (
        "a.csv",
        "order_number,method_kind,method_label,amount,status\n5001,cash,Cash,5,paid\n",
        "line 2: method_kind must be one of",
    ),
}


@pytest.mark.parametrize("mistake", FILES)
def test_a_mistake_is_found_and_nothing_changes(mistake: str, shop: str, write: Write, tmp_path: Path) -> None:
    name, content, told = FILES[mistake]
    path = write(name, content)
    result = CliRunner().invoke(app, ["import", str(path)])
    assert isinstance(result.exception, ConfigurationError), result.exception  # the command line exits with 2
    assert told in f"{result.output}\n{result.exception}"
    assert len(str(result.exception)) < 700
    assert run("export") == shop


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path, shop: str) -> None:
    for name, told in (("", "is a folder"), ("gone.csv", "cannot be read: No such file")):
        with pytest.raises(ConfigurationError, match=told):
            run("import", str(tmp_path / name))
    assert run("export") == shop


def test_reports_name_fields_and_never_what_somebody_wrote(write: Write) -> None:
    document = spoil("customers/0/phone", "0900 MY SECRET")
    document["customers"][0]["email"] = "private person"
    result = CliRunner().invoke(app, ["import", str(write("a.json", document)), "--json"])
    report = json.loads(result.stdout)
    assert {entry["field"] for entry in report["rejected"]} == {"email"}
    assert "private" not in result.output
    assert "SECRET" not in result.output
