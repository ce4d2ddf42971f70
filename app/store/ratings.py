"""What customers thought of a conversation (CSAT). One rating a conversation; rating again replaces it."""

from app.store.conversations import Conversations


class Ratings(Conversations):
    """See the module; ``Store`` is what others use."""

    async def rate(self, conversation_id: str, score: int, comment: str | None) -> None:
        """Keep a score from 1 to 5 and what the customer wrote beside it. Raises NotFound."""
        async with self._changing(conversation_id) as (_, row):
            row.rating_score, row.rating_comment, row.rated_at = score, comment, self.clock()
