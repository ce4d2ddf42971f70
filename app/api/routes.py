"""The routes of a conversation: parse, authorise, call conversations, serialise."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response, UploadFile
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api import problems, stream
from app.api.schemas import (
    AnswerOut,
    AttachmentOut,
    ConversationOut,
    DecisionIn,
    DecisionOut,
    HandoffIn,
    HandoffOut,
    LanguageIn,
    MessageIn,
    MessageOut,
    MessagesOut,
    PhotoOut,
    ProposalOut,
    RatingIn,
    StartIn,
    StartOut,
    VerificationIn,
    VerificationOut,
)
from app.conversations import Conversations
from app.errors import InvalidMessage, NotAllowed, NotFound
from app.identity import Proof
from app.models import Conversation, Message

ANYWHERE = problems.describe(400, 401, 403, 408, 413, 422, 429, 503)
"""What any of these routes may answer: a body that is none, a foreign origin, too much, too often, no database."""

router = APIRouter(prefix="/api/conversations", tags=["conversations"], responses=ANYWHERE)
bearer = HTTPBearer(auto_error=False, description="The token that starting the conversation returned.")


def get_conversations(request: Request) -> Conversations:
    conversations: Conversations = request.app.state.conversations
    return conversations


Service = Annotated[Conversations, Depends(get_conversations)]


async def authorise(
    id: str, conversations: Service, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Conversation:
    """The one place that decides who may touch a conversation."""
    if credentials is None:
        raise NotAllowed("This conversation needs its own token.")
    return await conversations.authorise(id, credentials.credentials)


Authorised = Annotated[Conversation, Depends(authorise)]


async def count(request: Request, conversation: Authorised, conversations: Service) -> None:
    """What is no message costs too: it counts like one."""
    await conversations.count_request(conversation.id, address_of(request))


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post("", status_code=201)
async def start_conversation(
    request: Request, body: StartIn, conversations: Service, accept_language: Annotated[str | None, Header()] = None
) -> StartOut:
    """Start a conversation. The token is shown once; keep it in the shop's own storage."""
    started = await conversations.start(
        body.locale or accept_language,
        identity_token=body.identity_token,
        page_url=body.page_url,
        address=address_of(request),
    )
    found = started.conversation
    return StartOut(id=found.id, token=started.token, language=found.language, greeting=started.greeting)


@router.patch("/{id}", dependencies=[Depends(count)], responses=problems.describe(404))
async def choose_language(body: LanguageIn, conversation: Authorised, conversations: Service) -> ConversationOut:
    """Pick a language by hand, or null to have it detected again."""
    return ConversationOut.of(await conversations.choose_language(conversation.id, body.language))


@router.post("/{id}/messages", response_model=AnswerOut, responses={200: stream.DESCRIPTION, **problems.describe(404)})
async def receive_message(
    request: Request,
    body: MessageIn,
    conversation: Authorised,
    conversations: Service,
    accept: Annotated[str, Header()] = "application/json",
) -> AnswerOut | Response:
    """Send a message. ``Accept: text/event-stream`` streams the turn; JSON waits for the reply.

    The same ``client_id`` twice is one message.
    """
    receipt = await conversations.receive_message(
        conversation.id, body.client_id, body.text, address=address_of(request)
    )
    message = receipt.message
    if "text/event-stream" in accept:
        return stream.respond(_stream_turn(conversations, message))
    reply = None
    async for event in conversations.follow(conversation.id, message.seq):
        reply = event if isinstance(event, Message) else None
    stored = await conversations.message(conversation.id, message.seq)
    return AnswerOut(
        message=MessageOut.of(stored),
        reply=MessageOut.of(reply) if reply else None,
        proposals=[ProposalOut.of(p) for p in reply.proposals] if reply else [],
    )


async def _stream_turn(conversations: Conversations, message: Message) -> AsyncIterator[bytes]:
    yield stream.encode("message", MessageOut.of(message), message.seq)
    async for event in conversations.follow(message.conversation_id, message.seq):
        frame = stream.encode_event(event, message.seq)
        if frame:
            yield frame


@router.get("/{id}/messages")
async def list_messages(
    conversation: Authorised, conversations: Service, after: Annotated[int, Query(ge=0, le=stream.HIGHEST)] = 0
) -> MessagesOut:
    """The messages after a sequence number."""
    found = await conversations.messages(conversation.id, after)
    return MessagesOut(messages=[MessageOut.of(m) for m in found])


