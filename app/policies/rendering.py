"""Turns a section's Markdown with Jinja into plain text for one order: sandboxed, every variable must exist.

Owns what templates can see: ``rules`` (their own policy's), ``policies`` (every policy's rules by id with dashes as
underscores), ``shop`` and ``order`` (an ``OrderView`` or None). How values are written is in ``writing``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import PolicyError
from app.models import Money
from app.policies.documents import Policy, Section
from app.policies.writing import filters

_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_MARKS = re.compile(r"(\*\*|__|`)")


@dataclass(frozen=True, slots=True)
class OrderView:
    """What the prose of a policy may say about an order. Times are in the customer's time zone."""

    number: str
    status: str
    trouble: str | None
    country: str
    currency: str
    total: Money
    placed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    expected_ship_at: datetime | None
    expected_delivery_at: datetime | None
    return_deadline: datetime | None
    exchange_deadline: datetime | None
    report_deadline: datetime | None
    can_cancel: bool
    can_change_address: bool
    can_return: bool
    return_reason: str
    is_late: bool
    delivery_days: tuple[int, int]
    paid_by: str
    """Kind of the payment method: card, bank_transfer, cod, e_wallet, store_credit; empty while unknown."""


@lru_cache(maxsize=64)
def make_environment(language: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(filters(language))
    return environment


@lru_cache(maxsize=4096)
def _compile(template: str, line: int, language: str) -> Template:
    # As many empty lines first as there are in the file, so that Jinja counts as the owner's editor does.
    return make_environment(language).from_string("\n" * line + template)


def render_section(
    section: Section,
    policy: Policy,
    context: Mapping[str, Any],
    file: str | None = None,
    language: str = "en",
) -> str:
    """Plain text of one section, which is written in ``language``. Raises PolicyError with the line of whatever cannot
    be rendered."""
    name = file or policy.path.name
    try:
        text = _compile(section.template, section.line, language).render({**context, "rules": policy.rules})
    except TemplateError as error:
        line = getattr(error, "lineno", None) or _line_of(error) or section.line
        raise PolicyError(f"section {section.slug}: {error.message}", name, line) from None
    except Exception as error:  # anything that an owner's expression can raise
        line = _line_of(error) or section.line
        raise PolicyError(f"section {section.slug}: {error}", name, line) from None
    return plain_text(text)


def _line_of(error: BaseException) -> int | None:
    """The template line of an error: Jinja rewrites the traceback so that it shows template frames."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def plain_text(markdown: str) -> str:
    """Links become their text, emphasis goes, three empty lines become one."""
    text = _MARKS.sub("", _LINK.sub(r"\1", markdown))
    lines = [line.rstrip() for line in text.strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def rules_context(policies: Mapping[str, Policy]) -> dict[str, Any]:
    """``policies.refunds.days_by_route``: the rules of all policies, dashes as underscores."""
    return {identifier.replace("-", "_"): policy.rules for identifier, policy in policies.items()}


def local(at: datetime | None, tz: tzinfo) -> datetime | None:
    return None if at is None else at.astimezone(tz)
