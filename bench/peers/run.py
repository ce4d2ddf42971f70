"""Plays the sample through one arm, on one llama.cpp behind the adapter, and writes results and costs.

    python -m bench.peers.run plain|langchain|openai-agents|kaunter|none --out FOLDER [--minutes 8] [--limit N]

Goes on where it stopped. Needs the packages of ``requirements.lock`` beside this file, in a virtual environment of
their own together with Kaunter's, and the model of ``kaunter model pull``.
"""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from openai import AsyncOpenAI

from app.config import find_content, load_settings
from app.evaluation.results import Result
from app.evaluation.runner import Bench, Run, load_contents, open_bench, read_rules
from app.evaluation.sampling import list_scenarios, read_list
from app.evaluation.scenario import read_suite
from app.llm.embedded import SERVER, choose_threads
from app.llm.openai import OpenAIModel
from app.logs import configure_logging
from app.main import Services
from app.model_files import find_file
from bench.peers.adapter import Adapter
from bench.peers.counter import Ledger, MakeRival, PeerConversations, WatchedConversations
from bench.peers.desk import ShopDesk
from bench.peers.prompts import introduce, write_system
from bench.peers.sample import ease

MODEL = "qwen2.5-coder-1.5b"
ARMS = ("plain", "langchain", "openai-agents", "kaunter", "none")
SAMPLE = Path(__file__).with_name("sample.txt")


@asynccontextmanager
async def serve_model(path: str) -> AsyncIterator[tuple[str, str]]:
    """llama.cpp with one slot, as Kaunter's embedded backend starts it; its address and key."""
    key = secrets.token_urlsafe(32)
    spec = {
        "path": path,
        "name": MODEL,
        "key": key,
        "slots": 1,
        "context_tokens": 8192,
        "threads": choose_threads(0),
        "slot_folder": "",
        "small_cache": False,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(SERVER), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(spec).encode() + b"\n")
        await child.stdin.drain()
        port = json.loads(await child.stdout.readline())["port"]
        yield f"http://127.0.0.1:{port}", key
    finally:
        child.stdin.close()
        await child.wait()


@asynccontextmanager
async def serve_adapter(adapter: Adapter, port: int) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(adapter.app, host="127.0.0.1", port=port, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = True
        await task
        await adapter.close()


def make_rival(arm: str, url: str, bench: Bench) -> MakeRival:
    system = write_system(bench.router.policies, agent=arm != "plain")
    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=600)
    if arm == "plain":
        from bench.peers.plain import make_plain

        return make_plain(client, MODEL, system)
    if arm == "langchain":
        from bench.peers.lang_chain import make_langchain

        return make_langchain(url, MODEL, system)
    from bench.peers.openai_agents import make_openai_agents

    return make_openai_agents(client, MODEL, system)


async def build_arm(arm: str, url: str, ledger: Ledger) -> tuple[Bench, Callable[[Path], Awaitable[Services]]]:
    """The bench, warmed, and what makes the services of a scenario."""
    settings = load_settings(model_backend="none")
    model = OpenAIModel(url, MODEL, 8192) if arm == "kaunter" else None
    bench = await open_bench(settings, model)
    make = None if arm in ("kaunter", "none") else make_rival(arm, url, bench)

    async def build(folder: Path) -> Services:
        services = await bench.build(folder)
        ledger.adapter.calls.clear()
        if make is None:
            services.conversations = WatchedConversations(services.conversations, ledger)  # type: ignore[assignment]
        else:
            services.conversations = PeerConversations(services, make, introduce, ledger)  # type: ignore[assignment]
        return services

    if make is not None:  # Kaunter's instructions were read by open_bench
        with tempfile.TemporaryDirectory() as folder:
            services = await bench.build(Path(folder))
            rival = await make(ShopDesk(services, services.store.customer_shop(None), "en"), "")
            await rival.say("Hello")
            await services.close()
    return bench, build


async def play(arm: str, out: Path, minutes: float, limit: int, port: int) -> None:
    configure_logging("error")
    settings = load_settings()
    known = list_scenarios(read_suite(find_content("scenarios")))
    chosen = read_list(SAMPLE, known)[: limit or None]
    chosen = chosen if arm in ("kaunter", "none") else [ease(scenario) for scenario in chosen]
    path, _ = find_file(settings.data_dir / "models", MODEL)
    async with serve_model(str(path.resolve())) as (server, key):
        adapter = Adapter(server, key)
        async with serve_adapter(adapter, port) as url:
            ledger = Ledger(adapter)
            bench, build = await build_arm(arm, url, ledger)

            def note(result: Result) -> None:
                turns = ledger.take()
                if not turns:
                    return
                line = {"situation": result.situation, "language": result.language, "turns": turns}
                with (out / f"{arm}-costs.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                texts = [finding["text"] for finding in result.findings]
                print(result.situation, result.language, "resolved" if result.resolved else texts, flush=True)

            contents = await load_contents(settings)
            run = Run(
                chosen,
                build,
                read_rules(bench.router.policies, contents),
                contents,
                out / f"{arm}.jsonl",
                seconds=60 * minutes,
                salt=arm,
                note=note,
            )
            results = await run.execute(resume=True)
            print(f"{arm}: {sum(r.resolved for r in results)} of {len(results)} resolved, {len(chosen)} planned")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arm", choices=ARMS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--port", type=int, default=8901)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(play(wanted.arm, wanted.out, wanted.minutes, wanted.limit, wanted.port))


if __name__ == "__main__":
    main()
