"""Explicit wishes: "please answer in English", "ตอบภาษาไทยได้ไหม", "trả lời tiếng Anh giúp em".

Owns recognising them in the launch languages, from ``wishes.toml``. Leaves remembering them to ``speaker``.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from app.language.scripts import count_scripts

_MAX_CHARACTERS = 400
_REACH_WORDS = 4
_REACH_CHARACTERS = 24
_CLAUSE = re.compile(
    r"[.,!?;:\n()。，！？；：、။၊۔؟،।…]+|\b(?:but|tapi|tetapi|pero|aber|mais|mas|nhưng|nhung|sino|но)\b", re.I
)
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
# "Hindi" is also the Filipino "no": it counts only in the company of one of these.
_HINDI_COMPANY = frozenset(
    (
        "in",
        "speak",
        "reply",
        "answer",
        "please",
        "pls",
        "mein",
        "me",
        "language",
        "only",
        "use",
        "talk",
        "write",
        "chat",
    )
)


@dataclass(frozen=True, slots=True)
class _Native:
    """The wish patterns of one script other than Latin."""

    names: re.Pattern[str]
    codes: dict[str, str]
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    negations: re.Pattern[str]
    no_negations: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Latin:
    """The wish patterns of the Latin script, by whole words."""

    names: dict[str, str]
    prefixed: dict[str, str]
    prefixes: frozenset[str]
    strong: frozenset[str]
    weak: frozenset[str]
    negations: frozenset[str]
    phrases: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Patterns:
    latin: _Latin
    native: dict[str, _Native]
    things: frozenset[str]
    pieces: re.Pattern[str]


def find_wish(text: str) -> str | None:
    """The code of the language that the customer asks to be answered in, or None. The last wish counts."""
    patterns = load_patterns()
    wish = None
    for clause in _CLAUSE.split(text[:_MAX_CHARACTERS].lower()):
        wish = _find_in(clause, patterns) or wish
    return wish


@lru_cache(maxsize=1)
def load_patterns() -> _Patterns:
    """``wishes.toml``, compiled."""
    tables = tomllib.loads(files("app.language").joinpath("wishes.toml").read_text("utf-8"))
    cues, latin = tables["cues"], tables["cues"]["Latn"]
    native = {script: _compile(names, cues[script]) for script, names in tables["names"].items() if script != "Latn"}
    return _Patterns(
        _Latin(
            names=_by_stem(tables["names"]["Latn"]),
            prefixed=_by_stem(tables["prefixed"]["Latn"]),
            prefixes=frozenset(latin["prefixes"].split()),
            strong=frozenset(latin["strong"].split()),
            weak=frozenset(latin["weak"].split()),
            negations=frozenset(latin["negations"].split()),
            phrases=re.compile(latin["phrases"]),
        ),
        native,
        frozenset(tables["things"]["words"].split()),
        _any_of(tables["things"]["pieces"]),
    )


def _compile(names: dict[str, str], cues: dict[str, str]) -> _Native:
    keys = ("strong", "weak", "negations", "phrases_allowed")
    return _Native(_any_of(" ".join(names.values())), _by_stem(names), *(_any_of(cues.get(key, "")) for key in keys))


def _by_stem(names: dict[str, str]) -> dict[str, str]:
    return {stem: code for code, stems in names.items() for stem in stems.split()}


def _any_of(words: str) -> re.Pattern[str]:
    """A pattern for any of the words, longest first; one that never matches where there are none."""
    return re.compile("|".join(map(re.escape, sorted(words.split(), key=len, reverse=True))) or r"(?!)")


def _find_in(clause: str, patterns: _Patterns) -> str | None:
    if patterns.pieces.search(clause):
        return None
    words = _WORD.findall(clause)
    if not patterns.things.isdisjoint(words):
        return None
    scripts = [script for script in _scripts_of(clause) if script in patterns.native]
    return next(
        (wish for script in scripts if (wish := _find_native(clause, patterns.native[script], patterns))),
        None,
    ) or _find_latin(clause, words, patterns, scripts)


def _scripts_of(clause: str) -> list[str]:
    if clause.isascii():
        return []
    counts = count_scripts(clause)
    return ["Hani" if script == "Kana" else script for script, _ in counts.most_common()]


def _find_native(clause: str, native: _Native, patterns: _Patterns) -> str | None:
    """A wish whose language is named in the script itself; Latin cues ("中文 please") count as weak ones."""
    names = list(native.names.finditer(clause))
    if not names or native.negations.search(native.no_negations.sub("", clause)):
        return None
    name = names[-1]
    near = clause[max(0, name.start() - _REACH_CHARACTERS) : name.end() + _REACH_CHARACTERS]
    if not native.strong.search(native.names.sub(" ", near)):
        rest = native.weak.sub(" ", native.names.sub(" ", clause))
        left = [word for word in _WORD.findall(rest) if word not in patterns.latin.weak]
        if sum(map(len, left)) > 4:
            return None
    return native.codes[name[0]]


def _find_latin(clause: str, words: list[str], patterns: _Patterns, scripts: list[str]) -> str | None:
    """A wish whose language is named in Latin letters, whatever the rest is written in."""
    latin = patterns.latin
    at, wish = -1, None
    for position, word in enumerate(words):
        after_prefix = position > 0 and words[position - 1] in latin.prefixes
        code = latin.names.get(word) or (latin.prefixed.get(word) if after_prefix else None)
        if code and (word != "hindi" or not _HINDI_COMPANY.isdisjoint(words)):
            at, wish = position, "zh-Hant" if "traditional" in words[:position] and code == "zh-Hans" else code
    if wish is None or not latin.negations.isdisjoint(words[:at]) or latin.phrases.search(clause):
        return None
    near = words[max(0, at - _REACH_WORDS) : at + _REACH_WORDS + 1]
    if not latin.strong.isdisjoint(near):
        return wish
    if any(patterns.native[script].strong.search(clause) for script in scripts):
        return wish
    known = latin.weak | latin.prefixes | latin.names.keys() | latin.prefixed.keys()
    return wish if all(word in known for word in words) else None
