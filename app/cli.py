"""The command line: serve, chat, ask, and the sub-commands of the shop's owner.

A KaunterError becomes one sentence on standard error; a configuration error exits with 2, others with 1.
"""

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from app import (
    __version__,
    cli_agent,
    cli_conversation,
    cli_db,
    cli_eval,
    cli_language,
    cli_model,
    cli_policy,
    cli_webhook,
)
from app.config import load_settings
from app.errors import ConfigurationError, KaunterError

app = typer.Typer(
    name="kaunter",
    help="The service counter of an online shop, on the shop's own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_db.app, name="db", help="The shop's data.")
app.add_typer(cli_model.app, name="model", help="The language model.")
app.add_typer(cli_language.app, name="language", help="Which language a text is in.")
app.add_typer(cli_policy.app, name="policy", help="What the shop promises.")
app.add_typer(cli_conversation.app, name="conversation", help="What was said, and how each reply came to be.")
app.add_typer(cli_eval.app, name="eval", help="How well the assistant answers, measured with scripted customers.")
app.add_typer(cli_webhook.app, name="webhook", help="What the shop's own services are told.")
app.add_typer(cli_agent.app, name="agent", help="Conversations that were handed to a person.")


@app.command()
def serve() -> None:
    """Serve the chat page and the API on KAUNTER_HOST:KAUNTER_PORT."""
    from app.serving import run

    run(load_settings())


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The customer's message.")] = None,
    order: Annotated[str | None, typer.Option(help="An order number, as proof with --contact.")] = None,
    contact: Annotated[str | None, typer.Option(help="The e-mail or phone of that order.")] = None,
    lang: Annotated[str | None, typer.Option(help="The language to answer in; detected when not given.")] = None,
    conversation: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    confirm: Annotated[str | None, typer.Option(help="Confirm the proposal with this id.")] = None,
    decline: Annotated[str | None, typer.Option(help="Decline the proposal with this id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply object.")] = False,
) -> None:
    """Ask one question from a shell and print the reply."""
    from app.asking import ask_once

    settings = load_settings()
    options = {"order": order, "contact": contact, "lang": lang, "conversation": conversation}
    reply = asyncio.run(ask_once(settings, text, confirm=confirm, decline=decline, **options))
    if as_json:
        print(json.dumps(reply, ensure_ascii=False, indent=2, default=str))
    else:
        Console(highlight=False, markup=False, soft_wrap=True).print(reply["text"])


@app.command()
def chat(
    lang: Annotated[str | None, typer.Option(help="The language to answer in; detected when not given.")] = None,
) -> None:
    """Chat in the terminal."""
    from app.asking import chat_in_terminal

    asyncio.run(chat_in_terminal(load_settings(), lang))


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """The console script."""
    try:
        app()
    except KaunterError as error:
        print(f"kaunter: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
