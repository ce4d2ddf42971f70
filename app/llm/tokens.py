"""Token counts: exact for Qwen2, 2.5 and 3, which share one byte-level BPE; a safe upper bound for everything else.

The vocabulary ships with the package (``qwen_tokens.xz``, from the official Qwen files, Apache-2.0), so that no model
file has to be at hand. Counts text only: what the chat template adds to a message is ``MESSAGE_TOKENS``.
"""

import heapq
import lzma
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Protocol

import regex

from app.llm.base import ChatMessage

MESSAGE_TOKENS = 8
"""Upper bound of what ChatML adds to a message: ``<|im_start|>role\\n … <|im_end|>\\n`` is 5; the rest is reserve."""
LONGEST_PIECE = 1024
"""Bytes of one unbroken run of letters; a longer one is nobody's sentence and counts as its bytes."""

_VOCABULARY = 151_387
_SHARED_VOCABULARY = regex.compile(r"qwen[-_]?(?:2(?:\.5)?|3)(?![.\d])", regex.IGNORECASE)
# The pre-tokenizer "qwen2" of llama.cpp, which is the one of the official tokenizer.json.
_PIECES = regex.compile(
    r"""(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"""
    r"""| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
)


class Counter(Protocol):
    """Counts the tokens of a text; ``exact`` says whether that is the count or a bound above it."""

    exact: bool

    def __call__(self, text: str) -> int: ...


class ByteBound:
    """UTF-8 bytes: a byte-level or byte-fallback vocabulary never makes more tokens than that."""

    exact = False

    def __call__(self, text: str) -> int:
        return len(text.encode("utf-8", "replace"))


class QwenCounter:
    exact = True

    def __init__(self) -> None:
        load_ranks()  # now, not in the middle of the first turn

    def __call__(self, text: str) -> int:
        return _count_text(text)


def choose_counter(name: str) -> Counter:
    """By the model's name: ``qwen3:4b-…``, ``Qwen/Qwen2.5-…`` exactly; a later Qwen or another family by its bytes."""
    return QwenCounter() if _SHARED_VOCABULARY.search(name) else ByteBound()


def count_prompt(counter: Counter, messages: Sequence[ChatMessage]) -> int:
    """Tokens of a whole prompt in ChatML, template included: exact plus a small reserve, or a bound."""
    return sum(counter(message.content) + MESSAGE_TOKENS for message in messages) + MESSAGE_TOKENS


@lru_cache(maxsize=2048)
def _count_text(text: str) -> int:
    return sum(_count_piece(piece.encode("utf-8", "replace")) for piece in _PIECES.findall(text))


@cache
def load_ranks() -> dict[bytes, int]:
    """Rank of every token of more than one byte, best first. Takes about 0.1 s, once a process.

    The file holds the lengths (a byte each), then the tokens themselves, both in the order of the vocabulary.
    """
    data = lzma.decompress(files("app.llm").joinpath("qwen_tokens.xz").read_bytes())
    ranks: dict[bytes, int] = {}
    position = _VOCABULARY
    for rank in range(_VOCABULARY):
        end = position + data[rank]
        ranks[data[position:end]] = rank
        position = end
    return ranks


@lru_cache(maxsize=32768)
def _count_piece(piece: bytes) -> int:
    """Byte-pair merging, best rank first, over a linked list: n log n in the length of the piece."""
    ranks = load_ranks()
    if len(piece) == 1 or piece in ranks:
        return 1
    if len(piece) > LONGEST_PIECE:
        return len(piece)
    ends = list(range(1, len(piece) + 1))  # ends[i]: where the part that begins at i ends; 0 once it is merged away
    begins = list(range(-1, len(piece)))  # begins[i]: where the part that ends at i begins
    heap = [(rank, i, i + 2) for i in range(len(piece) - 1) if (rank := ranks.get(piece[i : i + 2])) is not None]
    heapq.heapify(heap)
    count = len(piece)
    while heap:
        _, start, stop = heapq.heappop(heap)
        middle = ends[start]
        if middle == 0 or middle >= stop or ends[middle] != stop:
            continue
        ends[start], ends[middle], begins[stop] = stop, 0, start
        count -= 1
        if stop < len(piece) and (rank := ranks.get(piece[start : ends[stop]])) is not None:
            heapq.heappush(heap, (rank, start, ends[stop]))
        if start and (rank := ranks.get(piece[begins[start] : stop])) is not None:
            heapq.heappush(heap, (rank, begins[start], stop))
    return count
