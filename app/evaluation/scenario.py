"""Scenario files: one situation with its messages in each language, read and checked, mistakes by file and line.

Owns the format. Leaves which order a description finds to ``staging`` and what a fact means to ``facts``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from app.errors import ScenarioError
from app.models import OrderStatus, Outcome, RefundStatus, Trouble

PaidBy = Literal["card", "bank_transfer", "cod", "e_wallet", "store_credit"]
ANY_LANGUAGE = "any"
_PATH = r"[A-Za-z_]\w*(?:\.[\w-]+)+"
_FACT = re.compile(rf"({_PATH})(?: \+ (\d+|{_PATH}))?")
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?")


def _as_tuple(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _check_fact(value: Any) -> Any:
    if isinstance(value, str) and not _FACT.fullmatch(value):
        raise ValueError(f"{value!r} is neither a path such as order.number nor a path and days; words need a language")
    if isinstance(value, dict):
        return {str(key): _as_tuple(words) for key, words in value.items()}
    return value


Words = dict[str, tuple[str, ...]]
Fact = Annotated[str | Words, BeforeValidator(_check_fact)]
"""A path into the shop, a path and days, or words by language, of which one is enough."""
Facts = tuple[Fact, ...]
Outcomes = Annotated[tuple[Outcome, ...], BeforeValidator(_as_tuple)]


def split_fact(fact: str) -> tuple[str, str]:
    """The path, and what is added in days: a number, a path, or nothing."""
    found = _FACT.fullmatch(fact)
    return (found[1], found[2] or "") if found else (fact, "")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderWanted(Strict):
    """A description of an order; what is not said may be anything, null means none."""

    status: OrderStatus | None = None
    trouble: Trouble | None = None
    paid_by: Annotated[tuple[PaidBy, ...], BeforeValidator(_as_tuple)] = ()
    refund: RefundStatus | None = None
    items: int | None = None
    category: str = ""
    not_category: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    delivered_days_ago: int | None = None
    shipped_days_ago: int | None = None
    placed_days_ago: int | None = None
    set: dict[str, Any] = {}


class TurnExpected(Strict):
    """What one reply must be."""

    outcome: Outcomes = ()
    says: Facts = ()
    never: Facts = ()


class Expected(Strict):
    """What must come of the conversation."""

    outcome: Outcomes = ()
    handoff: bool | Literal["any"] = False
    says: Facts = ()
    never: Facts = ()
    changes: dict[str, Any] = {}
    may_change: tuple[str, ...] = ()


class Line(Strict):
    """One message of the customer; ``language`` is what replies must be in from here on."""

    say: str = Field(min_length=1)
    language: str = ""


def _as_line(value: Any) -> Any:
    return {"say": value} if isinstance(value, str) else value


class Speech(Strict):
    """The customer's part in one language."""

    turns: Annotated[tuple[Annotated[Line, BeforeValidator(_as_line)], ...], Field(min_length=1)]
    answers: tuple[str, ...] | None = None
    says: Facts = ()
    never: Facts = ()


def _as_speech(value: Any) -> Any:
    return {"turns": value} if isinstance(value, list | tuple) else value


