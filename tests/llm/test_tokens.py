"""A count is what the model's own tokenizer says, in every language; where that is unknown it is never too low."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.base import ChatMessage
from app.llm.tokens import LONGEST_PIECE, ByteBound, QwenCounter, choose_counter, count_prompt

RECORDED = json.loads(Path(__file__).with_name("token_counts.json").read_text("utf-8"))
"""Counted by llama.cpp's /tokenize with the official Qwen2.5-Coder GGUF, special tokens not parsed."""
COUNT = QwenCounter()


@pytest.mark.parametrize("case", RECORDED)
def test_the_count_is_that_of_the_real_tokenizer(case: str) -> None:
    assert COUNT(RECORDED[case]["text"]) == RECORDED[case]["tokens"]


@pytest.mark.parametrize("case", RECORDED)
def test_the_bound_is_never_below_the_real_count(case: str) -> None:
    assert ByteBound()(RECORDED[case]["text"]) >= RECORDED[case]["tokens"]


@given(st.text(max_size=300))
def test_any_text_can_be_counted_and_lies_within_its_bytes(text: str) -> None:
    assert (1 if text else 0) <= COUNT(text) <= ByteBound()(text)


def test_lone_surrogates_are_counted_not_raised() -> None:
    assert COUNT("giá \ud83d bao nhiêu") > 0
    assert choose_counter("llama")("\ud83d") > 0


def test_an_endless_word_counts_as_its_bytes() -> None:
    assert COUNT("ក" * 4000) == 3 * 4000
    assert COUNT("a" * (LONGEST_PIECE + 1)) == LONGEST_PIECE + 1


@pytest.mark.parametrize(
    "name",
    [
        "qwen3:4b-instruct-2507-q4_K_M",
        "Qwen/Qwen3-4B-Instruct-2507",
        "qwen2.5-coder-1.5b",
        "Qwen2-7B",
        "qwen3",
        "hf.co/x/Qwen3-4B-GGUF:Q4",
    ],
)
def test_the_family_that_shares_the_vocabulary_counts_exactly(name: str) -> None:
    assert choose_counter(name).exact


@pytest.mark.parametrize("name", ["qwen3.5:9b", "Qwen3.6-35B", "qwen35", "llama3:8b", "gemma-3-4b", "sea-lion", ""])
def test_everything_else_is_bounded_not_guessed(name: str) -> None:
    assert not choose_counter(name).exact


def test_the_template_is_part_of_a_prompt() -> None:
    messages = [ChatMessage("system", "ok"), ChatMessage("user", "ສະບາຍດີ")]
    texts = sum(COUNT(message.content) for message in messages)
    assert texts + 2 * 5 + 3 <= count_prompt(COUNT, messages) <= texts + 30
