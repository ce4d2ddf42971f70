"""llama.cpp in a supervised child process on loopback: a model without any server to install.

Owns the child's life: start, readiness, restart after a crash, end. Leaves the conversation with it to ``openai``
and the model file to ``app.model_files``.
"""

import asyncio
import json
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from app.errors import ModelError, ModelFileError, ModelUnavailable, ReplyBroken
from app.llm.base import ChatMessage, Chunk, Health, Sampling, Usage
from app.llm.openai import OpenAIModel
from app.llm.prefix import PrefixFile, SlotPicker, SlotServer
from app.llm.tokens import choose_counter

LOAD_SECONDS = 300.0
FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0
"""Seconds before a restart; the delay doubles as long as the child dies before it has served for a minute."""
SETTLED_SECONDS = 60.0
LARGE_FILE = 2_000_000_000
"""Bytes; a model above it gets its KV cache in q8_0, half the memory of f16 (f16 is faster on small ones)."""
SERVER = Path(__file__).with_name("embedded_server.py")


def choose_threads(wanted: int) -> int:
    """``wanted``, or one fewer than the usable cores: with all of them, decoding collapses when the machine is busy."""
    if wanted:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


class EmbeddedModel:
    """The GGUF file ``path`` served by llama.cpp. Raises ModelFileError at once when the file cannot be one."""

    backend = "embedded"

    def __init__(
        self,
        path: Path,
        name: str,
        context_tokens: int,
        *,
        slots: int = 2,
        threads: int = 0,
        expected_bytes: int | None = None,
        cache_folder: Path | None = None,
    ) -> None:
        check_file(path, expected_bytes)
        if cache_folder is not None:
            cache_folder.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.name = name
        self.context_tokens = context_tokens
        self.slots = slots
        self.threads = choose_threads(threads)
        self._expected_bytes = expected_bytes
        self._cache_folder = cache_folder
        self._prefix: tuple[ChatMessage, ...] = ()
        self._picker = SlotPicker(slots)
        self._slot_server: SlotServer | None = None
        self._count = choose_counter(name)
        self._child: Process | None = None
        self._remote: OpenAIModel | None = None
        self._state: Literal["loading", "unavailable"] = "loading"
        self._detail = "The model is still loading."
        self._supervisor: asyncio.Task[None] | None = None
        self.restarts = 0

    async def start(self) -> None:
        if self._supervisor is None:
            self._supervisor = asyncio.create_task(self._supervise(), name="embedded-model")

    async def close(self) -> None:
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await supervisor

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def health(self) -> Health:
        """Ready while the child lives: a child that reads a long prompt answers no question in time."""
        facts = {"slots": self.slots, "threads": self.threads, "restarts": self.restarts}
        remote = self._remote
        if remote is None:
            return Health(self._state, self.backend, self.name, self._detail, facts)
        facts["context_tokens"] = remote.context_tokens
        return Health("ready", self.backend, self.name, facts=facts | remote.speed.facts())

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        delay = FIRST_DELAY
        while True:
            begun = loop.time()
            try:
                await self._run_child()
            except ModelFileError as error:  # somebody moved the file while we ran
                self._state, self._detail = "unavailable", str(error)
            except OSError as error:
                self._state = "unavailable"
                self._detail = f"The model process cannot be started: {error.strerror}."
            if loop.time() - begun > SETTLED_SECONDS:
                delay = FIRST_DELAY
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            self.restarts += 1

    async def _run_child(self) -> None:
        """One life of the child; returns when it is dead."""
        check_file(self.path, self._expected_bytes)
        key = secrets.token_urlsafe(32)
        # -P: the folder of the script stays out of sys.path, else this package's openai.py would hide the real one.
        creating = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                sys.executable, "-P", str(SERVER), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
        )
        try:
            child = self._child = await asyncio.shield(creating)
        except asyncio.CancelledError:
            await end_child(await creating)
            raise
        try:
            port = await self._hand_over(child, key)
            if port:
                await self._serve(child, port, key)
        finally:
            await end_child(child)

    async def _serve(self, child: Process, port: int, key: str) -> None:
        """From ready to dead; after a crash the prefix is back before the first call."""
        remote = OpenAIModel(f"http://127.0.0.1:{port}/v1", self.name, self.context_tokens, key=key)
        self._slot_server = SlotServer(port, key)
        self._picker = SlotPicker(self.slots)
        try:
            await remote.health()
            if self._prefix:
                with suppress(ModelError):
                    await self._restore_prefix()
            self._remote = remote
            await child.wait()
        finally:
            self._remote = None
            self._state, self._detail = "loading", "The model process stopped and is being restarted."
            await remote.close()

    async def keep_prefix(self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling()) -> Usage:
        """Read ``messages`` once, give them to every slot and keep them over restarts; static text only.

        From the disk when they were kept before (the usage then says that all is cached). Raises ModelError.
        """
        self._prefix = tuple(messages)
        if self._remote is None or self._slot_server is None:
            raise ModelUnavailable(self._detail)
        if await self._restore_prefix():
            tokens = sum(self._count(message.content) for message in messages)
            return Usage(tokens, tokens, 0)
        usage = Usage()
        once = replace(sampling, max_tokens=1)
        async with aclosing(self._remote.stream(messages, once, extra={"id_slot": 0})) as chunks:
            async for chunk in chunks:
                usage = chunk.usage or usage
        kept = self._prefix_file()
        if kept and await kept.save(self._slot_server, 0):
            await self._restore_prefix()
        return usage

    async def _restore_prefix(self) -> bool:
        kept = self._prefix_file()
        if kept is None or self._slot_server is None or not await kept.restore(self._slot_server, self.slots):
            return False
        self._picker.hold(self._prefix)
        return True

    def _prefix_file(self) -> PrefixFile | None:
        """Bound to everything that the KV cache depends on; None when there is no folder to keep it in."""
        if self._cache_folder is None:
            return None
        state = self.path.stat()
        setup = {
            "file": [self.path.name, state.st_size, state.st_mtime_ns],
            "context": self.context_tokens,
            "server": version("xllamacpp"),
        }
        return PrefixFile(self._cache_folder, self._prefix, setup)

    async def _hand_over(self, child: Process, key: str) -> int:
        """Send the specification and wait for the port; 0 when the child could not load the model."""
        spec = {
            "path": str(self.path.absolute()),
            "name": self.name,
            "key": key,
            "slots": self.slots,
            "context_tokens": self.context_tokens,
            "threads": self.threads,
            "slot_folder": str(self._cache_folder.absolute()) if self._cache_folder else "",
            "small_cache": self.path.stat().st_size > LARGE_FILE,
        }
        assert child.stdin is not None  # noqa: S101  both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(json.dumps(spec).encode() + b"\n")
            await child.stdin.drain()
            line = await asyncio.wait_for(child.stdout.readline(), LOAD_SECONDS)
            answer = json.loads(line)
        except (TimeoutError, ValueError, OSError):
            answer = {}
        if "port" not in answer:
            self._state = "unavailable"
            self._detail = (
                f"The model file {self.path.name} cannot be loaded: it may be damaged, or memory is short. "
                f"Run `kaunter model pull {self.name} --force`, or choose a smaller model."
            )
            return 0
        return int(answer["port"])

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling = Sampling(), schema: dict[str, Any] | None = None
    ) -> AsyncGenerator[Chunk, None]:
        remote, child = self._remote, self._child
        if remote is None or child is None:
            raise ModelUnavailable(self._detail)
        try:
            with self._picker.pick(messages) as slot:
                async with aclosing(remote.stream(messages, sampling, schema, {"id_slot": slot})) as chunks:
                    async for chunk in chunks:
                        yield chunk
        except (ReplyBroken, ModelUnavailable):
            if await has_died(child):
                raise ModelUnavailable("The model process stopped and is being restarted.") from None
            raise

    def count_tokens(self, text: str) -> int:
        return self._count(text)


def check_file(path: Path, expected_bytes: int | None = None) -> None:
    """Tell apart what llama.cpp reports as one error. Raises ModelFileError: missing, no GGUF, cut off."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError:
        raise ModelFileError(f"There is no model file {path}. Run `kaunter model pull {path.stem}`.") from None
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read: {error.strerror}.") from None
    again = f"Run `kaunter model pull {path.stem} --force`."
    if magic != b"GGUF":
        raise ModelFileError(f"The model file {path} is not a GGUF file. {again}")
    if expected_bytes is not None and size != expected_bytes:
        raise ModelFileError(f"The model file {path} has {size:,} bytes, not {expected_bytes:,}. {again}")


async def has_died(child: Process, seconds: float = 1.0) -> bool:
    """The socket breaks a moment before the process counts as dead, so give it that moment."""
    with suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), seconds)
    return child.returncode is not None


async def end_child(child: Process) -> None:
    """Close its input, which ends it; kill it if it does not listen."""
    if child.stdin is not None:
        child.stdin.close()
    if not await has_died(child, 2.0):
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
