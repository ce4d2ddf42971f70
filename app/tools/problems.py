"""What is wrong with a delivery, read from the customer's words where they say one thing clearly.

Owns reading the kind of problem in the launch languages, from ``problems.toml``. Leaves asking to the tool.
"""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

Problem: TypeAlias = Literal["damaged", "wrong", "missing", "not_received"]
KINDS: tuple[Problem, ...] = ("damaged", "wrong", "missing", "not_received")


def read_problem(text: str) -> Problem | None:
    """The one kind of problem that the text names; None where it names none or several."""
    plain = _elsewhere().sub(" ", _flatten(text))
    found = [kind for kind in KINDS if _patterns()[kind].search(plain)]
    return found[0] if len(found) == 1 else None


def _flatten(text: str) -> str:
    """Lower case, without the accents that people leave out of Latin letters, in single spaces."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d").replace("’", "'"))
    bare = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", bare).split())


@lru_cache(maxsize=1)
def _patterns() -> dict[Problem, re.Pattern[str]]:
    """A pattern for each kind: beginnings of words, and for scripts without spaces anything."""
    tables = _tables()
    return {
        kind: re.compile(
            rf"(?<!\w)(?:{_any_of(' '.join(tables[kind].values()))})|{_any_of(tables['unspaced'][kind]['words'])}"
        )
        for kind in KINDS
    }


@lru_cache(maxsize=1)
def _elsewhere() -> re.Pattern[str]:
    """ "not received" of something that is no parcel: its name follows within a word, or stands before."""
    other, missing = _tables()["elsewhere"], _patterns()["not_received"].pattern
    after = rf"(?:{missing})\w*\W?(?:\w{{1,12}} ){{0,1}}(?:{_any_of(other['after'])})"
    return re.compile(rf"{after}|(?:{_any_of(other['before'])})\w{{0,3}} ?(?:\w{{1,6}} )?(?:{missing})")


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("app.tools").joinpath("problems.toml").read_text("utf-8"))


def _any_of(words: str) -> str:
    return "|".join(re.escape(_flatten(word.replace("+", " "))) for word in words.split())
