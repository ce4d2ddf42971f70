"""Does a small model help to choose the tool where the retrieval index is not sure?

    python -m bench.decide collect FILE [--minutes 8] [--shots 2] [--full]
    python -m bench.decide report FILE

``collect`` asks the embedded model about labelled lines (``decide_cases``) and appends what it says, one JSON object a
line; it goes on where it was stopped. The model reads the tools as lettered one-liners, with ``--shots`` also examples
of the bank, and answers with one letter, whose probabilities are kept. ``--full`` asks with the prompt of larger models
instead, which write the whole call. ``report`` compares the index, the model and both together (``decide_report``).
"""

import argparse
import asyncio
import json
import math
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from app.config import load_settings
from app.decision import DECIDE
from app.llm.base import ChatMessage
from app.llm.calls import complete_json, wait_until_ready, warm
from app.llm.embedded import EmbeddedModel
from app.model_files import find_file
from app.prompts import Budget
from app.retrieval import Entry
from app.tools import TOOLS
from bench.decide_cases import Case, Lines, name_of, read_asked
from bench.decide_report import report


def write_prefix(bank: Sequence[Entry], shots: int) -> tuple[list[ChatMessage], dict[str, str]]:
    """The static messages, and the tool of each letter."""
    letters = {chr(ord("A") + n): tool.name for n, tool in enumerate(TOOLS)}
    by_name = {name: letter for letter, name in letters.items()}
    options = "\n".join(f"{by_name[tool.name]}: {tool.description}" for tool in TOOLS)
    system = (
        "You sort the messages that customers of an online shop write, in any language. "
        "Answer with the letter of what the message asks for, and nothing else.\n\n" + options
    )
    messages = [ChatMessage("system", system)]
    for text, name in pick_examples(bank, shots):
        messages += [ChatMessage("user", text), ChatMessage("assistant", by_name[name])]
    return messages, letters


def pick_examples(bank: Sequence[Entry], shots: int) -> list[tuple[str, str]]:
    """``shots`` lines of each tool, of different languages, mixed; the same each time."""
    draw = random.Random(7)
    by_tool: dict[str, list[Entry]] = {}
    for entry in bank:
        by_tool.setdefault(name_of(entry.label.partition("/")[0]), []).append(entry)
    found: list[tuple[str, str]] = []
    for name, entries in by_tool.items():
        languages = draw.sample(sorted({e.language for e in entries}), shots)
        found += [(draw.choice([e.text for e in entries if e.language == code]), name) for code in languages]
    draw.shuffle(found)
    return found


async def ask_letter(
    model: EmbeddedModel, messages: Sequence[ChatMessage], letters: Mapping[str, str]
) -> dict[str, float]:
    """The logarithm of each tool's probability as the first token."""
    remote = model._remote
    assert remote is not None
    answer = await remote._client.chat.completions.create(
        model=model.name,
        messages=[m.to_wire() for m in messages],  # type: ignore[misc]
        max_tokens=1,
        temperature=0.0,
        logprobs=True,
        top_logprobs=200,
        extra_body={"cache_prompt": True, "id_slot": 0},
    )
    told = answer.choices[0].logprobs
    found: dict[str, float] = {}
    for option in told.content[0].top_logprobs if told and told.content else ():
        if (name := letters.get(option.token.strip())) is not None:
            found[name] = max(option.logprob, found.get(name, -99.0))
    return found


async def collect(lines: Lines, cases: Sequence[Case], file: Path, options: argparse.Namespace) -> None:
    """Ask about the cases until the time is over; each answer is written at once."""
    path, entry = find_file(load_settings().data_dir / "models", "")
    name = entry.name if entry else path.stem
    static, letters = write_prefix(lines.bank, options.shots)
    if options.full:
        static = [ChatMessage("system", lines.prompts.prefix)]
    with tempfile.TemporaryDirectory() as cache, file.open("a", encoding="utf-8") as out:
        model = EmbeddedModel(path, name, 8192, slots=1, threads=options.threads, cache_folder=Path(cache))
        try:
            await model.start()
            await wait_until_ready(model, 300)
            begun = time.perf_counter()
            usage = await warm(model, static)
            print(f"{name} reads {usage.prompt} tokens in {time.perf_counter() - begun:.1f} s", flush=True)
            begun = time.perf_counter()
            for case in cases:
                started = time.perf_counter()
                if started - begun > 60 * options.minutes:
                    break
                asking = ask_full(model, lines, case) if options.full else ask_short(model, static, letters, case)
                said = await asking
                seconds = round(time.perf_counter() - started, 3)
                out.write(json.dumps({**asdict(case), "said": said, "seconds": seconds}, ensure_ascii=False) + "\n")
                out.flush()
        finally:
            await model.close()


async def ask_short(
    model: EmbeddedModel, static: Sequence[ChatMessage], letters: Mapping[str, str], case: Case
) -> dict[str, float]:
    found = await ask_letter(model, [*static, ChatMessage("user", case.text)], letters)
    merged: dict[str, float] = {}
    for name, value in found.items():
        merged[name_of(name)] = math.log(math.exp(merged.get(name_of(name), -99.0)) + math.exp(value))
    return merged


async def ask_full(model: EmbeddedModel, lines: Lines, case: Case) -> dict[str, float]:
    question = lines.question(case.text, case.language)
    budget = Budget(8192, 512, model.count_tokens)
    messages = lines.prompts.compose("decide", (), case.text, budget, verified=True, orders=question.orders)
    choices = lines.decider._choices(question)
    raw, _ = await complete_json(model, messages, TOOLS.schema(choices), DECIDE)
    return {name_of(str(raw["tool"])): 0.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("collect", "report"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--shots", type=int, default=0, help="examples of each tool in the prompt")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--full", action="store_true", help="the prompt of larger models")
    options = parser.parse_args()
    asked = read_asked(options.file) if options.file.exists() else []
    if options.what == "report":
        report(asked)
        return
    lines = Lines()
    cases = lines.find()
    random.Random(11).shuffle(cases)
    print(f"{len(cases)} of {len(lines.lines)} lines are uncertain; {sum(c.part == 'score' for c in cases)} to score")
    known = {a.case.text for a in asked}
    waiting = [case for case in cases if case.text not in known]
    asyncio.run(collect(lines, waiting, options.file, options))


if __name__ == "__main__":
    main()
