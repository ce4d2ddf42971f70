"""Numbers as they are written: grouped, with decimals, in words, in Chinese numerals.

Owns reading a number's value. Leaves what is counted (money, days, items) to the extractors.
"""

from decimal import Decimal, InvalidOperation

# A grouped or decimal number. The no-break space groups everywhere, a plain one only before decimals (it separates).
NUMBER = r"\d{1,3}(?:\u00a0\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,3}(?: \d{3})+,\d\d(?!\d)|\d+(?:['.,]\d+)*"
KANJI = "〇零一二三四五六七八九十百千万萬億亿两兩"

_CENTS = 2
"""Decimals of a currency that has any, of all launch currencies."""

_KANJI_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_KANJI_TENS = {"十": 10, "百": 100, "千": 1000}
_KANJI_MYRIADS = {"万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8}


def read_number(text: str) -> Decimal | None:
    """The value of ``1.500.000``, ``1,290.50``, ``59,9``, ``12,34,567``; None if it is no number.

    Two kinds of separator: the last one is the decimal. One, once, before exactly three digits: it groups
    (no launch currency has three decimals, and nobody sells 1.290 pieces); otherwise it is the decimal. One, more than
    once: it groups, but before two last digits it is the decimal (small models write ``63,276,00 €``).
    """
    plain = text.replace("\u00a0", "").replace(" ", "").replace("'", "").rstrip(".,")
    comma, dot = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and dot >= 0:
        grouping = "." if comma > dot else ","
        plain = plain.replace(grouping, "").replace(",", ".")
    elif comma >= 0 or dot >= 0:
        mark = "," if comma >= 0 else "."
        parts = plain.split(mark)
        if len(parts) > 2 and len(parts[-1]) == _CENTS:
            parts = ["".join(parts[:-1]), parts[-1]]
        grouped = len(parts) > 2 or (len(parts[1]) == 3 and parts[0] not in ("", "0"))
        plain = "".join(parts) if grouped else ".".join(parts)
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def read_kanji(text: str) -> int | None:
    """The value of a number in Chinese numerals, positional (二〇二六) or with tens and myriads (三万五千)."""
    if not text or any(c not in KANJI for c in text):
        return None
    if all(c in _KANJI_DIGITS for c in text):
        return int("".join(str(_KANJI_DIGITS[c]) for c in text[:18]))
    total = section = digit = 0
    for c in text:
        if c in _KANJI_DIGITS:
            digit = _KANJI_DIGITS[c]
        elif c in _KANJI_TENS:
            section += (digit or 1) * _KANJI_TENS[c]
            digit = 0
        else:
            total += (section + digit or 1) * _KANJI_MYRIADS[c]
            section = digit = 0
    return total + section + digit


def write_number(value: Decimal | int) -> str:
    """The canonical form in claims: no exponent, no trailing zeros."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
