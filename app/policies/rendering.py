"""Turns a section's Markdown with Jinja into plain text for one order: sandboxed, every variable must exist.

Owns what templates can see: ``rules`` (their own policy's), ``policies`` (every policy's rules by id with dashes as
underscores), ``shop`` and ``order`` (an ``OrderView`` or None). Amounts and dates are written for English prose; a
reply formats its facts itself, in the customer's locale.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, get_currency_precision
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import PolicyError
from app.models import Money
from app.policies.documents import Policy, Section

_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ENGLISH = Locale("en")
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


def write_date(value: date | datetime) -> str:
    """``24 November 2026``. Raises TypeError for None, so that a template cannot print a day that is not known."""
    if not isinstance(value, date):
        raise TypeError("date needs a date; ask {% if … %} first")
    return format_date(value, "d MMMM yyyy", locale="en")


def write_money(value: Money | int, currency: str = "") -> str:
    """``MYR 59.90``: the code, not a symbol that several countries share."""
    money = value if isinstance(value, Money) else Money(int(value), currency)
    major = money.amount / 10 ** get_currency_precision(money.currency)
    return format_currency(major, money.currency, "¤¤ #,##0.00", locale="en", currency_digits=True)


def write_amounts(amounts: Mapping[str, int]) -> str:
    """``VND 30,000, MYR 5.00 or THB 40.00``."""
    return format_list([write_money(value, code) for code, value in amounts.items()], style="or", locale="en")


def write_days(span: tuple[int, int]) -> str:
    """``2 to 5 days``, ``3 days``, ``at once``."""
    low, high = span
    if high == 0:
        return "at once"
    unit = "day" if high == 1 else "days"
    return f"{high} {unit}" if low == high else f"{low} to {high} {unit}"


def write_list(values: Any) -> str:
    """``bags, shoes and toys``; underscores become spaces."""
    return format_list([str(value).replace("_", " ") for value in values], locale="en")


def write_countries(codes: Iterable[str]) -> str:
    """``Vietnam, Thailand and Malaysia``; a code that CLDR does not know stays as it is."""
    return format_list([_ENGLISH.territories.get(code, code) for code in codes], locale="en")


def make_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        date=write_date,
        money=write_money,
        amounts=write_amounts,
        days=write_days,
        names=write_list,
        countries=write_countries,
    )
    return environment


_ENVIRONMENT = make_environment()


@lru_cache(maxsize=1024)
def _compile(template: str, line: int) -> Template:
    # As many empty lines first as there are in the file, so that Jinja counts as the owner's editor does.
    return _ENVIRONMENT.from_string("\n" * line + template)


def render_section(
    section: Section,
    policy: Policy,
    context: Mapping[str, Any],
    file: str | None = None,
) -> str:
    """Plain text of one section. Raises PolicyError with the line of whatever cannot be rendered."""
    name = file or policy.path.name
    try:
        text = _compile(section.template, section.line).render({**context, "rules": policy.rules})
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
