"""Paths into the shop: ``order.shipments.0.expected_at`` as a value, as a change of a value, as a difference.

Knows the domain's values and no language.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from app.models import Money


def look_up(roots: Mapping[str, Any], path: str) -> Any:
    """The value at a path. Raises KeyError with the path when there is none."""
    value: Any = roots
    for part in path.split("."):
        try:
            value = _step(value, part)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise KeyError(path) from None
    return value


def _step(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return value[part]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value[int(part)]
    return getattr(value, part)


def change_at(record: Any, path: str, value: Any) -> Any:
    """The record with another value at a path; a value of the same kind as the old one. Raises KeyError."""
    head, _, rest = path.partition(".")
    if isinstance(record, tuple):
        index = int(head) if head.isdecimal() and int(head) < len(record) else -1
        if index < 0:
            raise KeyError(path)
        new = change_at(record[index], rest, value) if rest else value
        return (*record[:index], new, *record[index + 1 :])
    if isinstance(record, dict):
        return {**record, head: change_at(record[head], rest, value) if rest else value}
    if not is_dataclass(record) or isinstance(record, type) or head not in {f.name for f in fields(record)}:
        raise KeyError(path)
    old = getattr(record, head)
    new = change_at(old, rest, value) if rest else _fit(old, value)
    return replace(record, **{head: new})


def _fit(old: Any, value: Any) -> Any:
    if isinstance(old, Money) and isinstance(value, int):
        return replace(old, amount=value)
    if isinstance(old, Enum) and isinstance(value, str):
        return type(old)(value)
    return tuple(value) if isinstance(old, tuple) and isinstance(value, list) else value


def flatten(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every plain value below a value, with its path; money and times are plain."""
    if is_dataclass(value) and not isinstance(value, type | Money):
        for field in fields(value):
            yield from flatten(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from flatten(part, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from flatten(part, f"{path}.{index}")
    else:
        yield path, value


def is_below(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}.")


def is_same(value: Any, wanted: Any) -> bool:
    """Whether a value is what a scenario file calls it: enums by their word, money by its minor units."""
    if isinstance(value, Money):
        return bool(value.amount == wanted)
    if isinstance(value, Enum):
        return bool(value.value == wanted)
    if isinstance(value, datetime):
        return value.isoformat() == str(wanted)
    return bool(value == wanted)
