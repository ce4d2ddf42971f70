"""The kinds of fields that documents are made of: each checks its form and brings it into the canonical one.

A reason completes the sentence "customers[2].phone …". None of them repeats the value: it may be personal.
"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from app.identity import normalise_number
from app.language import registry
from app.shopdata.amounts import currencies

YEARS = (1990, 2200)
MAX_COUNT = 1_000_000
MAX_STOCK = 2_000_000_000
"""Below 2^31, which is what the column holds."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9._/-]{0,62}[A-Z0-9])?")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def _check_text(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("holds a control character or half a surrogate pair")
    return text


def _check_id(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("begins or ends with a space, or holds a character that cannot be seen")
    return text


def _check_number(text: str) -> str:
    number = normalise_number(text)
    if not _NUMBER.fullmatch(number):
        raise ValueError("is no order number: letters A-Z, digits and . _ / - inside")
    return number


def _read_time(value: Any) -> datetime:
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValueError("is no ISO 8601 time such as 2026-11-23T18:00:00+08:00") from None
    if not YEARS[0] <= moment.year < YEARS[1]:
        raise ValueError(f"is not between the years {YEARS[0]} and {YEARS[1]}")
    if moment.tzinfo is None:
        raise ValueError("has no time zone; add Z or, for instance, +08:00")
    return moment.astimezone(UTC)


def _check_currency(code: str) -> str:
    if code not in currencies():
        raise ValueError("is no ISO 4217 code of a currency that is in use, such as MYR")
    return code


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)) - {
        "ZZ",
        "EU",
        "UN",
    }


def _check_country(code: str) -> str:
    if code not in _countries():
        raise ValueError("is no ISO 3166 code of a country, such as MY")
    return code


def _check_language(tag: str) -> str:
    known = registry.find(tag)
    if known is None and tag and not _TAG.fullmatch(tag):
        raise ValueError("is no language tag such as ms or zh-Hant")
    return known.code if known else tag


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_zone(name: str) -> str:
    if name and name not in _zones():
        raise ValueError("is no IANA time zone such as Asia/Kuala_Lumpur")
    return name


def _check_email(text: str) -> str:
    if text and not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+", text):
        raise ValueError("is no e-mail address")
    return text


def normalise_phone(text: str, country: str) -> str:
    """E.164 of a number as people write it; empty stays empty. Raises ValueError with the reason."""
    if not text.strip():
        return ""
    try:
        parsed = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise ValueError("is no phone number; write it with its country code, such as +60 12-345 6789")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def check_label(text: str) -> str:
    """A payment method's label must not hold a whole card number (13 to 19 digits that pass Luhn's check)."""
    for run in re.findall(r"\d(?:[ -]?\d){12,18}", text):
        digits = [int(c) for c in reversed(re.sub(r"\D", "", run))]
        doubled = [d if place % 2 == 0 else sum(divmod(2 * d, 10)) for place, d in enumerate(digits)]
        if sum(doubled) % 10 == 0:
            raise ValueError("holds a whole card number; write only its last four digits")
    return text


def _text(longest: int, shortest: int = 0) -> Any:
    return StringConstraints(strict=True, min_length=shortest, max_length=longest)


_SEEN = AfterValidator(_check_text)
Key = Annotated[str, _text(64, 1), _SEEN, AfterValidator(_check_id)]
"""An identifier: 1 to 64 characters that can be seen."""
OptionalKey = Annotated[str, _text(64), _SEEN, AfterValidator(_check_id)]
"""As ``Key``, or empty: not known."""
OrderNo = Annotated[str, _text(64, 1), AfterValidator(_check_number)]
"""As customers type it: stored in upper case and without a #."""
Name = Annotated[str, _text(200, 1), _SEEN]
Line = Annotated[str, _text(500), _SEEN]
OneLine = Annotated[str, StringConstraints(strict=True, max_length=500, pattern=r"^[^\r\n]+$"), _SEEN]
Prose = Annotated[str, _text(20_000), _SEEN]
Word = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Email = Annotated[str, _text(254), _SEEN, AfterValidator(_check_email)]
Phone = Annotated[str, _text(40), _SEEN]
Label = Annotated[str, _text(100, 1), _SEEN, AfterValidator(check_label)]
Currency = Annotated[str, _text(3, 3), AfterValidator(_check_currency)]
Country = Annotated[str, _text(2, 2), AfterValidator(_check_country)]
LanguageTag = Annotated[str, _text(35), AfterValidator(_check_language)]
Zone = Annotated[str, _text(64), AfterValidator(_check_zone)]
Amount = Annotated[str, StringConstraints(strict=True, max_length=40), Field(json_schema_extra={"examples": ["59.90"]})]
"""A decimal string in major units; how many decimals it may have is its currency's business."""
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_COUNT)]
Count = Annotated[int, Field(strict=True, ge=0, le=MAX_COUNT)]
Stock = Annotated[int, Field(strict=True, ge=0, le=MAX_STOCK)]
Flag = Annotated[bool, Field(strict=True)]
Time = Annotated[datetime, BeforeValidator(_read_time), WithJsonSchema({"type": "string", "format": "date-time"})]
"""ISO 8601 with a time zone; kept in UTC."""
Options = Annotated[dict[Key, Name], Field(max_length=20)]
"""For instance {"size": "M", "colour": "Blue"}."""
