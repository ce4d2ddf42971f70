"""True sentences of a real model, for ``bench.fabrication --written``: the half that no template wrote.

    python -m bench.harvest run --out FILE [--seconds N] [--languages en es]
    python -m bench.harvest label FILE --out FILE

``run`` asks the small model to say the facts of made-up orders in its own words. ``label`` cuts them into sentences
and keeps those of which every group of digits stands in the record and the language is right by
``app.evaluation.tongue``: no code of the product. What is kept must still be read: a person marks the false ones with
``"hostile": true`` and drops what says nothing (``bench/data/written.jsonl`` was made so).
"""

import argparse
import asyncio
import json
import random
import re
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

from app.config import load_settings
from app.evaluation.tongue import judge
from app.language.registry import LANGUAGES
from app.llm.base import ChatMessage, Sampling
from app.llm.calls import wait_until_ready
from app.llm.embedded import EmbeddedModel
from app.model_files import find_file
from app.wording import Wording
from bench.fabrication import STATES, TODAY, make_order, record

SPOKEN = ("en", "zh-Hans", "es", "pt", "fr", "de", "id", "vi", "ja", "ru", "ko", "ms", "zh-Hant", "th", "ar")
"""Languages in which the model writes sentences at all; the first are asked most."""
AT_ONCE = 3


async def run(out: Path, seconds: float, languages: list[str]) -> None:
    path, entry = find_file(load_settings().data_dir / "models", "qwen2.5-coder-1.5b")
    model = EmbeddedModel(path, entry.name if entry else path.stem, 1024, slots=AT_ONCE)
    await model.start()
    await wait_until_ready(model, 300)
    chance, wording, begun = random.Random(time.time_ns()), Wording(), time.monotonic()

    async def work() -> None:
        while time.monotonic() - begun < seconds:
            language = chance.choice(languages)
            state = chance.choice(list(STATES.values()))
            source = record(make_order(chance, language), state, language, wording, codes=True)
            told = LANGUAGES[language]
            prompt = (
                f"{source.text}\n\nTell the customer this in your own words in {told.name} ({told.autonym}), "
                "in two or three short sentences. Change no number, date or name. Add nothing."
            )
            text = ""
            async with aclosing(
                model.stream([ChatMessage("user", prompt)], Sampling(temperature=0.8, max_tokens=110))
            ) as chunks:
                async for chunk in chunks:
                    text += chunk.text
            row = {"language": language, "text": text, "source": source.id, "record": source.text, "state": state}
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row | {"statuses": sorted(source.statuses)}, ensure_ascii=False) + "\n")

    try:
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    finally:
        await model.close()


ABBREVIATED = re.compile(r"(?:\d|\b\w|г|د\.إ)\.$")
MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "Septem", "Oktober", "Novem", "Dezem")
SENTENCES = re.compile(r"(?<=[.!?。！？])(?:\s+|(?<=[。！？]))|\n+")


def label(path: Path, out: Path) -> None:
    kept, seen, total = 0, set[str](), 0
    with out.open("w", encoding="utf-8") as file:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            for sentence in split(row["text"]):
                total += 1
                if sentence in seen or not is_true(sentence, row):
                    continue
                seen.add(sentence)
                kept += 1
                file.write(json.dumps(as_case(sentence, row), ensure_ascii=False) + "\n")
    print(f"{kept} of {total} sentences kept")


def split(text: str) -> list[str]:
    """Sentences; a full stop inside a date ("3. Dezember") or an abbreviation does not end one."""
    joined: list[str] = []
    for part in filter(None, map(str.strip, SENTENCES.split(text))):
        if joined and (ABBREVIATED.search(joined[-1]) and (not part[:1].isupper() or part.startswith(MONTHS))):
            joined[-1] += " " + part
        else:
            joined.append(part)
    return joined


def is_true(sentence: str, row: dict[str, Any]) -> bool:
    """Only sentences that state a value, all of whose values stand in the record, in its language."""
    values = re.findall(r"[A-Za-z]*\d[\dA-Za-z]*", re.sub(r"(?<=\d)[.,\s\u00a0](?=\d)", "", sentence))
    known = re.findall(r"[A-Za-z]*\d[\dA-Za-z]*", re.sub(r"(?<=\d)[.,\s\u00a0](?=\d)", "", row["record"]))
    if not values or any(v not in known for v in values):
        return False
    return judge(sentence, row["language"]).right and len(sentence) < 240


def as_case(sentence: str, row: dict[str, Any]) -> dict[str, Any]:
    source = {"id": row["source"], "text": row["record"], "statuses": row["statuses"]}
    return {"language": row["language"], "text": sentence, "sources": [source], "now": TODAY.isoformat()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("--out", type=Path, required=True)
    running.add_argument("--seconds", type=float, default=600)
    running.add_argument("--languages", nargs="*", default=list(SPOKEN))
    labelling = commands.add_parser("label")
    labelling.add_argument("file", type=Path)
    labelling.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if options.command == "label":
        label(options.file, options.out)
    else:
        asyncio.run(run(options.out, options.seconds, options.languages))


if __name__ == "__main__":
    main()
