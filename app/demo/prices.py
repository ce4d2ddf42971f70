"""Prices of the demo shop: one list in Singapore dollars, turned into the customer's currency at fixed rates."""

from decimal import Decimal

from app.formats import exponent

# One Singapore dollar in each currency, and the step that prices there are rounded to. Invented, roughly right.
_RATES = {
    "SGD": ("1", "0.10"),
    "VND": ("19000", "1000"),
    "THB": ("26", "1"),
    "MYR": ("3.40", "0.10"),
    "IDR": ("11800", "1000"),
    "PHP": ("42", "1"),
    "KHR": ("3100", "100"),
    "LAK": ("16500", "500"),
    "MMK": ("1600", "100"),
    "CNY": ("5.50", "0.10"),
    "TWD": ("24", "1"),
    "INR": ("63", "1"),
    "JPY": ("112", "10"),
    "KRW": ("1030", "100"),
    "AED": ("2.80", "0.50"),
    "USD": ("0.77", "0.10"),
}


def convert(dollars: float, currency: str) -> int:
    """Minor units of ``currency`` for an amount of Singapore dollars, rounded to a usual price."""
    rate, step = map(Decimal, _RATES[currency])
    steps = (Decimal(str(dollars)) * rate / step).quantize(Decimal(1))
    return int((steps * step).scaleb(exponent(currency)))
