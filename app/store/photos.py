"""Photos that customers send. They live in the database: they go with their conversation, and replicas share them."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app.errors import NotFound
from app.models import Author, Mode, Photo
from app.store import tables as t
from app.store.conversations import Conversations

HANDOFF_REASON = "photo"


class Photos(Conversations):
    """See the module; ``Store`` is what others use."""

    async def add_photo(
        self, conversation_id: str, photo: Photo, text: str, language: str, *, most: int
    ) -> Photo | None:
        """Keep a photo, tell of it with a system message, and put the conversation into the agents' inbox.

        Returns it with its id; None, and nothing stored, when the conversation has ``most`` already. Raises NotFound.
        """
        count = select(func.count()).select_from(t.AttachmentRow).filter_by(conversation_id=conversation_id)
        async with self._locked(conversation_id) as (session, row):
            if (await session.scalar(count) or 0) >= most:
                return None
            if row.mode == Mode.AUTO.value:
                await self._stop_assistant(session, row)
            message = self._append(session, row, Author.SYSTEM, text, language)
            self._hand_off(session, row, row.handoff_reason or HANDOFF_REASON)
            kept = t.AttachmentRow(
                id=secrets.token_hex(16),
                conversation_id=conversation_id,
                message_seq=message.seq,
                media_type=photo.media_type,
                width=photo.width,
                height=photo.height,
                content=photo.content,
                created_at=self.clock(),
            )
            session.add(kept)
        return _photo_of(kept, photo.content)

    async def get_photo(self, conversation_id: str, photo_id: str) -> Photo | None:
        """A photo of this conversation with its content, or None."""
        query = select(t.AttachmentRow).filter_by(conversation_id=conversation_id, id=photo_id)
        async with self._reading() as session:
            row = await session.scalar(query.options(undefer(t.AttachmentRow.content)))
            return None if row is None else _photo_of(row, row.content)

    async def photos(self, conversation_id: str) -> Sequence[Photo]:
        """All of a conversation with their content, oldest first. Raises NotFound."""
        a = t.AttachmentRow
        query = select(a).filter_by(conversation_id=conversation_id).options(undefer(a.content))
        async with self._reading() as session:
            if await session.get(t.ConversationRow, conversation_id) is None:
                raise NotFound("There is no such conversation.")
            found = await session.scalars(query.order_by(a.message_seq, a.id))
            return [_photo_of(row, row.content) for row in found]


def _photo_of(row: t.AttachmentRow, content: bytes) -> Photo:
    return Photo(content, row.media_type, row.width, row.height, row.id, row.message_seq)
