"""Whether a whole message is a yes or a no, in the launch languages: for confirming a proposal by typing.

Only the whole message counts: "yes, but …" and "yes?" are neither; "yes, go ahead" says yes twice, and "yes, cancel it"
is one where cancelling is what was proposed. Polite words, punctuation, emoji and stretched letters are left out. The
words are in ``consent.toml``.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

Answer: TypeAlias = Literal["yes", "no"]

_POLITE_ENDING = re.compile(r"(นะ)?(ค่ะ|คะ|ค่า|ครับ|คับ|จ้า|จ้ะ)$")
"""Thai writes its polite particles without a space."""
_STRETCHED = re.compile(r"(.)\1{2,}")
_MARKS: dict[str, Answer] = {
    "👍": "yes", "✅": "yes", "✔": "yes", "👌": "yes", "🆗": "yes", "👎": "no", "❌": "no", "✖": "no",
}  # fmt: skip
_QUESTION = re.compile("[?？؟]")
_PART_END = re.compile(r"[,.!;:，。！、،؛၊။।។\n]+")
_UNSEEN = re.compile("[\u064b-\u065f\ufe00-\ufe0f]")
"""Arabic vowel signs, and the selectors that choose how an emoji is drawn."""
_LATIN = re.compile("[a-z\u00c0-\u024f\u1e00-\u1eff]")
LONGEST = 40
"""Characters; a longer message says more than yes or no."""


def _normalise(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    kept = (_keep(character) for character in text)
    return _STRETCHED.sub(r"\1", " ".join("".join(kept).split()))


def _keep(character: str) -> str:
    """Letters, marks, digits and the apostrophe stay, invisible characters vanish, the rest parts words."""
    category = unicodedata.category(character)
    if category == "Cf" or _UNSEEN.match(character):
        return ""
    return character if category[0] in "LMN" or character == "'" else " "


def _read(words: str) -> frozenset[str]:
    known = {_normalise(word.replace("+", " ")) for word in words.split()}
    return frozenset(known | {word.replace(" ", "") for word in known})


TABLES: dict[str, Any] = tomllib.loads(files("app.language").joinpath("consent.toml").read_text("utf-8"))
_YES, _NO = _read(TABLES["yes"]), _read(TABLES["no"])
# What is a no in one language is left out as a mere courtesy in none: Filipino "ga" is Indonesian "not".
_POLITE, _FILLERS = (_read(TABLES[name]) - _NO for name in ("polite", "fillers"))
_VERBS = {tool: _read(words) for tool, words in TABLES["verbs"].items()}
_KNOWN = _YES | _NO | _POLITE
_PHRASE_WORDS = max(phrase.count(" ") + 1 for phrase in _YES | _NO)


def read_consent(text: str) -> Answer | None:
    """Whether the whole message is a yes or a no, in any launch language; None for anything else."""
    if len(text) > LONGEST or _QUESTION.search(text):
        return None
    plain = _normalise(text)
    answers: set[Answer | None] = {_MARKS[c] for c in text if c in _MARKS}
    if plain:
        whole = _read_part(plain)
        parts = [_normalise(part) for part in _PART_END.split(text)]
        answers |= {whole} if whole else {_read_part(part) for part in parts if part and part not in _POLITE}
    return answers.pop() if len(answers) == 1 else None


def confirms(text: str, tool: str) -> bool:
    """Whether the whole message is a yes, or one that repeats the proposed action and nothing else: "yes, cancel it"."""
    if read_consent(text) == "yes":
        return True
    if len(text) > LONGEST or _QUESTION.search(text) or tool not in _VERBS:
        return False
    words, verbs = _normalise(text).split(), _VERBS[tool]
    begun = begins_with_yes(text) or any(words and words[0].startswith(yes) for yes in _YES if not _LATIN.match(yes))
    return begun and _repeats(words, verbs)


@lru_cache(maxsize=8)
def _run_of(known: frozenset[str]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(map(re.escape, sorted(known, key=len, reverse=True))) + ")+")


def _repeats(words: Sequence[str], verbs: frozenset[str]) -> bool:
    """Whether the words are a yes, the verb and what may stand around it, and the verb is among them.

    A script without spaces may write several of them as one word.
    """
    known = _YES | _POLITE | _FILLERS | verbs
    run = _run_of(known)
    fits = (word in known or (not _LATIN.match(word) and run.fullmatch(word)) for word in words)
    said = " ".join(words)
    return all(fits) and any(verb in words or (not _LATIN.match(verb) and verb in said) for verb in verbs)


def begins_with_yes(text: str) -> bool:
    """Whether a short message that is no plain yes begins with one and says no no: "yes cancel it", "ừ huỷ đi"."""
    words = _normalise(text).split()
    if len(text) > LONGEST or _QUESTION.search(text) or not words or read_consent(text):
        return False
    first = max((" ".join(words[:size]) for size in range(1, _PHRASE_WORDS + 1)), key=lambda p: (p in _YES, len(p)))
    return first in _YES and not holds_no(text)


def names_act(text: str, tool: str) -> bool:
    """Whether the words ask for what a tool does: its verb is among them, and no "don't" before it."""
    plain = f" {_normalise(text)} "
    return _holds(plain, _VERBS.get(tool, ())) and not _holds(plain, _refusals(tool))


@lru_cache(maxsize=8)
def _refusals(tool: str) -> frozenset[str]:
    """The noes that name the act: "don't cancel", "không huỷ"."""
    return frozenset(no for no in _NO if any(verb in no for verb in _VERBS[tool]))


def holds_no(text: str) -> bool:
    """Whether a no is among the words, also inside a script without spaces: "ไม่ยกเลิกค่ะ"."""
    return _holds(f" {_normalise(text)} ", _NO)


def _holds(plain: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in plain if _LATIN.match(phrase) else phrase in plain for phrase in phrases)


def _read_part(plain: str) -> Answer | None:
    words, joined = plain.split(), plain.replace(" ", "")
    once = words[0] if len(set(words)) == 1 else plain
    without_polite = " ".join(word for word in words if word not in _POLITE)
    for candidate in (plain, joined, once, without_polite, _POLITE_ENDING.sub("", joined)):
        if candidate in _YES or candidate in _NO:
            return "yes" if candidate in _YES else "no"
    return _read_run(words)


def _read_run(words: list[str]) -> Answer | None:
    """A yes said several times without a comma ("yes go ahead", "嗯 确认"); one word more or a no among them: None."""
    answers = _parse_run(words)
    return next(iter(answers)) if answers is not None and len(answers) == 1 else None


def _parse_run(words: list[str]) -> frozenset[Answer] | None:
    """What the phrases say that the words fall into, long ones first; None when they fall into none."""
    if not words:
        return frozenset()
    for size in range(min(len(words), _PHRASE_WORDS), 0, -1):
        phrase = " ".join(words[:size])
        rest = _parse_run(words[size:]) if phrase in _KNOWN else None
        if rest is not None:
            answer: Answer = "yes" if phrase in _YES else "no"
            return rest if phrase in _POLITE else rest | {answer}
    return None