# Declared by hand: FastAPI takes a route with ``response_class=EventSourceResponse`` for a generator.
@router.get("/{id}/events", responses={200: stream.DESCRIPTION})
async def watch_conversation(
    request: Request,
    conversation: Authorised,
    conversations: Service,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Follow a conversation: every stored message, also an agent's, who answers, and what became of a proposal.

    ``Last-Event-ID`` replays.
    """
    streams: stream.Streams = request.app.state.streams
    address = address_of(request)
    streams.check(conversation.id, address)
    frames = _stream_conversation(conversations, conversation.id, stream.read_id(last_event_id))
    allowed = _while_allowed(conversations, conversation.id, credentials.credentials if credentials else "", frames)
    return stream.respond(streams.hold(conversation.id, allowed, address))


async def _while_allowed(
    conversations: Conversations, id: str, token: str, frames: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """The frames, as long as the token that asked for them is good: it may be revoked meanwhile."""
    async for frame in frames:
        try:
            await conversations.authorise(id, token)
        except (NotAllowed, NotFound) as error:
            yield stream.encode("error", {"code": error.code})
            return
        yield frame


async def _stream_conversation(conversations: Conversations, id: str, after: int) -> AsyncIterator[bytes]:
    async for news in conversations.watch(id, after):
        after = news.seq if isinstance(news, Message) else after
        yield stream.encode_news(news, after)


@router.post("/{id}/verification", dependencies=[Depends(count)], responses=problems.describe(409))
async def verify(
    request: Request, body: VerificationIn, conversation: Authorised, conversations: Service
) -> VerificationOut:
    """Prove an identity: an order number with its e-mail or phone, or the storefront's token."""
    if body.identity_token:
        identity = await conversations.verify_token(conversation.id, body.identity_token)
        return VerificationOut(verified=True, scope=identity.scope)
    if not body.order_number or not body.contact:
        raise InvalidMessage("proof_incomplete", "Send order_number and contact, or identity_token.")
    proof = Proof(body.order_number, body.contact)
    found = await conversations.verify_contact(conversation.id, proof, address=address_of(request))
    return VerificationOut(verified=found is not None, scope=found.scope if found else None)


@router.post("/{id}/proposals/{pid}", dependencies=[Depends(count)], responses=problems.describe(404, 409))
async def decide_proposal(pid: str, body: DecisionIn, conversation: Authorised, conversations: Service) -> DecisionOut:
    """Confirm or decline a proposal; it is done at most once, and only as it was summarised."""
    proposal, reply = await conversations.decide_proposal(conversation.id, pid, body.decision)
    return DecisionOut(proposal=ProposalOut.of(proposal), reply=MessageOut.of(reply))


@router.post("/{id}/handoff", dependencies=[Depends(count)])
async def hand_off(body: HandoffIn, conversation: Authorised, conversations: Service) -> HandoffOut:
    """Ask for a human agent."""
    found = await conversations.request_handoff(conversation.id, body.reason or "customer_asked")
    return HandoffOut(status=found.status, mode=found.mode)


@router.post("/{id}/rating", status_code=204, dependencies=[Depends(count)])
async def rate(body: RatingIn, conversation: Authorised, conversations: Service) -> None:
    """Rate the conversation from 1 to 5; rating again replaces the rating."""
    await conversations.rate(conversation.id, body.score, body.comment)


@router.post("/{id}/attachments", status_code=201)
async def attach(request: Request, file: UploadFile, conversation: Authorised, conversations: Service) -> AttachmentOut:
    """Send a photo (JPEG, PNG or WebP, at most 8 MB) for an agent to look at. It is encoded anew, without metadata."""
    photo = await conversations.add_photo(conversation.id, await file.read(), address=address_of(request))
    return AttachmentOut(attachment=PhotoOut.of(photo))


@router.get(
    "/{id}/attachments/{aid}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The photo"}, **problems.describe(404)},
)
async def get_attachment(aid: str, conversation: Authorised, conversations: Service) -> Response:
    """A photo of this conversation, to be saved, not shown by the browser."""
    photo = await conversations.photo(conversation.id, aid)
    headers = {"Content-Disposition": 'attachment; filename="photo.jpg"', "Content-Security-Policy": "sandbox"}
    return Response(photo.content, media_type=photo.media_type, headers=headers)


@router.delete("/{id}", status_code=204)
async def delete_conversation(conversation: Authorised, conversations: Service) -> None:
    """Delete the conversation for good: messages, photos, proposals. What was done to orders stays done."""
    await conversations.delete(conversation.id)


@router.delete("/{id}/token", status_code=204)
async def revoke_token(conversation: Authorised, conversations: Service) -> None:
    """Sign out: this token opens nothing from now on. The conversation stays, for the agents."""
    await conversations.revoke_token(conversation.id)
