"""Dates, weekdays, times and relative days in a folded text, in every launch language.

Owns reading them, Buddhist, Hijri, Japanese and Minguo years included, and whether a written date fits a
known one. Leaves to ``claims`` which record's dates count.

A date's value is ``2026-05-03`` with ``?`` for a part that is not said, or ``+1`` for a day counted from
today. A Hijri date is only known to a day (the month begins with a sighting): its value begins with ``~``.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import regex
from babel.dates import get_month_names

from app.guardrails.folding import fold_pattern
from app.guardrails.lexicon import Pattern, any_of, edged, entry, fragments, keys, lexicon_code, load_shared
from app.guardrails.numbers import KANJI, read_kanji
from app.language.registry import LANGUAGES

_BUDDHIST = (2400, 2700)
_HIJRI = (1300, 1600)
_BUDDHIST_OFFSET = 543
_HIJRI_EPOCH = 1948439.5
"""Julian day of 1 Muharram 1, civil reckoning (Reingold and Dershowitz, Calendrical Calculations)."""
_MONTH_FIRST = frozenset({"en", "fil"})
_YEAR_FIRST = frozenset({"zh-Hans", "zh-Hant", "ja", "ko"})
"""How CLDR's short dates order their numbers; elsewhere the day comes first."""


@dataclass(frozen=True, slots=True)
class Span:
    """A value found in ``text[start:end]`` of a folded text."""

    kind: str
    start: int
    end: int
    value: str


def find_dates(text: str, language: str) -> list[Span]:
    """Calendar dates, then days of a month, then months; none overlaps another."""
    spans: list[Span] = []
    for form, pattern in _patterns(language):
        for found in pattern.finditer(text):
            if any(found.start() < span.end and span.start < found.end() for span in spans):
                continue
            spans.extend(_read(form, found, language))
    return spans


def _read(form: str, found: regex.Match[str], language: str) -> list[Span]:
    parts = found.groupdict()
    year, month, day = parts.get("y"), _month_number(parts.get("m"), language), _integer(parts.get("d"))
    if form == "numeric":
        first, second = _integer(parts["a"]), _integer(parts["b"])
        if language in _YEAR_FIRST and len(year or "") <= 2 and year:
            year, month, day = parts["a"], second, _integer(year)
        elif (language in _MONTH_FIRST and (first or 0) <= 12) or (second or 0) > 12:
            month, day = first, second
        else:
            month, day = second, first
        if not year and not (1 <= (month or 0) <= 12 and 1 <= (day or 0) <= 31):
            return []  # "24/7", a fraction
    era = parts.get("era") or ""
    value = _value(year, month, day, era, hijri=bool(parts.get("h")))
    spans = [Span("date", found.start(), found.end(), value)]
    if parts.get("d2"):
        second_day = _value(year, month, _integer(parts["d2"]), era, hijri=bool(parts.get("h")))
        spans.append(Span("date", found.start(), found.end(), second_day))
    return spans


def _value(year: str | None, month: int | None, day: int | None, era: str, *, hijri: bool) -> str:
    number = _integer(year)
    if number is not None:
        number = _common_year(number, era, short=len(year or "") <= 2, hijri=hijri)
    if (hijri or (number is not None and _HIJRI[0] <= number <= _HIJRI[1])) and month and day and number:
        common = from_hijri(number, month, day)
        if common:
            return f"~{common.isoformat()}"
    return "-".join("?" if part is None else f"{part:0{width}d}" for part, width in ((number, 4), (month, 2), (day, 2)))


def _common_year(year: int, era: str, *, short: bool, hijri: bool) -> int:
    eras: dict[str, int] = load_shared("shared")["eras"]
    if era in eras:
        return year + eras[era]
    if hijri:
        return year
    if short:
        return year + (2500 - _BUDDHIST_OFFSET if year >= 60 else 2000)
    return year - _BUDDHIST_OFFSET if _BUDDHIST[0] <= year <= _BUDDHIST[1] else year


