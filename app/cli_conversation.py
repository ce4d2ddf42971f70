"""``kaunter conversation``: what was said, and how each reply came to be: facts, verdicts, tries, time."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.config import load_settings
from app.errors import NotFound
from app.models import Author, Claim, Conversation, Message, Metrics
from app.store import ConversationEntry
from app.store.opening import opened
from app.terminal import tame

app = typer.Typer(no_args_is_help=True)


@app.command(name="list")
def list_recent(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the conversations that changed last."""
    entries = asyncio.run(_list(limit))
    if as_json:
        data = [{**_conversation_json(e.conversation), "messages": e.messages} for e in entries]
        print(json.dumps(data, ensure_ascii=False, indent=2))
        return
    table = Table("conversation", "changed", "status", "mode", "language", "messages", "reason")
    for entry in entries:
        c = entry.conversation
        changed = c.updated_at.isoformat(" ", "seconds")
        reason = tame(c.handoff_reason or "")
        table.add_row(c.id, changed, c.status, c.mode, c.language, str(entry.messages), reason)
    Console().print(table if entries else "There is no conversation yet.", markup=False)


@app.command()
def show(
    conversation: Annotated[str, typer.Argument(help="The conversation's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Show a conversation with each reply's claims and their sources, verdicts, tries and time."""
    found, messages = asyncio.run(_read(conversation))
    if as_json:
        data = {**_conversation_json(found), "messages": [_message_json(m) for m in messages]}
        print(json.dumps(data, ensure_ascii=False, indent=2, default=str))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line in (*describe_conversation(found), *(line for m in messages for line in describe_message(m))):
        console.print(tame(line))


def describe_conversation(c: Conversation) -> Iterator[str]:
    yield f"Conversation {c.id}: {c.status}, {c.mode}, {c.language} (page {c.locale}), since {c.created_at:%F %T} UTC"
    if c.identity:
        opens = f"order {c.identity.order_number}" if c.identity.scope == "order" else "the account"
        yield f"  proven: {opens} of customer {c.identity.customer_id}"
    if c.handoff_reason or c.assignee:
        yield f"  handed to a person: {c.handoff_reason or 'taken over'}, {c.assignee or 'nobody yet'}"


def describe_message(m: Message) -> Iterator[str]:
    """A message, and of a reply how it came to be, line by line."""
    answers = f" to #{m.reply_to}" if m.reply_to else ""
    outcome = f", {m.outcome}" if m.outcome else ", open" if m.author is Author.CUSTOMER else ""
    yield f"\n#{m.seq} {m.author}{answers}, {m.created_at:%T}, {m.language}{outcome}"
    yield from (f"  {line}" for line in m.text.splitlines())
    if m.author is not Author.ASSISTANT:
        return
    yield from (f"  · {line}" for line in (*describe_facts(m), *describe_making(m.metrics)))


def describe_facts(m: Message) -> Iterator[str]:
    for claim in m.claims:
        yield describe_claim(claim)
    for citation in m.citations:
        yield f"cites {citation.policy}, {citation.section}"
    for proposal in m.proposals:
        yield f"proposal {proposal.tool}, {proposal.state}: {proposal.summary}"
    if m.handoff_reason:
        yield f"handed off: {m.handoff_reason}"


def describe_claim(claim: Claim) -> str:
    value = f" = {claim.value}" if claim.value != claim.text else ""
    return f"claim {claim.kind} {claim.text!r}{value}, from {claim.source or 'nothing'}"


def describe_making(metrics: Metrics | None) -> Iterator[str]:
    if metrics is None:
        return
    tries = f", regenerated {metrics.regenerations}x" if metrics.regenerations else ""
    rejected = f", rejected: {', '.join(metrics.verdicts)}" if metrics.verdicts else ""
    yield f"spoke: {metrics.spoke}{tries}{rejected}"
    if metrics.total_ms:
        stages = ", ".join(f"{name} {ms:.0f}" for name, ms in metrics.stages_ms.items())
        yield f"time: {metrics.total_ms:.0f} ms ({stages})"
    if metrics.model_calls:
        tokens = f"{metrics.prompt_tokens} tokens read ({metrics.cached_tokens} cached)"
        yield f"model: {metrics.model}, {metrics.model_calls} calls, {tokens}, {metrics.generated_tokens} written"


def _conversation_json(c: Conversation) -> dict[str, Any]:
    return {
        "conversation_id": c.id,
        "status": c.status,
        "mode": c.mode,
        "language": c.language,
        "locale": c.locale,
        "assignee": c.assignee,
        "handoff_reason": c.handoff_reason,
        "identity": asdict(c.identity) if c.identity else None,
        "created_at": c.created_at.isoformat(),
        "updated_at": c.updated_at.isoformat(),
    }


def _message_json(m: Message) -> dict[str, Any]:
    """All that is kept of it; the conversation and the client's own id are known or nobody's business."""
    return {name: value for name, value in asdict(m).items() if name not in {"conversation_id", "client_id"}}


async def _list(limit: int) -> Sequence[ConversationEntry]:
    async with opened(load_settings()) as store:
        return await store.recent_conversations(limit)


async def _read(conversation_id: str) -> tuple[Conversation, Sequence[Message]]:
    async with opened(load_settings()) as store:
        found = await store.get_conversation(conversation_id)
        if found is None:
            raise NotFound("There is no such conversation; kaunter conversation list shows the last ones.")
        return found, await store.messages(conversation_id)
