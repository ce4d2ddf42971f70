"""What was imported comes out again, to the last field (Done-when 6 of step 3)."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.demo import build_demo
from app.shopdata.amounts import currencies, read_amount, write_amount
from app.shopdata.exporting import save, write_shop
from app.shopdata.importing import import_files
from app.shopdata.layouts import escape_formula, unescape_formula
from app.shopdata.table_writing import write_tables
from app.shopdata.tables import split_rows
from app.store import Store
from app.store.database import utc_now
from tests.shopdata.shops import CURRENCIES, shops, small_shop

SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


async def export(store: Store) -> Any:
    shop = await store.read_shop()
    return json.loads(write_shop(shop.customers, shop.products, shop.orders))


async def put_in(document: Any, folder: Path, store: Store) -> None:
    path = folder / "shop.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    await import_files(store, [path])


@SLOW
@given(document=shops())
async def test_exporting_what_was_imported_gives_the_same_document(document: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/kaunter.db")
        await store.open()
        try:
            await put_in(document, Path(folder), store)
            assert await export(store) == document
            before = await store.read_shop()
            await put_in(document, Path(folder), store)
            assert await store.read_shop() == before, "importing the same again changed something"
        finally:
            await store.close()


@SLOW
@given(document=shops())
async def test_tables_that_were_exported_change_nothing_when_they_come_back(document: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/kaunter.db")
        await store.open()
        try:
            await put_in(document, Path(folder), store)
            before = await store.read_shop()
            paths = []
            for name, text in write_tables(before.customers, before.products, before.orders).items():
                if text.count("\n") > 1:
                    save(text, Path(folder) / f"{name}.csv")
                    paths.append(Path(folder) / f"{name}.csv")
            await import_files(store, paths)
            assert await store.read_shop() == before
        finally:
            await store.close()


async def test_the_whole_demo_shop_survives(tmp_path: Path, store: Store) -> None:
    demo = build_demo(utc_now())
    await put_in(json.loads(write_shop(demo.customers, demo.products, demo.orders)), tmp_path, store)
    shop = await store.read_shop()
    assert sorted(shop.orders, key=lambda o: o.number) == sorted(demo.orders, key=lambda o: o.number)
    assert tuple(shop.products) == demo.products
    assert sorted(shop.customers, key=lambda c: c.id) == sorted(demo.customers, key=lambda c: c.id)


async def test_a_short_document_comes_out_in_full(tmp_path: Path, store: Store) -> None:
    await put_in(small_shop(), tmp_path, store)
    full = await export(store)
    somchai = full["customers"][1]
    assert (somchai["language"], somchai["store_credit"]) == ("th", {"amount": "0.00", "currency": "THB"})
    order = full["orders"][1]
    assert (order["total"], order["items"][0]["id"], order["placed_at"]) == (
        "1290.50",
        "5002-1",
        "2026-11-02T02:00:00Z",
    )
    await put_in(full, tmp_path, store)
    assert await export(store) == full


@given(currency=st.sampled_from(CURRENCIES), minor=st.integers(0, 10**15 - 1))
def test_an_amount_comes_back_exactly(currency: str, minor: int) -> None:
    assert read_amount(write_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1500000", "VND", 1500000),
        ("59.90", "MYR", 5990),
        ("59.9", "MYR", 5990),
        ("7", "KWD", 7000),
        ("0.001", "KWD", 1),
    ],
)
def test_the_minor_unit_is_the_currencys(text: str, currency: str, minor: int) -> None:
    assert read_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *(
            ("1500000.0", "VND"),
            ("1.500.000", "VND"),
            ("1,500", "JPY"),
            ("59.900", "MYR"),
            ("-1", "SGD"),
            ("+1", "SGD"),
        ),
        *(("1e3", "SGD"), ("", "SGD"), ("๕๙", "THB"), ("RM5", "MYR"), (".5", "MYR"), ("5.", "MYR"), ("NaN", "MYR")),
        ("9" * 16, "VND"),
    ],
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        read_amount(text, currency)


def test_only_money_that_is_in_use_is_a_currency() -> None:
    assert {"VND", "MYR", "KHR", "LAK", "MMK", "EUR"} <= currencies()
    assert {"DEM", "XXX", "XTS", "VNN"}.isdisjoint(currencies())


@given(st.text())
def test_a_cell_comes_back_as_it_was_and_no_spreadsheet_runs_it(text: str) -> None:
    cell = escape_formula(text)
    assert unescape_formula(cell) == text
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+60123456789", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", "'=1", "''+1"]
)
def test_formulas_leave_with_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(text if not text.startswith("'") else f"'{text}") == text


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), min_size=2, max_size=2),
        min_size=2,
    )
)
def test_quoted_newlines_and_delimiters_stay_in_their_cell(rows: list[list[str]]) -> None:
    for delimiter in ",;":
        quote = lambda cell: '"' + cell.replace('"', '""') + '"'  # noqa: E731
        text = "a" + delimiter + "b\r\n" + "".join(delimiter.join(map(quote, row)) + "\r\n" for row in rows)
        kept = [row for row in rows if any(cell.strip() for cell in row)]
        if kept:
            assert [cells for _, cells in split_rows(text, "x.csv")][1:] == kept
