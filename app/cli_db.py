"""``kaunter db``: upgrade the database, make the demo shop, list orders, import and export a shop's data."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from app.config import load_settings
from app.demo.seed import seed_demo
from app.models import OrderStatus
from app.shopdata.documents import schema as describe_form
from app.shopdata.exporting import save, write_shop
from app.shopdata.importing import Report, import_files
from app.shopdata.problems import ImportRefused, Rejection
from app.shopdata.table_writing import write_tables
from app.store import OrderEntry, Store

app = typer.Typer(help="The database: upgrade it, make the demo shop, list orders.", no_args_is_help=True)

T = TypeVar("T")

_DATES = ("placed_at", "expected_ship_at", "expected_delivery_at", "shipped_at", "delivered_at", "cancelled_at")
_HEADINGS = (
    *("Number", "Status", "Trouble", "Customer", "Language", "E-mail", "Phone"),
    *("Placed", "Expected", "Shipped", "Delivered"),
)
_SHOWN = 50
"""Rejected records that a person is shown; the report as JSON has all."""
_PIPE_WIDTH = 200  # where there is no terminal to fit into


@app.command()
def upgrade() -> None:
    """Create the database or bring its tables up to date. `kaunter serve` does this by itself."""
    _run(_do_nothing)
    typer.echo("The database is up to date.")


@app.command()
def seed(
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace today's demo shop too.")] = False,
) -> None:
    """Make the demo shop: invented customers, products and orders, with dates around today."""
    made = _run(lambda store: seed_demo(store, datetime.now(UTC), fresh=fresh))
    typer.echo("The demo shop is ready." if made else "Today's demo shop is there already; --fresh makes it anew.")


@app.command()
def orders(
    status: Annotated[OrderStatus | None, typer.Option(help="Only orders with this status.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List orders, newest first, with the contact that opens each in the chat."""
    entries = _run(lambda store: store.list_orders(status))
    if as_json:
        typer.echo(json.dumps([describe_order(entry) for entry in entries], ensure_ascii=False, indent=1))
    elif entries:
        _print_table(entries)
    else:
        typer.echo("There are no such orders. `kaunter db seed` makes the demo shop.")


@app.command("import")
def import_data(
    files: Annotated[list[Path], typer.Argument(help="JSON or CSV files, read together.")],
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Take the good records, list the others.")] = False,
    replace_demo: Annotated[bool, typer.Option("--replace-demo", help="Give up the demo shop for this data.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import customers, products, orders and payments: all of it or, on a mistake, nothing."""
    try:
        report = _run(lambda store: import_files(store, files, skip_bad=skip_bad, replace_demo=replace_demo))
    except ImportRefused as error:
        _print_report(Report({}, error.rejections), as_json)
        raise
    _print_report(report, as_json)


@app.command("export")
def export_data(
    file: Annotated[Path | None, typer.Argument(help="Where to; without it, standard output.")] = None,
    csv: Annotated[Path | None, typer.Option(help="A folder for CSV tables instead.")] = None,
) -> None:
    """Write the shop's data as JSON that can be imported again, or as CSV tables."""
    shop = _run(lambda store: store.read_shop())
    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)
        for name, table in write_tables(shop.customers, shop.products, shop.orders).items():
            save(table, csv / f"{name}.csv")
        return
    text = write_shop(shop.customers, shop.products, shop.orders)
    if file is None:
        sys.stdout.write(text)
    else:
        save(text, file)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the files that import takes."""
    typer.echo(json.dumps(describe_form(), ensure_ascii=False, indent=1))


def _print_report(report: Report, as_json: bool) -> None:
    if as_json:
        rejected = [{name: getattr(each, name) for name in Rejection.__slots__} for each in report.rejected]
        typer.echo(json.dumps({"imported": report.counts, "rejected": rejected}, ensure_ascii=False, indent=1))
        return
    for rejection in report.rejected[:_SHOWN]:
        typer.echo(f"  {rejection}", err=True)
    if len(report.rejected) > _SHOWN:
        typer.echo(f"  … and {len(report.rejected) - _SHOWN} more; --json lists them all.", err=True)
    for kind, counts in report.counts.items():
        typer.echo(f"{kind}: " + ", ".join(f"{count} {word}" for word, count in counts.items()))


def describe_order(entry: OrderEntry) -> dict[str, Any]:
    """One row of `kaunter db orders --json`; times are ISO 8601 in UTC, money is in minor units."""
    order = entry.order
    dates = {name: getattr(order, name) for name in _DATES}
    return {
        "number": order.number,
        "email": order.email,
        "phone": order.phone,
        "customer": entry.customer_name,
        "language": entry.language,
        "status": order.status.value,
        "trouble": order.trouble and order.trouble.value,
        "total": {"amount": order.total.amount, "currency": order.total.currency},
        **{name: date and date.isoformat() for name, date in dates.items()},
    }


def _print_table(entries: Sequence[OrderEntry]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    table = Table(title=f"{len(entries)} orders", row_styles=("", "dim"))
    for heading in (
        "Number",
        "Status",
        "Trouble",
        "Customer",
        "",
        "E-mail",
        "Phone",
        "Placed",
        "Expected",
        "Delivered",
    ):
        table.add_column(heading, no_wrap=heading in ("Number", "Phone", "Placed"))
    for entry in entries:
        order = entry.order
        expected = order.expected_ship_at or order.expected_delivery_at
        dates = (order.placed_at, expected, order.shipped_at, order.delivered_at)
        table.add_row(
            order.number,
            order.status.value,
            order.trouble.value if order.trouble else "",
            entry.customer_name,
            entry.language,
            order.email,
            order.phone,
            *(date.date().isoformat() if date else "" for date in dates),
        )
    console.print(table)


def _run(work: Callable[[Store], Awaitable[T]]) -> T:
    """Do the work on the configured database, opened and upgraded."""

    async def run() -> T:
        store = Store(load_settings().database)
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def _do_nothing(_: Store) -> None:
    return
