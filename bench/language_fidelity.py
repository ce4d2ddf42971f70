"""In which language does the small real model answer, by itself and through Kaunter? And which stage spoke?

    python -m bench.language_fidelity run raw|kaunter|shipped --out FILE [--seconds N] [--languages vi th]
    python -m bench.language_fidelity report FILE

Ten policy questions in each of 16 languages (``questions_heldout1.tsv``; written as people type, by language models).
``raw``: the model with the policy's section in a plain prompt that names the reply's language. ``kaunter``: the whole
turn; the topic is given (what it costs to find it is ``bench.retrieval``), the model may phrase in every language, even
the sections that are quoted otherwise (docs/adr/0007), and the pause after failed tries is off, so that each question
is a try of its own. ``shipped``: the trial model as it is set up, which phrases nothing (docs/adr/0002), so that the
canned responses speak and no model is loaded.

``run`` appends one JSON line a reply, skips what is there and stops after N seconds: call it again to go on.
``report`` judges with ``app.evaluation.tongue``, which shares nothing with the rest of the product.
"""

import argparse
import asyncio
import csv
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import replace
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app import phrasing
from app.config import find_content, load_settings
from app.evaluation.tongue import judge
from app.intents import Intent, Router
from app.language import registry
from app.llm.base import ChatMessage, Sampling
from app.llm.calls import wait_until_ready
from app.llm.embedded import EmbeddedModel
from app.main import build_services
from app.model_files import find_file
from app.models import Message
from app.policies import load, selection
from app.store.database import utc_now
from app.tools.registry import Desk, ToolCall, ToolResult, Tools

QUESTIONS = Path(__file__).parent / "data" / "questions_heldout1.tsv"
LANGUAGES = ("vi", "th", "ms", "id", "fil", "km", "lo", "my", "zh-Hans", "ta", "hi", "ar", "ja", "ko", "es", "en")
SECTIONS = (
    "returns#window", "refunds#time", "shipping#cost", "cancellation#when", "damaged#report", "payment#methods",
    "returns#final-sale", "returns#how", "shipping#failed", "payment#problems",
)  # fmt: skip
AT_ONCE = 3
RAW_TOKENS = 120
TURN_SECONDS = 600.0
NEVER = 99.0
"""More than any section scores."""
STAGES = ("first_try", "regeneration", "translation", "canned")
Row = dict[str, Any]
Ask = Callable[[str, str, str], Awaitable[Row]]


def read_questions() -> dict[tuple[str, str], str]:
    """The first question of each language about each section."""
    found: dict[tuple[str, str], str] = {}
    with QUESTIONS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault((row["lang"], row["section"].split("|")[0]), row["text"])
    return found


class GivenTopic(Router):
    """Knows what each question is about."""

    topics: dict[str, str]

    def route(self, text: str, language: str) -> Intent:
        policy, _, section = self.topics.get(text, "returns#window").partition("#")
        return Intent("answer_from_policy", 1.7, policy, section, certain=True)


@asynccontextmanager
async def open_raw(folder: Path) -> AsyncIterator[Ask]:
    """The model alone: facts first, so that the server reads them once for all languages."""
    path, entry = find_file(load_settings().data_dir / "models", "qwen2.5-coder-1.5b")
    model = EmbeddedModel(path, entry.name if entry else path.stem, 2048, slots=AT_ONCE, cache_folder=folder)
    policies = load(find_content("policies"))
    await model.start()
    await wait_until_ready(model, 300)

    async def ask(language: str, section: str, question: str) -> Row:
        policy, _, wanted = section.partition("#")
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        passages = policies.render(policy, None, None, zone, utc_now(), language)
        facts = "\n".join(p.text for p in passages if p.section == wanted)
        told = registry.LANGUAGES[language]
        messages = [
            ChatMessage("system", "You are the assistant of an online shop. Answer from these facts only:\n" + facts),
            ChatMessage("user", f"{question}\n\n(Answer in {told.name} ({told.autonym}), in two short sentences.)"),
        ]
        text, finish = "", None
        async with aclosing(model.stream(messages, Sampling(max_tokens=RAW_TOKENS, seed=7))) as chunks:
            async for chunk in chunks:
                text, finish = text + chunk.text, chunk.finish or finish
        return {"text": text, "cut": finish == "length", "facts": facts}

    try:
        yield ask
    finally:
        await model.close()