class Situation(Strict):
    """A scenario file."""

    situation: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str = Field(min_length=1)
    tags: tuple[str, ...] = ()
    shop: dict[str, OrderWanted] = {}
    identity: Literal["none", "contact", "account"] = "none"
    locale: str = ""
    turns: tuple[TurnExpected, ...] = ()
    answers: tuple[str, ...] = ()
    then: Literal["confirm", "decline", ""] = ""
    expect: Expected
    languages: Annotated[dict[str, Annotated[Speech, BeforeValidator(_as_speech)]], Field(min_length=1)]

    @property
    def names(self) -> frozenset[str]:
        """Names of orders that paths may begin with."""
        return frozenset({"order", "stranger", *self.shop})

    @model_validator(mode="after")
    def check_languages(self) -> Self:
        for code, speech in self.languages.items():
            if not _CODE.fullmatch(code):
                raise ValueError(f"{code!r} is no language code such as th or zh-Hans")
            if self.turns and len(self.turns) != len(speech.turns):
                raise ValueError(f"{code} has {len(speech.turns)} messages, but turns has {len(self.turns)} entries")
            for fact in self._facts(speech):
                if not isinstance(fact, str) and not {code, ANY_LANGUAGE} & set(fact):
                    raise ValueError(f"a fact has no words in {code}: {', '.join(fact)}")
        return self

    @model_validator(mode="after")
    def check_paths(self) -> Self:
        roots = self.names | {"customer", "policy", "shop"}
        for path in self._paths():
            if path.partition(".")[0] not in roots:
                raise ValueError(f"{path!r} begins with none of {', '.join(sorted(roots))}")
        changed = self.names | {"customer", "stock", "outbox"}
        for path in (*self.expect.changes, *self.expect.may_change):
            if path.partition(".")[0] not in changed:
                raise ValueError(f"{path!r} begins with none of {', '.join(sorted(changed))}")
        return self

    def _facts(self, speech: Speech) -> Iterator[str | Words]:
        yield from (*self.expect.says, *self.expect.never, *speech.says, *speech.never)
        for turn in self.turns:
            yield from (*turn.says, *turn.never)

    def _paths(self) -> Iterator[str]:
        for speech in self.languages.values():
            for fact in self._facts(speech):
                if isinstance(fact, str):
                    yield from (part for part in split_fact(fact) if part and not part.isdecimal())
            for text in (*(line.say for line in speech.turns), *(speech.answers or ()), *self.answers):
                yield from PLACEHOLDER.findall(text)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A situation in a language."""

    situation: Situation
    language: str

    @property
    def key(self) -> str:
        return f"{self.situation.situation}/{self.language}"

    @property
    def speech(self) -> Speech:
        return self.situation.languages[self.language]

    @property
    def answers(self) -> tuple[str, ...]:
        own = self.speech.answers
        return self.situation.answers if own is None else own

    @property
    def fingerprint(self) -> str:
        """Changes with anything that this scenario says or expects, and with nothing else."""
        plain = self.situation.model_copy(update={"languages": {self.language: self.speech}})
        return sha256(plain.model_dump_json().encode()).hexdigest()[:16]


def read_suite(path: Path) -> list[Situation]:
    """The situations of a file, or of a folder's ``*.yaml`` files by name. Raises ScenarioError."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ScenarioError("there are no scenario files (*.yaml) in this folder", str(path))
    situations = [read_situation(file) for file in files]
    known: dict[str, Path] = {}
    for file, found in zip(files, situations, strict=True):
        if found.situation in known:
            raise ScenarioError(f"{known[found.situation].name} is the same situation", str(file))
        known[found.situation] = file
    return situations


def read_situation(path: Path) -> Situation:
    """One scenario file. Raises ScenarioError with the line of the first mistake."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ScenarioError("this file cannot be read as UTF-8", str(path)) from None
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"bad YAML: {error.problem}", str(path), line) from None
    if not isinstance(data, dict):
        raise ScenarioError("a scenario file is a mapping that begins with situation:", str(path))
    try:
        return Situation.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ScenarioError(
            f"{where}: {message}" if where else message, str(path), find_line(node, first["loc"])
        ) from None


def find_line(node: yaml.Node | None, place: Sequence[str | int]) -> int:
    """The line of a place in the file, as near as it can be told."""
    line = node.start_mark.line + 1 if node else 1
    for part in place:
        found = _step(node, part) if node else None
        if found is None:
            continue
        line, node = found
    return line


def _step(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        pairs = ((key, value) for key, value in node.value if key.value == str(part))
        return next(((key.start_mark.line + 1, value) for key, value in pairs), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
