"""A conversation as its customer takes it along: JSON, or a text with the authors in her language.

The text indents what an author wrote, so that no line of a message can look like the head of another.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from app.api.routes import ANYWHERE, Authorised, Service
from app.api.schemas import MessageOut, TranscriptOut
from app.models import Author, Message
from app.wording import Wording

router = APIRouter(prefix="/api/conversations", tags=["conversations"], responses=ANYWHERE)

NAMES = {Author.CUSTOMER: "name_you", Author.ASSISTANT: "name_assistant", Author.AGENT: "name_agent"}
TEXT = {"text/plain": {"schema": {"type": "string"}}}


@router.get("/{id}/transcript", response_model=TranscriptOut, responses={200: {"content": TEXT}})
async def download_transcript(
    request: Request,
    conversation: Authorised,
    conversations: Service,
    format: Annotated[Literal["json", "text"], Query()] = "json",
) -> TranscriptOut | Response:
    """Everything that was said, to be kept: ``?format=text`` to read, JSON for another program."""
    messages = await conversations.messages(conversation.id)
    if format == "text":
        wording: Wording = request.app.state.services.wording
        headers = {"Content-Disposition": 'attachment; filename="conversation.txt"', "Cache-Control": "no-store"}
        return Response(write_text(messages, wording, conversation.language), media_type="text/plain", headers=headers)
    return TranscriptOut(
        id=conversation.id,
        created_at=conversation.created_at,
        language=conversation.language,
        messages=[MessageOut.of(message) for message in messages],
    )


def write_text(messages: Sequence[Message], wording: Wording, language: str) -> str:
    """One block a message: time in UTC and author, then the words."""
    blocks = []
    for message in messages:
        name = wording.label(NAMES[message.author], language) if message.author in NAMES else "\N{EM DASH}"
        lines = [
            f"{message.created_at:%Y-%m-%d %H:%M} UTC · {name}",
            *(f"    {line}" for line in message.text.splitlines()),
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"
