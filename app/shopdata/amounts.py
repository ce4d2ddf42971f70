"""Amounts as documents write them: decimal strings in major units, exact, with the digits of their currency.

``"59.90"`` MYR is 5990 minor units, ``"1500000"`` VND is 1500000. Owns the written form and the list of currencies
that are legal tender today. Leaves the number of digits to ``formats.exponent``.
"""

import re
from decimal import Decimal
from functools import cache

from babel.core import get_global

from app.formats import exponent

MAX_DIGITS = 15
"""Digits before the decimal point: with three decimals the minor units still fit into 64 bits."""

_DECIMAL = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}(?:\.[0-9]+)?")


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes that are legal tender somewhere today, from CLDR's territory data."""
    territories = get_global("territory_currencies").values()
    return frozenset(code for entries in territories for code, _, end, tender in entries if end is None and tender)


def default_currency(country: str) -> str:
    """The tender of an ISO 3166 country; US dollars where CLDR knows none."""
    entries = get_global("territory_currencies").get(country, ())
    return next((code for code, _, end, tender in entries if end is None and tender), "USD")


def read_amount(text: str, currency: str) -> int:
    """Minor units. Raises ValueError with the reason."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(
            "is no amount; write digits with a decimal point and without a sign or separators, such as 1234.50"
        )
    digits = exponent(currency)
    _, _, decimals = text.partition(".")
    if len(decimals) > digits:
        kept = f"at most {digits} decimals" if digits else "no decimals"
        raise ValueError(f"has {len(decimals)} decimals; {currency} has {kept}")
    return int(Decimal(text).scaleb(digits))


def write_amount(amount: int, currency: str) -> str:
    """The canonical form: always as many decimals as the currency has."""
    return format(Decimal(amount).scaleb(-exponent(currency)), "f")
