"""Rows of conversations to the values of ``app.models``. Pure: no database, no decisions."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any, TypeVar

from app.models import (
    Author,
    Citation,
    Claim,
    Conversation,
    Identity,
    Message,
    Metrics,
    Mode,
    Outcome,
    Proposal,
    Status,
)
from app.store import tables as t

T = TypeVar("T")


def read_json(kind: type[T], data: dict[str, Any]) -> T:
    """A value from stored JSON; fields of another version are left out."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in data.items() if name in names})


def conversation_of(row: t.ConversationRow) -> Conversation:
    return Conversation(
        id=row.id,
        language=row.language,
        language_pinned=row.language_pinned,
        locale=row.locale,
        status=Status(row.status),
        mode=Mode(row.mode),
        created_at=row.created_at,
        updated_at=row.updated_at,
        assignee=row.assignee,
        handoff_reason=row.handoff_reason,
        identity=identity_of(row),
        page_url=row.page_url,
        pending_seq=row.pending_seq,
    )


def identity_of(row: t.ConversationRow) -> Identity | None:
    if row.identity_customer_id is None:
        return None
    return Identity(
        scope="customer" if row.identity_scope == "customer" else "order",
        customer_id=row.identity_customer_id,
        order_number=row.identity_order_number,
    )


def message_of(row: t.MessageRow, proposals: Iterable[Proposal] = ()) -> Message:
    return Message(
        seq=row.seq,
        conversation_id=row.conversation_id,
        author=Author(row.author),
        text=row.text,
        language=row.language,
        created_at=row.created_at,
        client_id=row.client_id,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        reply_to=row.reply_to,
        citations=tuple(read_json(Citation, data) for data in row.citations),
        claims=tuple(read_json(Claim, data) for data in row.claims),
        metrics=None if row.metrics is None else read_json(Metrics, row.metrics),
        proposals=tuple(proposals),
        handoff_reason=row.handoff_reason,
    )


def proposal_of(row: t.ProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        tool=row.tool,
        arguments=row.arguments,
        arguments_hash=row.arguments_hash,
        summary=row.summary,
        state=row.state,  # type: ignore[arg-type]
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        order_number=row.order_number,
        order_version=row.order_version,
    )


def proposal_row(proposal: Proposal, message_seq: int | None = None) -> t.ProposalRow:
    """One proposal runs at most once, so its id is its idempotency key."""
    return t.ProposalRow(**asdict(proposal), message_seq=message_seq, idempotency_key=proposal.id)


def write_json(value: Any) -> dict[str, Any]:
    """A dataclass as JSON data."""
    return asdict(value)
