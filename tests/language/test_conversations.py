"""Written conversations: every turn is answered in the right language."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.language import LANGUAGES, Speaker, hear

CONVERSATIONS = yaml.safe_load(Path(__file__).with_name("conversations.yaml").read_text("utf-8"))


def test_there_are_thirty_conversations_in_every_launch_script() -> None:
    languages = {turn[1] for talk in CONVERSATIONS for turn in talk["turns"] if isinstance(turn, list)}
    assert len(CONVERSATIONS) >= 30
    assert languages <= set(LANGUAGES)
    assert {"vi", "th", "ms", "id", "fil", "km", "lo", "my", "zh-Hans", "zh-Hant", "ta", "hi", "bn"} <= languages


@pytest.mark.parametrize("talk", CONVERSATIONS, ids=[talk["name"] for talk in CONVERSATIONS])
def test_every_turn_is_answered_in_the_right_language(talk: dict[str, Any]) -> None:
    speaker = Speaker()
    heard = []
    for turn in talk["turns"]:
        if isinstance(turn, dict):
            speaker = speaker.pick(turn["pick"])
            continue
        text, expected = turn
        speaker, found = hear(speaker, text)
        heard.append((text, expected, found.language, found.evidence))
        assert speaker.language == found.language or found.evidence == "none"
    assert [(text, said) for text, _, said, _ in heard] == [(text, want) for text, want, _, _ in heard], heard
