"""``kaunter policy``: check the policies, show one as the model would see it, run the owner's own examples."""

from typing import Annotated

import typer

from app.config import load_settings
from app.errors import KaunterError
from app.policies import checks, library

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
def show(identifier: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Print a policy as the model would see it."""
    try:
        policies = library.load(load_settings().policies_dir)
        for section in policies.render(identifier):
            typer.echo(f"[{section.policy}#{section.section}] {section.title}\n{section.text}\n")
    except KaunterError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
