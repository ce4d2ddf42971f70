"""What a fact looks like in a text: the forms that CLDR gives a date, an amount or a number, and whether one is there.

Owns rendering for the judge, with Babel alone: ``app.wording`` and ``app.formats`` are judged by it. The domain's
convention is that money counts CLDR's minor units.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, get_currency_precision

from app.evaluation.paths import look_up
from app.evaluation.scenario import ANY_LANGUAGE, Words, split_fact
from app.models import Money

SKELETONS = ("MMMMd", "MMMd", "yMMMd", "yMMMMd", "MMMEd", "Md", "yMd")
NUMERIC = ("yyyy-MM-dd", "dd/MM/yyyy", "d/M/yyyy", "dd/MM", "d/M", "dd.MM.yyyy", "dd.MM.", "d.M.")


_SIGN = re.compile(
    r"(?<![a-z])(rm|rp|rs|usd|sgd|myr|idr|thb|vnd|php|khr|lak|mmk|cny|twd|inr|jpy|krw|aed|eur|gbp|brl|bdt)(?=\d)"
)
"""A currency's letters right before its amount."""
_SIGN_AFTER = re.compile(r"(?<=\d)(rp|rm|rs|kr|us(?=\$)|s(?=\$))(?![a-z])")
"""And right after it, as Khmer writes Rp and Bengali US$."""
_CURRENCY = re.compile(r"[A-Z]{3}")
"""The last step of a path into a policy's amounts, which are minor units by currency."""


def fold(text: str) -> str:
    """Compatible, lower-case, with digits 0-9 and plain spaces, without invisible signs, amounts off their letters."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    parted = _SIGN_AFTER.sub(r" \1", plain.casefold())
    return _SIGN.sub(r"\1 ", re.sub(r"\s+", " ", parted).strip())


def holds(form: str, folded: str) -> bool:
    """Whether a form stands in a folded text, not as a part of a longer number or word of Latin letters."""
    wanted = fold(form)
    if not wanted:
        return False
    start = r"(?<![0-9a-z])(?<!\d[.,])" if re.match(r"[0-9a-z]", wanted) else ""
    end = r"(?![0-9])(?![.,]\d)" if wanted[-1].isdecimal() else ""
    if re.match(r"[0-9].*[a-z]$", wanted):  # "3 Dec" is no part of "3 December", which is a form of its own
        end = r"(?![a-z])"
    return re.search(start + re.escape(wanted) + end, folded) is not None


@lru_cache(maxsize=64)
def find_locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache(maxsize=65536)
def date_forms(day: date, language: str) -> frozenset[str]:
    """Usual written forms of a day, with and without the year."""
    locale = find_locale(language)
    forms = {format_date(day, style, locale) for style in ("full", "long", "medium", "short")}
    forms |= {
        format_skeleton(skeleton, day, locale=locale) for skeleton in SKELETONS if skeleton in locale.datetime_skeletons
    }
    forms |= {format_date(day, pattern, locale) for pattern in NUMERIC}
    return frozenset(fold(form) for form in forms)


def number_forms(value: int | Decimal, language: str) -> frozenset[str]:
    """With the separators of the language, of English, and without."""
    locale = find_locale(language)
    formats = [
        format_decimal(value, locale=where, group_separator=group)
        for where in (locale, "en")
        for group in (True, False)
    ]
    return frozenset(fold(form) for form in formats)


def money_forms(value: Money, language: str) -> frozenset[str]:
    """The amount as a currency and as a bare number, with and without decimals where they are zero."""
    digits = get_currency_precision(value.currency)
    amount = Decimal(value.amount).scaleb(-digits)
    locale = find_locale(language)
    forms = {format_currency(amount, value.currency, locale=locale)}
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    for where in (locale, "en"):
        forms |= {format_decimal(amount, pattern, where, group_separator=group) for group in (True, False)}
        if amount == amount.to_integral_value():
            forms |= set(number_forms(int(amount), language))
    return frozenset(fold(form) for form in forms)


def forms_of(value: Any, language: str, zone: str) -> frozenset[str]:
    """Every usual form of a value. Raises TypeError for one that has no plain form, such as a status."""
    match value:
        case Enum() | bool():
            raise TypeError("this value has no plain form; give words by language")
        case str():
            return frozenset({fold(value)})
        case Money():
            return money_forms(value, language)
        case datetime():
            return date_forms(value.astimezone(ZoneInfo(zone)).date(), language)
        case date():
            return date_forms(value, language)
        case int() | Decimal():
            return number_forms(value, language)
        case _:
            raise TypeError("this value has no plain form; name a part of it")


def render(fact: str | Words, roots: Mapping[str, Any], language: str, zone: str) -> frozenset[str]:
    """The forms of a fact, of which one must stand there. Raises KeyError for an unknown path, TypeError."""
    if not isinstance(fact, str):
        return frozenset(fold(word) for word in fact.get(language, fact.get(ANY_LANGUAGE, ())))
    path, more = split_fact(fact)
    value = look_up(roots, path)
    if value is None:
        raise KeyError(path)
    if isinstance(value, int) and _CURRENCY.fullmatch(currency := path.rpartition(".")[2]):
        value = Money(value, currency)
    if more:
        days = int(more) if more.isdecimal() else look_up(roots, more)
        if not isinstance(value, datetime) or not isinstance(days, int):
            raise TypeError("days can only be added to a time")
        value = value.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return forms_of(value, language, zone)


def is_said(fact: str | Words, roots: Mapping[str, Any], text: str, language: str, zone: str) -> bool:
    """Whether a fact stands in a text, in any usual form."""
    folded = fold(text)
    return any(holds(form, folded) for form in render(fact, roots, language, zone))
