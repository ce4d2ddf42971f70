"""Keeping the KV cache useful: which server slot a call should take, and the static prefix on the disk.

llama.cpp takes any idle slot, and a cold one reads the whole prompt again. So the calls choose: the slot that holds
most of the prompt and whose conversation loses least, else the one longest unused. And every slot gets the static
prefix from one file, which also survives a restart. Only static text may be kept: the file is no place for customer
data.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from app.errors import ModelUnavailable
from app.llm.base import ChatMessage

_LIVING_CALLS = 8
"""Calls a slot after which a conversation that was not heard of again counts as over."""
_KEPT_FILES = 2
_WAIT_SECONDS = 30.0


@dataclass(slots=True)
class _Place:
    text: str = ""
    busy: bool = False
    used: int = 0


class SlotPicker:
    """Remembers what each of the server's ``slots`` read last. Lives as long as one server process."""

    def __init__(self, slots: int) -> None:
        self._places = [_Place() for _ in range(slots)]
        self._clock = count(1)
        self._now = 0

    def hold(self, messages: Sequence[ChatMessage]) -> None:
        """Every slot holds these now."""
        for place in self._places:
            place.text = flatten(messages)

    @contextmanager
    def pick(self, messages: Sequence[ChatMessage]) -> Iterator[int]:
        """The slot to ask for, busy meanwhile; -1 (the server decides) when all are."""
        text = flatten(messages)
        idle = [place for place in self._places if not place.busy]
        if not idle:
            yield -1
            return
        place = max(idle, key=lambda p: (self._weigh(p, text), -p.used))
        self._now = next(self._clock)
        place.text, place.busy, place.used = text, True, self._now
        try:
            yield self._places.index(place)
        finally:
            place.busy = False

    def _weigh(self, place: _Place, text: str) -> float:
        """Characters that need not be read again, less half of those that a living conversation would lose."""
        shared = count_shared(place.text, text)
        living = self._now - place.used < _LIVING_CALLS * len(self._places)
        return shared - (len(place.text) - shared) / 2 if living else shared


def count_shared(left: str, right: str) -> int:
    """Characters of the common beginning."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left.startswith(right[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


def flatten(messages: Sequence[ChatMessage]) -> str:
    return "\x1e".join(f"{m.role}\x1f{m.content}" for m in messages)


class PrefixFile:
    """The KV cache of ``messages`` for one server configuration ``setup``, as a file in ``folder``."""

    def __init__(self, folder: Path, messages: Sequence[ChatMessage], setup: dict[str, Any]) -> None:
        told = json.dumps([setup, flatten(messages)], sort_keys=True).encode()
        self.path = folder / f"prefix-{hashlib.sha256(told).hexdigest()[:24]}.bin"

    async def restore(self, server: "SlotServer", slots: int) -> bool:
        """Into every slot; False when there is no file, or the server does not take it."""
        if not self.path.is_file():
            return False
        answers = [await server.act(slot, "restore", self.path.name) for slot in range(slots)]
        if all(answer.get("n_restored", 0) > 0 for answer in answers):
            with suppress(OSError):
                os.utime(self.path)
            return True
        self.path.unlink(missing_ok=True)
        return False

    async def save(self, server: "SlotServer", slot: int) -> bool:
        """What ``slot`` holds; older files beyond the last few are deleted."""
        answer = await server.act(slot, "save", self.path.name)
        if answer.get("n_saved", 0) <= 0:
            return False
        files = sorted(self.path.parent.glob("prefix-*.bin"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in files[_KEPT_FILES:]:
            old.unlink(missing_ok=True)
        return True


class SlotServer:
    """llama-server's ``/slots/{id}`` actions. A failure is an empty answer: the prefix is then read the slow way."""

    def __init__(self, port: int, key: str) -> None:
        self._base = f"http://127.0.0.1:{port}/slots"
        self._headers = {"Authorization": f"Bearer {key}"}

    async def act(self, slot: int, action: str, filename: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=_WAIT_SECONDS) as client:
                answer = await client.post(
                    f"{self._base}/{slot}",
                    params={"action": action},
                    json={"filename": filename},
                    headers=self._headers,
                )
                told = answer.raise_for_status().json()
        except httpx2.ConnectError:
            raise ModelUnavailable("The model process stopped and is being restarted.") from None
        except (httpx2.HTTPError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}
