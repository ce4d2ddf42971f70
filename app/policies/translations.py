"""Whether a translation of a policy promises what its original promises.

Owns what can be compared without knowing the language: sections, rules and the numbers that stand in the prose. An
edit of the original alone is found by it where it changes one of them.
"""

import re
from collections import Counter
from collections.abc import Iterator

from app.errors import PolicyError
from app.policies.documents import Policy, Section

_EXPRESSION = re.compile(r"{[{%].*?[%}]}", re.DOTALL)
_VALUE = re.compile(r"\b(?:rules|policies|shop|order)(?:\.\w+|\[[^\]]*\])*")
_TARGET = re.compile(r"\]\([^)]*\)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def check_translations(policy: Policy) -> Iterator[PolicyError]:
    """Every section that is missing, or says something else, in a translation.

    What several translations miss was probably changed in the original, so that is where it is reported.
    """
    for original in policy.sections:
        places: dict[str, list[tuple[str, int]]] = {}
        for translation in policy.translations.values():
            section = next((s for s in translation.sections if s.slug == original.slug), None)
            place = (translation.path.name, section.line if section else 1)
            for difference in _compare(original, section) if section else ("is not translated",):
                places.setdefault(difference, []).append(place)
        for difference, found in places.items():
            yield _report(policy, original, difference, found)


def _report(policy: Policy, original: Section, difference: str, found: list[tuple[str, int]]) -> PolicyError:
    text = f"section {original.slug}: {difference}"
    if len(found) == 1:
        return PolicyError(f"{text}, unlike {policy.path.name}", *found[0])
    files = ", ".join(file for file, _ in found)
    return PolicyError(f"{text} in its translations {files}", policy.path.name, original.line)


def _compare(original: Section, section: Section) -> Iterator[str]:
    wanted, found = _values(original), _values(section)
    yield from (f"does not use {value}" for value in sorted(wanted - found))
    yield from (f"uses {value}" for value in sorted(found - wanted))
    numbers, here = _numbers(original), _numbers(section)
    yield from (f"does not say {number}" for number in sorted(numbers - here))
    yield from (f"says {number}" for number in sorted(here - numbers))


def _values(section: Section) -> frozenset[str]:
    """What the expressions read: ``rules.window_days``, ``order.return_deadline``."""
    expressions = " ".join(_EXPRESSION.findall(section.template))
    return frozenset(_VALUE.findall(expressions))


def _numbers(section: Section) -> Counter[str]:
    """The numbers that the prose writes out, with how often."""
    return Counter(_NUMBER.findall(_TARGET.sub("]", _EXPRESSION.sub(" ", section.template))))
