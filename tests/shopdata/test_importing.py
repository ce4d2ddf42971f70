"""Importing: all or nothing, the good ones of many, over what is stored, and never a part after a crash."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli_db import app
from app.demo.seed import seed_demo
from app.errors import ConfigurationError
from app.models import Identity, PaymentStatus
from app.shopdata.documents import schema
from app.shopdata.importing import import_files
from app.shopdata.problems import ImportRefused
from app.shopdata.table_writing import write_tables
from app.store import Store
from app.store.database import utc_now
from tests.shopdata.shops import small_shop

Write = Callable[[str, Any], Path]


async def test_good_records_are_taken_and_each_bad_one_is_told(store: Store, write: Write) -> None:
    document = small_shop()
    document["customers"][1]["country"] = "XX"  # so order 5002 has no customer
    document["orders"].append({**document["orders"][0], "number": "5003", "items": [], "total": "1.5"})
    path = write("shop.json", document)
    with pytest.raises(ImportRefused) as refused:
        await import_files(store, [path])
    assert not (await store.read_shop()).customers
    report = await import_files(store, [path], skip_bad=True)
    assert report.rejected == refused.value.rejections
    assert [(r.file, r.row, r.field) for r in report.rejected] == [
        ("shop.json", "customers[1]", "country"),
        ("shop.json", "orders[2]", "items"),
        ("shop.json", "orders[1]", "customer_id"),
    ]
    shop = await store.read_shop()
    assert [c.id for c in shop.customers] == ["C1"]
    assert [o.number for o in shop.orders] == ["5001"]
    assert await store.shop_state() == {"source": "imported"}


async def test_an_order_that_changes_gets_a_new_version_and_one_that_does_not_keeps_it(
    store: Store, write: Write
) -> None:
    document = small_shop()
    await import_files(store, [write("a.json", document)])
    document["orders"][0]["status"] = "partly_returned"
    report = await import_files(store, [write("b.json", document)])
    assert report.counts["orders"] == {"added": 0, "changed": 1, "unchanged": 1}
    assert report.counts["customers"] == {"added": 0, "changed": 0, "unchanged": 2}
    versions = {o.number: o.version for o in (await store.read_shop()).orders}
    assert versions == {"5001": 2, "5002": 1}


async def test_what_a_file_leaves_out_stays(store: Store, write: Write) -> None:
    document = small_shop()
    document["orders"][0]["note"] = "ฝากไว้กับ รปภ."
    await import_files(store, [write("a.json", document)])
    for name in ("note", "payments", "delivered_at", "shipping_fee"):
        del document["orders"][0][name]
    del document["customers"][0]["addresses"]
    await import_files(store, [write("b.json", document)])
    shop = await store.read_shop()
    order = shop.orders[0]
    assert (order.note, len(order.payments), order.shipping_fee.amount, order.version) == ("ฝากไว้กับ รปภ.", 1, 30000, 1)
    assert [a.id for a in shop.customers[0].addresses] == ["C1-A1"]
    document["orders"][0]["payments"] = []
    await import_files(store, [write("c.json", document)])
    assert (await store.read_shop()).orders[0].payments == ()


async def test_a_customer_changes_without_losing_orders(store: Store, write: Write) -> None:
    await import_files(store, [write("a.json", small_shop())])
    path = write(
        "c.csv", 'id;name;country;phone;address_lines\nC1;Nguyễn Thị Lan Anh;VN;0901234568;"12 Lê Lợi\nQuận 1"\n'
    )
    await import_files(store, [path])
    shop = await store.read_shop()
    lan = shop.customers[0]
    assert (lan.name, lan.phone, lan.email, lan.payment_methods[0].label) == (
        *("Nguyễn Thị Lan Anh", "+84901234568", "lan@example.com"),
        "MoMo",
    )
    assert lan.addresses[0].lines == ("12 Lê Lợi", "Quận 1")
    assert len(shop.orders) == 2


async def test_tables_refer_to_each_other_in_one_import(store: Store, write: Write) -> None:
    files = {
        "c.csv": "\ufeffid,name,country,phone\r\nC7,=SUM(A1),MY,+60 12-345 6789\r\nC8,@bobo,MY,'+60123456780\r\n",
        "p.csv": "product_id,title,variant_id,price,currency,stock,option:saiz\nK1,Kasut,K1-40,59.90,MYR,2,40\n"
        "K1,Kasut,K1-41,64.90,MYR,0,41\n",
        "o.csv": "number,customer_id,status,placed_at,currency,total,email,address_recipient,address_country,"
        "item_product_id,item_variant_id,item_title,item_quantity,item_unit_price,option:saiz\n"
        "#my-77,C7,processing,2026-11-01T09:00:00+08:00,MYR,184.70,a@example.com,Ali,MY,K1,K1-40,Kasut,2,59.90,40\n"
        "#my-77,,,,,,,,,K1,K1-41,Kasut,1,64.90,41\n",
        "pay.csv": "order_number,method_kind,method_label,amount,status\nmy-77,e_wallet,Touch 'n Go,184.70,paid\n",
    }
    report = await import_files(store, [write(name, text) for name, text in files.items()])
    assert report.counts == {
        "customers": {"added": 2, "changed": 0, "unchanged": 0},
        "products": {"added": 1, "changed": 0, "unchanged": 0},
        "orders": {"added": 1, "changed": 0, "unchanged": 0},
    }
    shop = await store.read_shop()
    assert [(c.name, c.phone) for c in shop.customers] == [("=SUM(A1)", "+60123456789"), ("@bobo", "+60123456780")]
    order = shop.orders[0]
    assert (order.number, order.total.amount, [i.options for i in order.items]) == (
        *("MY-77", 18470),
        [{"saiz": "40"}, {"saiz": "41"}],
    )
    assert [(p.amount.amount, p.status) for p in order.payments] == [(18470, PaymentStatus.PAID)]
    contact = await store.find_order_contact("MY-77")
    assert contact is not None
    assert contact.email == "a@example.com"
    written = write_tables(shop.customers, shop.products, shop.orders)["customers"]
    assert '"\'=SUM(A1)"' in written
    assert '"\'+60123456789"' in written


async def test_an_open_proposal_about_an_order_that_was_imported_anew_is_stale(store: Store, write: Write) -> None:
    """The proposal remembers version 1; the order it would be done on has version 2."""
    document = small_shop()
    await import_files(store, [write("a.json", document)])
    seen = await store.customer_shop(Identity("customer", "C2")).order("5002")
    document["orders"][1]["status"] = "shipped"
    await import_files(store, [write("b.json", document)])
    now = await store.customer_shop(Identity("customer", "C2")).order("5002")
    assert seen is not None
    assert now is not None
    assert (seen.version, now.version) == (1, 2)


async def test_the_demo_shop_is_never_mixed_with_a_real_one(store: Store, write: Write) -> None:
    await seed_demo(store, utc_now())
    conversation = await store.create_conversation(language="vi", locale="vi", token_hash="ab" * 32)
    path = write("a.json", small_shop())
    before = await store.read_shop()
    with pytest.raises(ConfigurationError, match="demo shop"):
        await import_files(store, [path])
    bad = small_shop()
    bad["orders"][0]["total"] = "x"
    with pytest.raises(ImportRefused):
        await import_files(store, [write("bad.json", bad)], replace_demo=True)
    assert await store.read_shop() == before, "a refused import gave the demo up"
    await import_files(store, [path], replace_demo=True)
    assert [o.number for o in (await store.read_shop()).orders] == ["5001", "5002"]
    assert (await store.get_conversation(conversation.id)) is not None
    with pytest.raises(ConfigurationError, match="own data"):
        await seed_demo(store, utc_now())


def big_shop(orders: int) -> dict[str, Any]:
    document = small_shop()
    first = document["orders"][0]
    document["orders"] = [
        {**first, "number": f"{10000 + n}", "items": [{**first["items"][0], "id": ""}], "payments": []}
        for n in range(orders)
    ]
    return document


IMPORT = """
import asyncio, pathlib, sys
from app.shopdata.importing import import_files
from app.store import Store
async def main():
    store = Store(sys.argv[1])
    await store.open()
    print("open", flush=True)
    await import_files(store, [pathlib.Path(sys.argv[2])])
    print("done", flush=True)
    await store.close()
