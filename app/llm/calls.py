"""What callers do with a model beyond streaming: structured replies, warming a prefix, waiting until it is ready."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from app.errors import ReplyBroken
from app.llm.base import ChatMessage, Health, KeepsPrefix, Model, Sampling, Usage
from app.llm.schema import check_value
from app.llm.slots import SlottedModel

DECIDING = Sampling(temperature=0.0, top_p=1.0, top_k=1, max_tokens=256)
"""Greedy: a decision is not a matter of taste."""


async def complete(
    model: Model,
    messages: Sequence[ChatMessage],
    sampling: Sampling = Sampling(),
    schema: dict[str, Any] | None = None,
) -> tuple[str, Usage, bool]:
    """The whole text, its usage, and whether the token limit cut it."""
    pieces: list[str] = []
    usage, cut = Usage(), False
    async with aclosing(model.stream(messages, sampling, schema)) as chunks:
        async for chunk in chunks:
            pieces.append(chunk.text)
            usage = chunk.usage or usage
            cut = chunk.finish == "length"
    return "".join(pieces), usage, cut


async def complete_json(
    model: Model, messages: Sequence[ChatMessage], schema: dict[str, Any], sampling: Sampling = DECIDING
) -> tuple[dict[str, Any], Usage]:
    """An object that obeys ``schema``, checked again here: a server ignores what it does not support.

    Raises ReplyBroken when the token limit cut it, when it is no JSON or breaks the schema; and what ``stream`` raises.
    """
    text, usage, cut = await complete(model, messages, sampling, schema)
    if cut:
        raise ReplyBroken(f"The structured reply did not fit into {sampling.max_tokens} tokens.")
    try:
        value = json.loads(text)
    except ValueError:
        raise ReplyBroken("The structured reply is not valid JSON.") from None
    mistake = check_value(value, schema)
    if mistake or not isinstance(value, dict):
        raise ReplyBroken(f"The structured reply breaks its schema: {mistake or 'not an object'}.")
    return value, usage


async def warm(model: Model, messages: Sequence[ChatMessage], sampling: Sampling = Sampling()) -> Usage:
    """Make the server read the static ``messages``, so that calls with this beginning find it in the KV cache.

    The embedded model gives them to all its slots and keeps them on the disk. Raises ModelError.
    """
    inner = model.inner if isinstance(model, SlottedModel) else model
    if isinstance(inner, KeepsPrefix):
        return await inner.keep_prefix(messages, sampling)
    _, usage, _ = await complete(inner, messages, replace(sampling, max_tokens=1))
    return usage


async def wait_until_ready(model: Model, seconds: float) -> Health:
    """Wait while the model loads, at most ``seconds``; return its last state."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    health = await model.health()
    while health.state == "loading" and loop.time() < deadline:
        await asyncio.sleep(0.1)
        health = await model.health()
    return health
