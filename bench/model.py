"""What the embedded model costs: loading, reading the prefix, turns alone and at once, memory.

    python bench/model.py [NAME] [--slots N] [--threads N]

Prints one line a measurement; run it on an idle machine and name the machine with the figures.
"""

import argparse
import asyncio
import platform
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

from app.config import load_settings
from app.llm.base import ChatMessage, Sampling
from app.llm.calls import wait_until_ready, warm
from app.llm.embedded import EmbeddedModel
from app.model_files import find_file

PREFIX = ChatMessage(
    "system", "You answer customers. Returns close thirty days after delivery; refunds take five. " * 60
)
SAMPLING = Sampling(temperature=0.0, max_tokens=24)


async def take_turn(model: EmbeddedModel, label: str, who: int, *later: str) -> None:
    """One reply in the conversation of customer ``who``: seconds to the first text and to the end."""
    talk = [PREFIX, ChatMessage("user", f"Đơn hàng số {1000 + who} của tôi đâu rồi?")]
    for text in later:
        talk += [ChatMessage("assistant", "Đơn hàng của bạn đang chờ nhập kho."), ChatMessage("user", text)]
    begun, first, usage = time.perf_counter(), None, None
    async with aclosing(model.stream(talk, SAMPLING)) as chunks:
        async for chunk in chunks:
            first = first or time.perf_counter() - begun
            usage = chunk.usage or usage
    print(f"{label:24} first text {first:6.2f} s  whole {time.perf_counter() - begun:6.2f} s  {usage}")


def read_memory(pid: int | None) -> str:
    """Resident and, of it, anonymous memory of the child, in MB; empty where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return ""
    wanted = ("VmRSS", "RssAnon")
    return ", ".join(
        f"{line.split(':')[0]} {int(line.split()[1]) // 1024} MB"
        for line in status.read_text().splitlines()
        if line.startswith(wanted)
    )


async def measure(model: EmbeddedModel) -> None:
    begun = time.perf_counter()
    await model.start()
    health = await wait_until_ready(model, 300)
    print(f"{health.state} after {time.perf_counter() - begun:.1f} s: {health.model} {health.facts}")
    for label in ("prefix, cold", "prefix, from the disk"):
        begun = time.perf_counter()
        print(f"{label:24} {await warm(model, [PREFIX])} in {time.perf_counter() - begun:.2f} s")
    for who in range(model.slots):
        await take_turn(model, f"customer {who}, turn 1", who)
    for who in range(model.slots):
        await take_turn(model, f"customer {who}, turn 2", who, "Khi nào giao?")
    for many in (2, 4):
        turns = (take_turn(model, f"{many} at once", 100 * many + who) for who in range(many))
        await asyncio.gather(*turns)
    print(read_memory(model.pid))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--threads", type=int, default=0)
    wanted = parser.parse_args()
    path, entry = find_file(load_settings().data_dir / "models", wanted.name)
    print(time.strftime("%Y-%m-%d"), platform.platform(), platform.processor())
    with tempfile.TemporaryDirectory() as cache:
        model = EmbeddedModel(
            path,
            entry.name if entry else path.stem,
            8192,
            slots=wanted.slots,
            threads=wanted.threads,
            cache_folder=Path(cache),
        )
        try:
            await measure(model)
        finally:
            await model.close()


asyncio.run(main())
