"""The question that a proof lets us answer: asked before it, and so answered only with a request for the proof.

Owns which message that is. Leaves storing it to ``store`` (``Conversation.pending_seq``) and answering to a turn.
"""

from collections.abc import Sequence

from app.identity import strip_proof
from app.models import Author, Identity, Message


def find_pending_seq(messages: Sequence[Message], identity: Identity) -> int | None:
    """The newest message that still waits for this proof; None when the talk went on since, or a turn is under way."""
    asked = False
    for message in reversed(messages):
        if message.author is Author.ASSISTANT:
            wanted = message.metrics.asked.get("proof") if message.metrics else None
            if wanted is None or (wanted == "customer" and identity.scope != "customer"):
                return None
            asked = True
        elif message.author is not Author.CUSTOMER or message.outcome is None or not asked:
            return None
        elif strip_proof(message.text):
            return message.seq
    return None
