"""`kaunter db`: what an owner types first."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_db import app
from app.errors import DatabaseUnusable


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KAUNTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("KAUNTER_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_seed_makes_the_shop_once_and_orders_lists_it() -> None:
    assert "ready" in run("seed")
    assert "there already" in run("seed")
    listed = json.loads(run("orders", "--json"))
    assert len(listed) == 300
    first = next(order for order in listed if order["number"] == "12345")
    assert first["email"] == "lan.nguyen@example.com"
    assert (first["status"], first["trouble"], first["customer"]) == ("waiting_stock", "restock", "Nguyễn Thị Lan")
    assert first["shipped_at"] is None
    assert first["expected_ship_at"].endswith("+00:00")
    waiting = json.loads(run("orders", "--status", "waiting_stock", "--json"))
    assert waiting == [order for order in listed if order["status"] == "waiting_stock"]
    assert "ready" in run("seed", "--fresh")


def test_people_get_a_table_with_every_contact() -> None:
    run("seed")
    table = run("orders", "--status", "in_customs")
    assert "Status" in table
    for order in json.loads(run("orders", "--status", "in_customs", "--json")):
        assert all(order[key] in table for key in ("number", "email", "phone", "customer"))


def test_without_orders_the_way_to_some_is_told() -> None:
    run("upgrade")
    assert "kaunter db seed" in run("orders")
    assert json.loads(run("orders", "--json")) == []


def test_an_unknown_status_is_refused() -> None:
    assert CliRunner().invoke(app, ["orders", "--status", "lost"]).exit_code == 2


def test_a_database_that_cannot_be_used_is_told(data_dir: Path) -> None:
    (data_dir / "kaunter.db").write_bytes(b"nope" * 5000)
    with pytest.raises(DatabaseUnusable, match="not a SQLite file"):
        run("orders")