def from_hijri(year: int, month: int, day: int) -> date | None:
    """The Gregorian day of a date of the tabular Islamic calendar; None outside of it."""
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return None
    days = day + -(-59 * (month - 1) // 2) + (year - 1) * 354 + (3 + 11 * year) // 30
    try:
        return date.fromordinal(round(_HIJRI_EPOCH + days - 1 - 1721424.5))
    except (ValueError, OverflowError):
        return None


def fits(claimed: str, known: str) -> bool:
    """Whether a written date says nothing but what a known one says: ``?-05-03`` fits ``2026-05-03``."""
    if claimed.startswith("~") or known.startswith("~"):
        one, other = to_date(claimed.lstrip("~")), to_date(known.lstrip("~"))
        return one is not None and other is not None and abs((one - other).days) <= 1
    parts, others = claimed.split("-"), known.split("-")
    return len(parts) == len(others) and all(p in ("?", o) for p, o in zip(parts, others, strict=True))


def to_date(value: str) -> date | None:
    """The calendar day of a full value."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def find_relative(text: str, language: str) -> list[Span]:
    """ "tomorrow", "hôm qua": value ``+1``, ``-1``; and "next week", "last month" as kind ``period``."""
    spans: list[Span] = []
    for kind, value, pattern in _relative_patterns(language):
        for found in pattern.finditer(text):
            if not any(found.start() < s.end and s.start < found.end() for s in spans):
                spans.append(Span(kind, found.start(), found.end(), value))
    return spans


def find_weekdays(text: str, language: str) -> list[Span]:
    """Days of the week, 1 is Monday."""
    return [
        Span("weekday", found.start(), found.end(), str(number))
        for number, pattern in _weekday_patterns(language)
        for found in pattern.finditer(text)
    ]


def find_times(text: str, language: str) -> list[Span]:
    """Times of the day as ``HH:MM``; where am or pm is not said, as written."""
    spans: list[Span] = []
    for pattern in _time_patterns(language):
        for found in pattern.finditer(text):
            parts = found.groupdict()
            hour, minute = _integer(parts.get("h") or parts.get("h2")) or 0, _integer(parts.get("min")) or 0
            if hour > 24 or minute > 59 or any(found.start() < s.end and s.start < found.end() for s in spans):
                continue
            if parts.get("pm") and hour < 12:
                hour += 12
            if parts.get("am") and hour == 12:
                hour = 0
            spans.append(Span("time", found.start(), found.end(), f"{hour:02d}:{minute:02d}"))
    return spans


def within(period: str, today: date, known: date) -> bool:
    """Whether a known day lies in a period such as ``next_week``, counted from today."""
    monday = today - timedelta(days=today.weekday())
    shift = {"last": -1, "this": 0, "next": 1}[period.split("_")[0]]
    match period.split("_")[1]:
        case "week":
            return (known - (monday + timedelta(days=7 * shift))).days in range(7)
        case "weekend":
            return (known - (monday + timedelta(days=7 * shift + 5))).days in range(2)
        case "month":
            return known.year * 12 + known.month == today.year * 12 + today.month + shift
        case _:
            return known.year == today.year + shift


def _integer(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if text.isdecimal() else read_kanji(text)


@cache
def _month_names(language: str) -> dict[str, int]:
    """Folded names of the months, of the lexicon and of CLDR, to their numbers."""
    names: dict[str, int] = {}
    for code in dict.fromkeys(("en", lexicon_code(language))):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, LANGUAGES[code].locale).items():
                    names[fold_pattern(name).lower().rstrip(".")] = number
        for number in range(1, 13):
            names.update(
                dict.fromkeys(
                    (f.replace(r"\s+", " ").replace(r"\s*", " ") for f in fragments(code, "months", number)), number
                )
            )
    if language == "fil":
        names.pop("may", None)  # "there is"; as a month it has a form of its own
    for name, number in (load_shared("shared")["hijri_months"]).items():
        names[fold_pattern(name)] = 100 + number
    return {
        name: number
        for name, number in names.items()
        if not name.isdecimal() and not regex.fullmatch(r"\d+[월月]", name)
    }


def _month_number(text: str | None, language: str) -> int | None:
    if not text:
        return None
    plain = regex.sub(r"\s+", " ", text).strip().rstrip(".")
    number = _month_names(language).get(plain) or _month_names("en").get(plain) or _integer(plain)
    return number % 100 if number is not None and number >= 100 else number


@cache
def _patterns(language: str) -> tuple[tuple[str, Pattern], ...]:
    names = _month_names(language)
    hijri = [n for n, number in names.items() if number >= 100]
    common = [n for n, number in names.items() if number < 100]
    day = r"(?<![\d.,/:-])(?P<d>\d{1,2})(?:st|nd|rd|th|º|ª|er|-го)?"
    to = any_of(language, "to")
    days = rf"{day}(?:\s*(?:-|~|/|{to})\s*(?P<d2>\d{{1,2}}))?(?:st|nd|rd|th)?"
    year = r"(?P<y>\d{4}|(?<=['พ.ศ\s])\d{2}(?![\d:.,/%]|\s*\p{L}))(?!\d)"
    ending = "|".join(fragments(language, "year_suffix"))
    year += rf"(?:\s?(?:{ending}))?" if ending else ""
    eras = "|".join(sorted(map(regex.escape, load_shared("shared")["eras"]), key=len, reverse=True))
    of = any_of(language, "of")
    link = rf"[\s\u00a0,.၊']*(?:(?:{of}|/|-)[\s\u00a0,.]*)*"
    era = rf"(?:(?P<era>{eras})\.?\s*)?"
    forms: list[tuple[str, str]] = []
    for group, mark in ((common, ""), (hijri, "(?P<h>)")):
        month = (
            "(?P<m>"
            + "|".join(regex.escape(n).replace(r"\ ", r"\s+") for n in sorted(group, key=len, reverse=True))
            + r")\.?"
        )
        edge = r"(?<![\p{L}])" if _is_spaced(language) else ""
        after = r"(?![\p{L}\p{M}])" if _is_spaced(language) else ""
        suffix = rf"(?:{'|'.join(fragments(language, 'month_suffix')) or '(?!)'})?"
        forms += [
            ("named", rf"(?<!\d)(?P<y>\d{{4}}){link}{edge}{month}{suffix}{link}(?P<d>\d{{1,2}})(?![\d.,:]*\d){mark}"),
            ("named", rf"{days}{link}{edge}{month}{suffix}{after}(?:{link}{era}{year})?{mark}"),
            (
                "named",
                rf"{edge}{month}{suffix}{link}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*-\s*(?P<d2>\d{{1,2}}))?(?![\d.,:]*\d)(?:{link}(?P<y>\d{{4}}))?{mark}",
            ),
            ("named", rf"{edge}{month}{suffix}{after}{link}{era}(?P<y>\d{{4}})(?!\d){mark}"),
        ]
    digits = rf"[\d{KANJI}]"
    last = r"\d{1,2}" if language in _YEAR_FIRST else r"\d{2}"
    forms[:0] = [
        (
            "cjk",
            rf"(?:(?:(?P<era>{eras})\s*)?(?P<y>{digits}{{1,4}})\s*[年년]\s*(?:ie)?)?(?P<m>{digits}{{1,3}})\s*[月월]\s*(?P<d>{digits}{{1,3}})\s*(?:[日號号일]|(?!\d))(?:\s*(?:-|~|至|到|から)\s*(?P<d2>{digits}{{1,3}})\s*[日號号일])?",
        ),
        ("iso", r"(?<!\d)(?P<y>\d{4})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<d>\d{1,2})(?!\d)\.?"),
        (
            "numeric",
            rf"(?<![\d/.-])(?P<a>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=sep)\s?(?P<y>\d{{4}}|{last})(?![\d/])",
        ),
    ]
    forms += [
        (
            "cjk",
            rf"(?:(?P<era>{eras})\s*)?(?P<y>{digits}{{2,4}})\s*[年년]\s*(?P<m>{digits}{{1,3}})\s*[月월](?!\s*[\d{KANJI}])",
        ),
        ("numeric", r"(?<![\d/.,:+-])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/]|[.,]\d)"),
        ("day", any_of(language, "day_of_month")),
    ]
    if language == "fil":
        forms.insert(0, ("named", r"(?<!\p{L})(?P<m>may) (?P<d>\d{1,2}), (?P<y>\d{4})"))
    if lexicon_code(language) in ("de", "ru"):
        forms.append(("numeric", r"(?<![\d.,])(?P<a>\d{1,2})\.(?P<b>\d{2})\.(?!\d)"))
    return tuple((form, regex.compile(pattern)) for form, pattern in forms)


@cache
def _relative_patterns(language: str) -> tuple[tuple[str, str, Pattern], ...]:
    found = [
        ("date", f"{int(n):+d}", regex.compile(any_of(language, "relative", n))) for n in keys(language, "relative")
    ]
    found.sort(key=lambda item: -abs(int(item[1])))
    found += [("period", str(n), regex.compile(any_of(language, "periods", n))) for n in keys(language, "periods")]
    return tuple(found)


@cache
def _weekday_patterns(language: str) -> tuple[tuple[int, Pattern], ...]:
    return tuple((int(n), regex.compile(any_of(language, "weekdays", n))) for n in keys(language, "weekdays"))


@cache
def _time_patterns(language: str) -> tuple[Pattern, ...]:
    am, pm, hour = (any_of(language, "clock", k) for k in ("am", "pm", "hour"))
    half = rf"(?:\s*(?:(?P<am>{am})|(?P<pm>{pm})))"
    return tuple(
        regex.compile(p)
        for p in (
            rf"(?:(?:(?P<am>{am})|(?P<pm>{pm}))\s*)?(?<![\d.,:])(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::\d{{2}})?(?![\d:]){half}?",
            rf"(?:(?P<am>{am})|(?P<pm>{pm}))\s*(?<![\d.,:])(?P<h>\d{{1,2}})(?:\s*(?:{hour})(?:\s*(?P<min>\d{{2}})(?!\d))?|(?![\d.,:]*\d))",
            rf"(?<![\d.,:])(?P<h>\d{{1,2}})(?:\.(?P<min>\d{{2}}))?{half}",
            rf"(?<![\d.,:])(?P<h>\d{{1,2}})\s*(?:{hour})(?:\s*(?P<min>\d{{2}})(?!\d))?{half}?",
        )
    )


def _is_spaced(language: str) -> bool:
    return str(entry(language, "words")) != "unspaced"


__all__ = [
    "Span",
    "edged",
    "find_dates",
    "find_relative",
    "find_times",
    "find_weekdays",
    "fits",
    "from_hijri",
    "to_date",
    "within",
]
