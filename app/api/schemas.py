"""The JSON of the HTTP interface (DESIGN §9) and its making from domain values."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from app.models import Author, Conversation, Message, Mode, Outcome, Photo, Proposal, Status

TEXT_LIMIT = 200_000
"""Characters that are parsed at all; the shop's own, localised limit comes after that."""


def _keep_storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


Text = Annotated[str, AfterValidator(_keep_storable)]
"""Without NUL, which PostgreSQL cannot store, and without half a surrogate pair, which is no character."""


class StartIn(BaseModel):
    locale: Text | None = Field(None, max_length=200, examples=["th"])
    identity_token: Text | None = Field(None, max_length=4096)
    page_url: Text | None = Field(None, max_length=2048)


class StartOut(BaseModel):
    id: str
    token: str
    language: str
    greeting: str


class LanguageIn(BaseModel):
    language: Text | None = Field(max_length=35, examples=["th", None])


class ConversationOut(BaseModel):
    id: str
    language: str
    language_pinned: bool
    status: Status
    mode: Mode
    assignee: str | None

    @classmethod
    def of(cls, c: Conversation) -> "ConversationOut":
        return cls(
            id=c.id,
            language=c.language,
            language_pinned=c.language_pinned,
            status=c.status,
            mode=c.mode,
            assignee=c.assignee,
        )


class CitationOut(BaseModel):
    policy: str
    section: str


class ProposalOut(BaseModel):
    id: str
    tool: str
    summary: str
    state: str
    expires_at: datetime

    @classmethod
    def of(cls, p: Proposal) -> "ProposalOut":
        return cls(id=p.id, tool=p.tool, summary=p.summary, state=p.state, expires_at=p.expires_at)


class DecisionIn(BaseModel):
    decision: Literal["confirm", "decline"] = Field(examples=["confirm"])


class DecisionOut(BaseModel):
    proposal: ProposalOut
    reply: "MessageOut"


class MessageIn(BaseModel):
    client_id: Text = Field(min_length=1, max_length=100, examples=["6f1c"])
    text: str = Field(max_length=TEXT_LIMIT, examples=["Tại sao đơn #12345 chưa được giao?"])


class MessageOut(BaseModel):
    seq: int
    author: Author
    text: str
    language: str
    outcome: Outcome | None
    citations: list[CitationOut]
    proposals: list[ProposalOut]
    created_at: datetime

    @classmethod
    def of(cls, m: Message) -> "MessageOut":
        return cls(
            seq=m.seq,
            author=m.author,
            text=m.text,
            language=m.language,
            outcome=m.outcome,
            citations=[CitationOut(policy=c.policy, section=c.section) for c in m.citations],
            proposals=[ProposalOut.of(p) for p in m.proposals],
            created_at=m.created_at,
        )


class MessagesOut(BaseModel):
    messages: list[MessageOut]


class TranscriptOut(BaseModel):
    id: str
    created_at: datetime
    language: str
    messages: list[MessageOut]


class AnswerOut(BaseModel):
    message: MessageOut
    reply: MessageOut | None
    proposals: list[ProposalOut]


class VerificationIn(BaseModel):
    order_number: Text | None = Field(None, max_length=40, examples=["12345"])
    contact: Text | None = Field(None, max_length=320, examples=["lan.nguyen@example.com"])
    identity_token: Text | None = Field(None, max_length=4096)


class VerificationOut(BaseModel):
    verified: bool
    scope: Literal["order", "customer"] | None


class StatusOut(BaseModel):
    """Who answers: the event ``status``."""

    mode: Mode
    status: Status
    assignee: str | None

    @classmethod
    def of(cls, c: Conversation) -> "StatusOut":
        return cls(mode=c.mode, status=c.status, assignee=c.assignee)


class RatingIn(BaseModel):
    score: int = Field(ge=1, le=5, examples=[5])
    comment: Text | None = Field(None, max_length=2000)


class PhotoOut(BaseModel):
    id: str
    message_seq: int
    media_type: str
    width: int
    height: int

    @classmethod
    def of(cls, p: Photo) -> "PhotoOut":
        return cls(id=p.id, message_seq=p.message_seq, media_type=p.media_type, width=p.width, height=p.height)


class AttachmentOut(BaseModel):
    attachment: PhotoOut


class HandoffIn(BaseModel):
    reason: Text | None = Field(None, max_length=500, examples=["customer_asked"])


class HandoffOut(BaseModel):
    status: Status
    mode: Mode


def as_reply_object(message: Message, **more: Any) -> dict[str, Any]:
    """The reply object of ``kaunter ask --json``: the stored reply with its claims, citations and metrics."""
    return {
        "text": message.text,
        "language": message.language,
        "outcome": message.outcome,
        "claims": [asdict(claim) for claim in message.claims],
        "citations": [asdict(citation) for citation in message.citations],
        "proposals": [asdict(proposal) for proposal in message.proposals],
        "metrics": asdict(message.metrics) if message.metrics else None,
        **more,
    }