@asynccontextmanager
async def open_kaunter(folder: Path, backend: Literal["embedded", "none"] = "embedded") -> AsyncIterator[Ask]:
    """The whole turn, on an empty shop."""
    phrasing.FAILED_TRIES = phrasing.WATCHED_TRIES + 1
    if backend != "none":
        selection.CERTAIN = NEVER
        Tools.call = unsettled(Tools.call)  # type: ignore[method-assign]
    settings = load_settings(
        model_backend=backend,
        model="qwen2.5-coder-1.5b",
        database_url=f"sqlite+aiosqlite:///{folder / 'kaunter.db'}",
        model_languages=registry.LAUNCH,
        turn_seconds=TURN_SECONDS,
        model_slots=AT_ONCE,
        context_tokens=4096,
        limit_address="1000000 per second",
        limit_starts="1000000 per second",
    )
    router = GivenTopic(load(find_content("policies")))
    router.topics = {text: section for (_, section), text in read_questions().items()}
    services = await build_services(settings, router=router, patience=300)
    await services.start()
    if services.lender.model:
        await asyncio.wait_for(services.lender.warmed.wait(), 300)
    counter = services.conversations

    async def ask(language: str, section: str, question: str) -> Row:
        key = (await counter.start(language)).conversation.id
        await counter.choose_language(key, language)
        receipt = await counter.receive_message(key, "m1", question, address="bench")
        reply = None
        async for event in counter.follow(key, receipt.message.seq):
            reply = event if isinstance(event, Message) else None
        if reply is None or reply.metrics is None:
            return {"text": "", "spoke": "none", "verdicts": []}
        metrics = reply.metrics
        return {
            "text": reply.text, "spoke": metrics.spoke, "verdicts": list(metrics.verdicts),
            "outcome": reply.outcome, "total_ms": metrics.total_ms, "tokens": metrics.generated_tokens,
        }  # fmt: skip

    try:
        yield ask
    finally:
        await services.close()


def unsettled(call: Callable[..., Awaitable[ToolResult]]) -> Callable[..., Awaitable[ToolResult]]:
    """Lets the model phrase what is quoted otherwise."""

    async def wrapped(tools: Tools, chosen: ToolCall, desk: Desk) -> ToolResult:
        return replace(await call(tools, chosen, desk), settles=False)

    return wrapped


ARMS: dict[str, Callable[[Path], AbstractAsyncContextManager[Ask]]] = {
    "raw": open_raw,
    "kaunter": open_kaunter,
    "shipped": partial(open_kaunter, backend="none"),
}


async def run(arm: str, out: Path, seconds: float, languages: list[str]) -> None:
    done = {(row["language"], row["section"]) for row in read_rows(out) if row["arm"] == arm}
    questions = read_questions()
    todo = [(lang, s) for s in SECTIONS for lang in languages if (lang, s) not in done]
    begun, queue = time.monotonic(), iter(todo)
    with tempfile.TemporaryDirectory() as folder:
        async with ARMS[arm](Path(folder)) as ask:

            async def work() -> None:
                for language, section in queue:
                    if time.monotonic() - begun > seconds:
                        return
                    question = questions[language, section]
                    row = await ask(language, section, question)
                    known = {"arm": arm, "language": language, "section": section, "question": question}
                    with out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(known | row, ensure_ascii=False) + "\n")

            await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    left = len(todo) - len({(r["language"], r["section"]) for r in read_rows(out) if r["arm"] == arm} - done)
    print(f"{arm}: {left} of {len(todo)} left after {time.monotonic() - begun:.0f} s")


def read_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def interval(hits: int, total: int) -> str:
    """Share with its 95 % Wilson interval, in percent."""
    if not total:
        return "-"
    z, share = 1.96, hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{share:.0%} ({max(0.0, middle - half):.0%}-{min(1.0, middle + half):.0%})"


def report(path: Path) -> None:
    rows = read_rows(path)
    right: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    stages: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found = judge(row["text"], row["language"])
        for language in (row["language"], "all"):
            right[row["arm"], language][found.right] += 1
            if row["arm"] == "kaunter":
                stages[language][row["spoke"]] += 1
                reasons[language].update(row["verdicts"])
        if not found.right:
            print(f"wrong {row['arm']:8}{row['language']:8}{row['section']:20} {found.wrong}")
    print("\n| language | raw | phrasing | shipped | first try | regenerated | translated | canned | why |")
    print("|---|---|---|---|---|---|---|---|---|")
    for language in (*LANGUAGES, "all"):
        cells = [interval(c[True], c.total()) for c in (right[arm, language] for arm in ARMS)]
        cells += [str(stages[language][stage]) for stage in STAGES]
        why = ", ".join(f"{kind} {count}" for kind, count in reasons[language].most_common())
        print(f"| {language} | {' | '.join(cells)} | {why} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("arm", choices=tuple(ARMS))
    running.add_argument("--out", type=Path, required=True)
    running.add_argument("--seconds", type=float, default=840)
    running.add_argument("--languages", nargs="*", default=list(LANGUAGES))
    commands.add_parser("report").add_argument("file", type=Path)
    options = parser.parse_args()
    if options.command == "report":
        report(options.file)
    else:
        asyncio.run(run(options.arm, options.out, options.seconds, options.languages))


if __name__ == "__main__":
    main()
