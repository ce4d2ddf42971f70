"""A hundred thousand random texts: detection and the reply check never raise and always answer the same."""

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.language import LANGUAGES, Detection, detect, is_in_language
from app.language.evaluation import read_lines

pytestmark = pytest.mark.fuzz
HERE = Path(__file__).parent.parent / "language"
CODES = sorted(LANGUAGES)


def _judge(text: str, prior: str | None) -> tuple[Detection, bool]:
    return detect(text, prior), is_in_language(text, prior or "th")


@given(st.text(max_size=200), st.none() | st.sampled_from(CODES))
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_text_gets_the_same_answer_twice(text: str, prior: str | None) -> None:
    first = _judge(text, prior)
    assert first == _judge(text, prior)
    assert first[0].language in LANGUAGES
    assert 0.0 <= first[0].confidence <= 1.0


def test_real_text_cut_at_any_byte_gets_the_same_answer_twice() -> None:
    """Real messages in all scripts, cut, doubled, mixed and with bytes changed, decoded as a careless client would."""
    talks = yaml.safe_load((HERE / "conversations.yaml").read_text("utf-8"))
    texts = [line.text for line in read_lines(HERE / "messages.tsv")]
    texts += [turn[0] for talk in talks for turn in talk["turns"] if isinstance(turn, list)]
    chance = random.Random(20261123)
    for _ in range(80_000):
        data = bytearray(chance.choice(texts).encode() + chance.choice(texts).encode())
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        start = chance.randrange(len(data))
        piece = bytes(data[start : start + chance.randrange(1, len(data) + 1)])
        text = piece.decode("utf-8", chance.choice(["ignore", "replace", "surrogateescape", "backslashreplace"]))
        prior = chance.choice([None, *CODES])
        first = _judge(text, prior)
        assert first == _judge(text, prior), (text, prior)
        assert first[0].language in LANGUAGES
