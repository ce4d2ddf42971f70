"""The registry of tools: ``@tool``, a JSON Schema from the signature, and the checked call.

A tool is an async function ``name(desk: Desk, …arguments) -> ToolResult``. Its arguments are annotated with
``OrderNumber``, ``PolicyId``, ``Words`` or a ``Literal``; the schema narrows the first two to values that exist
in this conversation, so that the model can name nothing else (I5). What a tool may reach is the desk's shop:
a view bound to the verified customer.
"""

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin

from app.canned import Canned
from app.guardrails.claims import Source
from app.models import Citation, Draft, Outcome
from app.policies import Policies
from app.shop import CustomerShop
from app.wording import Wording


class Kind(StrEnum):
    READ = "READ"
    WRITE = "WRITE"


class Argument(StrEnum):
    """What a free argument is narrowed to."""

    ORDER_NUMBER = "order_number"
    POLICY_ID = "policy_id"
    ITEM = "item"
    VARIANT = "variant"
    PAYMENT_METHOD = "payment_method"
    WORDS = "words"


OrderNumber = Annotated[str, Argument.ORDER_NUMBER]
PolicyId = Annotated[str, Argument.POLICY_ID]
Item = Annotated[str, Argument.ITEM]
"""The id of an order's item; empty: not said."""
VariantId = Annotated[str, Argument.VARIANT]
PaymentMethodId = Annotated[str, Argument.PAYMENT_METHOD]
Words = Annotated[str, Argument.WORDS]
"""A span of the customer's own words; empty: not said."""

WORDS_LIMIT = 200
"""Characters of a free-text argument: a product's name, a street address."""

PROOF = {"proof": "order"}
PROOF_OF_ACCOUNT = {"proof": "customer"}
"""``asked`` of a result that the customer's proof of identity would change."""

OPTIONAL = frozenset({Argument.ITEM, Argument.VARIANT, Argument.PAYMENT_METHOD})
"""May stay empty: the tool finds it in the question, or asks."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool works with in one turn."""

    shop: CustomerShop
    policies: Policies
    wording: Wording
    canned: Canned
    language: str
    time_zone: str
    """IANA name, the customer's where it is known."""
    now: datetime
    question: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found or did.

    ``canned`` is a complete, true answer in the customer's language. ``settles`` says that it is also the best
    one to the plain question, so that no model needs to phrase it.
    """

    canned: str
    outcome: Outcome = Outcome.ANSWERED
    settles: bool = True
    sources: tuple[Source, ...] = ()
    citations: tuple[Citation, ...] = ()
    done: frozenset[str] = field(default_factory=frozenset)
    handoff_reason: str | None = None
    draft: Draft | None = None
    """Of a WRITE: what the customer is asked to confirm."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """Of a WRITE that lacks something: the call so far, to be completed by the next message. Or a PROOF."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that exist in this conversation."""

    order_numbers: tuple[str, ...] = ()
    policy_ids: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    payment_methods: tuple[str, ...] = ()

    def of(self, argument: Argument) -> tuple[str, ...]:
        found = {
            Argument.ORDER_NUMBER: self.order_numbers,
            Argument.POLICY_ID: self.policy_ids,
            Argument.ITEM: self.items,
            Argument.VARIANT: self.variants,
            Argument.PAYMENT_METHOD: self.payment_methods,
        }[argument]
        return ("", *found) if argument in OPTIONAL else found


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool's name with arguments that were checked against its schema."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    kind: Kind
    description: str
    run: Callable[..., Awaitable[ToolResult]]
    arguments: Mapping[str, Any]
    """Annotation by argument name."""

    def schema(self, choices: Choices) -> dict[str, Any] | None:
        """The JSON Schema of a call, or None when an argument has no possible value."""
        properties: dict[str, Any] = {"tool": {"const": self.name}}
        for name, annotation in self.arguments.items():
            value = schema_of(annotation, choices)
            if value is None:
                return None
            properties[name] = value
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }


def schema_of(annotation: Any, choices: Choices) -> dict[str, Any] | None:
    if get_origin(annotation) is Literal:
        return {"enum": list(get_args(annotation))}
    argument = get_args(annotation)[1]
    if argument is Argument.WORDS:
        return {"type": "string", "maxLength": WORDS_LIMIT}
    values = choices.of(argument)
    return {"enum": list(values)} if values else None


def tool(kind: Kind) -> Callable[[Callable[..., Awaitable[ToolResult]]], Tool]:
    """Make an async function a tool; its docstring's first line is what the model reads."""

    def wrap(run: Callable[..., Awaitable[ToolResult]]) -> Tool:
        hints = typing.get_type_hints(run, include_extras=True)
        parameters = list(inspect.signature(run).parameters)[1:]
        doc = inspect.getdoc(run)
        if not doc:
            raise TypeError(f"the tool {run.__name__!r} needs a docstring: the model reads its first line")
        return Tool(run.__name__, kind, doc.splitlines()[0], run, {name: hints[name] for name in parameters})

    return wrap


class Tools:
    """The tools of a shop, in the order in which the model reads them."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {t.name: t for t in tools}

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def arguments_of(self, name: str) -> Mapping[str, Any]:
        return self._tools[name].arguments

    def kind_of(self, name: str) -> Kind:
        return self._tools[name].kind

    def __iter__(self) -> typing.Iterator[Tool]:
        return iter(self._tools.values())

    def schema(self, choices: Choices) -> dict[str, Any]:
        """One of the offered tools' calls."""
        offered = (t.schema(choices) for t in self)
        return {"anyOf": [schema for schema in offered if schema is not None]}

    def read_call(self, raw: Mapping[str, Any], choices: Choices) -> ToolCall | None:
        """The call in the model's JSON, or None when it names a tool or a value that is not offered."""
        found = self._tools.get(str(raw.get("tool")))
        schema = found.schema(choices) if found else None
        if found is None or schema is None:
            return None
        arguments = {name: raw.get(name) for name in found.arguments}
        for name, value in arguments.items():
            allowed = schema["properties"][name].get("enum")
            if not isinstance(value, str) or (allowed is not None and value not in allowed) or len(value) > WORDS_LIMIT:
                return None
        return ToolCall(found.name, typing.cast("dict[str, str]", arguments))

    async def call(self, call: ToolCall, desk: Desk) -> ToolResult:
        """Run a tool; arguments that the call leaves out are empty."""
        found = self._tools[call.name]
        return await found.run(desk, **{name: call.arguments.get(name, "") for name in found.arguments})
