"""Dates, money and numbers as a shopper of each language reads them (CLDR data through Babel).

Owns the minor units of currencies and the written form of single values. Leaves sentences to ``wording``.
Digits are always 0-9 (every launch language reads them, and order numbers are written so), years Gregorian:
Thai dates carry the era that CLDR gives them ("3 พฤศจิกายน ค.ศ. 2026"), so that nobody takes the year for
a Buddhist one.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_precision

from app.language import registry
from app.models import Money

# Where a locale has no sign of its own for a currency of the region, shoppers know these better than the ISO code.
_SIGNS = {"MYR": "RM", "IDR": "Rp", "SGD": "S$", "THB": "฿", "VND": "₫", "PHP": "₱", "KHR": "៛", "LAK": "₭", "BDT": "৳"}
_LETTERED_SIGN = re.compile(r"(?<=[A-Z])\$")
_COMMAS = {"zh-Hans": "、", "zh-Hant": "、", "ja": "、", "ar": "، ", "my": "၊ "}
# CLDR's "and" in these leaves no space around a Latin title, or separates with a bare space or dash.
_JOINS = {"th": (", ", " และ "), "lo": (", ", " ແລະ "), "km": (", ", " និង "), "my": ("၊ ", " နှင့် ")}


def exponent(currency: str) -> int:
    """Digits of the minor unit in which ``Money.amount`` counts: the one place that decides it.

    CLDR's, as Babel has it: VND, JPY, KRW, LAK, MMK 0; IDR, KHR, THB, MYR, PHP, SGD, USD and most others 2;
    KWD 3. So ``Money(5990000, "IDR")`` is Rp59.900 and ``Money(59900, "VND")`` is 59.900 ₫.
    """
    return get_currency_precision(currency)


def money(value: Money, language: str) -> str:
    """``RM59.90``, ``1.500.000 ₫``, ``Rp59.900``: decimals left out where they are zero and no coin shows them."""
    locale, code = _locale(language), value.currency
    amount = Decimal(value.amount).scaleb(-exponent(code))
    pattern = locale.currency_formats["standard"].pattern
    if _has_no_coins(code) and amount == amount.to_integral_value():
        pattern = pattern.replace(".00", "")
        text = format_currency(amount, code, format=pattern, locale=locale, currency_digits=False)
    else:
        text = format_currency(amount, code, locale=locale)
    if code in text:
        text = text.replace(code, _SIGNS.get(code, code))
        text = re.sub(rf"({code})(?=\d)|(?<=\d)({code})", lambda found: _space_code(found[1], found[2]), text)
    if locale.text_direction == "rtl":
        text = _LETTERED_SIGN.sub("$\u200e", text)  # else a browser writes "$S"
    return _unify_spaces(text)


def day(value: datetime, tz: str) -> date:
    """The calendar day on which an aware ``value`` falls in the time zone ``tz`` (IANA name)."""
    return value.astimezone(ZoneInfo(tz)).date()


def long_date(value: date, language: str) -> str:
    """Day, month by name and year: ``3 tháng 11, 2026``, ``2026年11月3日``."""
    return _unify_spaces(format_date(value, "long", _locale(language)))


def number(value: int, language: str) -> str:
    """An integer with the separators of the language: ``4,000``, ``4.000``."""
    return _unify_spaces(format_decimal(value, locale=_locale(language)))


def language_name(code: str, language: str) -> str:
    """What speakers of ``language`` call another language."""
    named = Locale.parse(registry.LANGUAGES[code].locale.split("_")[0])
    return named.get_display_name(_locale(language)) or registry.LANGUAGES[code].autonym


def join(parts: Sequence[str], language: str) -> str:
    """``A, B and C`` in the language."""
    if language not in _JOINS or len(parts) < 2:
        return format_list(list(parts), locale=_locale(language))
    comma, last = _JOINS[language]
    return comma.join(parts[:-1]) + last + parts[-1]


def enumerate_parts(parts: Sequence[str], language: str) -> str:
    """``A, B, C`` with the comma of the language and no "and": for "one of these"."""
    return _COMMAS.get(language, ", ").join(parts)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    known = registry.find(language) or registry.LANGUAGES["en"]
    return Locale.parse(known.locale)


def _has_no_coins(currency: str) -> bool:
    """True where the minor unit is only in the books (CLDR's cash digits; it lacks the riel)."""
    digits: tuple[int, ...] = get_global("currency_fractions").get(currency, (2, 0, 2, 0))
    return digits[2] == 0 or currency == "KHR"


def _space_code(before: str | None, after: str | None) -> str:
    return f"{before}\u00a0" if before else f"\u00a0{after}"


def _unify_spaces(text: str) -> str:
    """One kind of no-break space (French uses the narrow one), so that a reader of claims knows only one."""
    return text.replace("\u202f", "\u00a0")