asyncio.run(main())
"""


@pytest.mark.parametrize("delay", [0.0, 0.15, 0.3, 0.5, 0.8])
async def test_a_killed_import_leaves_everything_or_nothing(
    store: Store, write: Write, delay: float, tmp_path: Path
) -> None:
    await import_files(store, [write("first.json", small_shop())])
    path = write("big.json", big_shop(400))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, f"sqlite:///{tmp_path / 'kaunter.db'}", str(path), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"open\n"
    await asyncio.sleep(delay)
    if child.returncode is None:
        child.send_signal(signal.SIGKILL)
    await child.wait()
    assert await store.order_count() in (2, 402)
    await import_files(store, [path])
    assert await store.order_count() == 402


async def test_two_imports_at_once_both_arrive_whole(store: Store, write: Write) -> None:
    one, two = big_shop(50), big_shop(50)
    for order in two["orders"]:
        order["number"] = f"9{order['number']}"
    await asyncio.gather(import_files(store, [write("1.json", one)]), import_files(store, [write("2.json", two)]))
    assert await store.order_count() == 100


def test_the_command_line_reports_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setenv("KAUNTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("KAUNTER_DATABASE_URL", raising=False)
    document = small_shop()
    document["orders"][1]["currency"] = "XYZ"
    path = str(write("a.json", document))
    report = json.loads(CliRunner().invoke(app, ["import", path, "--skip-bad", "--json"]).stdout)
    assert report["imported"]["orders"] == {"added": 1, "changed": 0, "unchanged": 0}
    assert report["rejected"] == [
        {
            "file": "a.json",
            "row": "orders[1]",
            "field": "currency",
            "reason": "is no ISO 4217 code of a currency that is in use, such as MYR",
        }
    ]
    target = tmp_path / "out.json"
    assert CliRunner().invoke(app, ["export", str(target)]).exit_code == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_text(encoding="utf-8") == CliRunner().invoke(app, ["export"]).stdout
    assert CliRunner().invoke(app, ["export", "--csv", str(tmp_path / "tables")]).exit_code == 0
    assert {p.name for p in (tmp_path / "tables").iterdir()} == {
        *("customers.csv", "products.csv", "orders.csv", "payments.csv"),
    }


def test_the_printed_schema_is_the_one_that_checks() -> None:
    printed = json.loads(CliRunner().invoke(app, ["schema"]).stdout)
    assert printed == schema()
    order = printed["$defs"]["OrderDocument"]
    assert order["additionalProperties"] is False
    assert {"number", "customer_id", "placed_at", "currency", "total", "address", "items"} <= set(order["required"])
    assert "version" not in order["properties"]
