"""``kaunter db``: upgrade the database, make the demo shop, list orders."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from app.config import load_settings
from app.demo.seed import seed_demo
from app.models import OrderStatus
from app.store import OrderEntry, Store

app = typer.Typer(help="The database: upgrade it, make the demo shop, list orders.", no_args_is_help=True)

T = TypeVar("T")

_DATES = ("placed_at", "expected_ship_at", "expected_delivery_at", "shipped_at", "delivered_at", "cancelled_at")
_HEADINGS = (
    *("Number", "Status", "Trouble", "Customer", "Language", "E-mail", "Phone"),
    *("Placed", "Expected", "Shipped", "Delivered"),
)
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
