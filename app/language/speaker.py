"""What one customer speaks through a conversation: heard, wished for, or picked by hand.

Owns the rule that a pick beats a wish and a wish beats what is heard. A value object: the conversation layer
stores its four fields. Leaves hearing to ``detect``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.language.detect import Detection, detect


@dataclass(frozen=True, slots=True)
class Speaker:
    """The language state of a conversation; all codes are registry codes."""

    heard: str | None = None
    """What the last telling message was written in."""
    trust: float = 1.0
    """How sure that is (a detection's confidence)."""
    wished: str | None = None
    """What the customer asked to be answered in; stays until another wish or a pick."""
    picked: str | None = None
    """What the customer chose in the picker; None means: detect."""

    @property
    def language(self) -> str | None:
        """The language to answer in; None before the first message."""
        return self.picked or self.wished or self.heard

    def pick(self, language: str | None) -> "Speaker":
        """The customer chose a language by hand; None unpicks and forgets wishes too: detect again."""
        return replace(self, picked=language, wished=None)


def hear(
    speaker: Speaker, text: str, *, candidates: Sequence[str] | None = None, default: str = "en"
) -> tuple[Speaker, Detection]:
    """The speaker after one more message, and the language to answer it in.

    The detection's evidence is ``picked`` or ``wish`` where one of them overrules what the message is written in.
    """
    found = detect(text, speaker.heard, trust=speaker.trust, candidates=candidates, default=default)
    if found.evidence == "wish":
        speaker = replace(speaker, wished=found.language)
    elif found.evidence != "none":
        speaker = replace(speaker, heard=found.language, trust=found.confidence)
    if speaker.picked:
        return speaker, Detection(speaker.picked, 1.0, "picked")
    if speaker.wished:
        return speaker, Detection(speaker.wished, 1.0, "wish")
    return speaker, found
