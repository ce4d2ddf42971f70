"""A proxy between every arm and llama.cpp: makes ``tool_calls`` of bare JSON, and counts.

Qwen2.5-Coder answers a prompt with tools by JSON in its content, which no framework takes for a tool call, and on which
llama.cpp's own reader of calls breaks off. So tools and calls go to the server as text, in the words of the model's own
chat template, and what comes back becomes calls here, for everybody alike. What is no call to an offered tool passes
through as it is.
"""

import json
import re
import time
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

SAMPLING = {"temperature": 0.0, "seed": 1}
"""Of every call, whatever an arm asks for: Kaunter decides with temperature 0 too."""
_MARK = re.compile(r"[{\[`<]")
"""Where a tool call may begin; text up to there is shown at once."""
_DRESS = re.compile(r"```(?:json|xml)?|</?tool_calls?>|</?tools?>|</?function>")


_OFFER = """

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{tools}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""
"""As the chat template of Qwen2.5 writes it."""


def write_tools(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with the tools in the system message, and calls and results as text."""
    offer = _OFFER.format(tools="\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools))
    written = []
    for message in messages:
        content = message.get("content") or ""
        if isinstance(content, list):
            content = "".join(part.get("text", "") for part in content)
        role = message["role"]
        if role == "system":
            content += offer
        elif role == "tool":
            role, content = "user", f"<tool_response>\n{content}\n</tool_response>"
        for call in message.get("tool_calls") or ():
            function = call["function"]
            made = f'{{"name": "{function["name"]}", "arguments": {function["arguments"]}}}'
            content = f"{content}\n<tool_call>\n{made}\n</tool_call>".strip()
        written.append({"role": role, "content": content})
    return written


@dataclass(slots=True)
class Call:
    """One call of the model. Times as of ``time.perf_counter``."""

    begun: float
    first_text: float | None = None
    """When the first text that a customer could read left."""
    ended: float = 0.0
    computed: int = 0
    """Prompt tokens that were not in the KV cache."""
    cached: int = 0
    generated: int = 0
    tools: list[str] = field(default_factory=list)
    """Names of the tools that it called."""


def read_calls(text: str, offered: Collection[str]) -> tuple[str, list[dict[str, Any]]]:
    """The text without its tool calls, and these: JSON objects with the name of an offered tool and arguments."""
    decoder, calls, rest, place = json.JSONDecoder(), [], "", 0
    while (start := text.find("{", place)) >= 0:
        rest += text[place:start]
        place = start + 1
        found: Any = None
        with suppress(ValueError):
            found, place = decoder.raw_decode(text, start)
        call = _read_call(found, offered)
        if call:
            calls.append(call)
        else:
            rest += text[start:place]
    rest += text[place:]
    if not calls:
        return text, []
    return _DRESS.sub("", rest).strip(" \n,[]"), calls


def _read_call(found: Any, offered: Collection[str]) -> dict[str, Any] | None:
    if not isinstance(found, dict):
        return None
    inner = found.get("function")
    found = inner if isinstance(inner, dict) else found
    arguments = found.get("arguments", found.get("parameters", {}))
    if found.get("name") not in offered or not isinstance(arguments, dict):
        return None
    return {"name": found["name"], "arguments": json.dumps(arguments, ensure_ascii=False)}


class Adapter:
    """The proxy before ``url`` (without ``/v1``); ``calls`` grows, whoever reads may clear it."""

    def __init__(self, url: str, key: str = "") -> None:
        self.calls: list[Call] = []
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=600,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/{path:path}", self._pass_on, methods=["GET"]),
            ]
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def _pass_on(self, request: Request) -> Response:
        answer = await self._http.get(request.url.path)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        wants_stream = bool(body.get("stream"))
        tools = body.pop("tools", None) or []
        body.pop("tool_choice", None)
        body.pop("parallel_tool_calls", None)
        offered = {tool["function"]["name"] for tool in tools}
        if tools:
            body["messages"] = write_tools(body["messages"], tools)
        body |= {"stream": True, "stream_options": {"include_usage": True}, "cache_prompt": True, **SAMPLING}
        call = Call(time.perf_counter())
        self.calls.append(call)
        sent = self._http.build_request("POST", "/v1/chat/completions", json=body)
        upstream = await self._http.send(sent, stream=True)
        if upstream.status_code != 200:
            content = await upstream.aread()
            await upstream.aclose()
            return Response(content, upstream.status_code, media_type="application/json")
        chunks = translate(_read_events(upstream), offered, call)
        if wants_stream:
            return StreamingResponse(_write_events(chunks), media_type="text/event-stream")
        return JSONResponse(await gather(chunks))


async def _read_events(upstream: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    try:
        async for line in upstream.aiter_lines():
            if line.startswith("data: {"):
                yield json.loads(line[6:])
    finally:
        await upstream.aclose()


async def _write_events(chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"


async def translate(
    chunks: AsyncIterator[dict[str, Any]], offered: Collection[str], call: Call
) -> AsyncIterator[dict[str, Any]]:
    """The server's chunks; with offered tools, what looks like a call is held until the end and then decided."""
    held = ""
    async with aclosing(chunks) as source:  # type: ignore[type-var]
        async for chunk in source:
            _count(chunk, call)
            choice = next(iter(chunk.get("choices") or ()), None)
            if choice is None:
                yield chunk
                continue
            delta = choice.get("delta") or {}
            text = delta.get("content") or ""
            mark = _MARK.search(text) if offered and not held else None
            if held:
                held, text = held + text, ""
            elif mark:
                held, text = text[mark.start() :], text[: mark.start()]
            if text.strip() and call.first_text is None:
                call.first_text = time.perf_counter()
            if choice.get("finish_reason") and held:
                yield _with(chunk, _decide(held, offered, call), choice["finish_reason"])
                continue
            if "content" in delta:
                choice["delta"] = {**delta, "content": text}
            yield chunk


def _decide(held: str, offered: Collection[str], call: Call) -> dict[str, Any]:
    """The last delta: calls, or the text that was none after all."""
    rest, calls = read_calls(held, offered)
    if rest and call.first_text is None:
        call.first_text = time.perf_counter()
    if not calls:
        return {"content": rest}
    call.tools += [each["name"] for each in calls]
    made = [
        {"index": index, "id": f"call_{time.time_ns()}_{index}", "type": "function", "function": function}
        for index, function in enumerate(calls)
    ]
    return {"content": rest or None, "tool_calls": made}


def _with(chunk: dict[str, Any], delta: dict[str, Any], finish: str) -> dict[str, Any]:
    finish = "tool_calls" if delta.get("tool_calls") else finish
    return {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _count(chunk: dict[str, Any], call: Call) -> None:
    timings = chunk.get("timings")
    if timings:
        call.ended = time.perf_counter()
        call.computed, call.cached = int(timings.get("prompt_n", 0)), int(timings.get("cache_n", 0))
        call.generated = int(timings.get("predicted_n", 0))


async def gather(chunks: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer for an arm that does not stream."""
    text, calls, finish, last, usage = "", [], "stop", {}, {}
    async for chunk in chunks:
        last, usage = chunk, chunk.get("usage") or usage
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            calls += [{k: v for k, v in each.items() if k != "index"} for each in delta.get("tool_calls") or ()]
            finish = choice.get("finish_reason") or finish
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = calls
    head = {key: last.get(key) for key in ("id", "created", "model")}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
