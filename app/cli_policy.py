"""``kaunter policy``: check the policies, show one as the model would see it, run the owner's own examples."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from app.config import Settings, load_settings
from app.errors import KaunterError, NotFound
from app.models import Customer, Order
from app.policies import checks, library, trials
from app.store import Store

app = typer.Typer(help="Check and try the shop's policies.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Report every mistake of the policies with file and line; exit code 2 when there is one."""
    mistakes = checks.check(load_settings().policies_dir)
    for mistake in mistakes:
        typer.echo(str(mistake), err=True)
    if mistakes:
        raise typer.Exit(2)
    typer.echo("The policies are good.")


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A policy: returns, shipping …")],
    order: Annotated[str | None, typer.Option(help="An order number: also what the policy says about it.")] = None,
    lang: Annotated[str, typer.Option(help="The translation to show, where there is one.")] = "en",
) -> None:
    """Print a policy as the model would see it."""
    settings = load_settings()
    try:
        policies = library.load(settings.policies_dir)
        found, customer = asyncio.run(_find_order(settings, order)) if order else (None, None)
        tz = policies.time_zone(customer)
        for section in policies.render(identifier, None, found, tz, datetime.now(UTC), lang):
            typer.echo(f"[{section.policy}#{section.section}] {section.title}\n{section.text}\n")
    except KaunterError as error:
        _stop(error)


@app.command()
def test() -> None:
    """Run the examples of policies/tests.yaml: questions that must find their policy, orders with their decision."""
    try:
        policies = library.load(load_settings().policies_dir)
        results = list(trials.run_trials(policies))
    except KaunterError as error:
        _stop(error)
    wrong = [mistake for _, mistake in results if mistake is not None]
    for mistake in wrong:
        typer.echo(str(mistake), err=True)
    typer.echo(f"{len(results) - len(wrong)} of {len(results)} examples are right.")
    if wrong:
        raise typer.Exit(1)


async def _find_order(settings: Settings, number: str) -> tuple[Order, Customer | None]:
    store = Store(settings.database)
    await store.open()
    try:
        number = number.strip().lstrip("#")
        contact = await store.find_order_contact(number)
        if contact is None:
            raise NotFound(f"There is no order {number}; `kaunter db orders` lists them.")
        orders = await store.find_orders(contact.customer_id, number)
        return orders[0], await store.find_customer(contact.customer_id)
    finally:
        await store.close()


def _stop(error: KaunterError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(2)
