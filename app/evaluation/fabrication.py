"""Numbers, dates, amounts and codes in a reply that nothing licenses: the judge's own count of invented facts.

A value is licensed by this customer's records (before and after), the public catalogue, the policies and the shop's
profile, the customer's own words, or by counting from them: days from a record's date to today, a date plus a policy's
days, an amount less a fee. Generous on purpose: what it finds is invented.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from app.evaluation.facts import date_forms, fold
from app.evaluation.paths import flatten
from app.models import Money

YEAR_BACK, YEAR_AHEAD = 400, 200
_CODE = re.compile(r"[a-z]{0,6}[-]?\d[a-z0-9-]*[a-z][a-z0-9-]*|[a-z]+[-]?\d{3,}[a-z0-9-]*")
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMBER = re.compile(r"\d+(?:[.,'’ ]\d+)*")
_LINK = re.compile(r"https?://[!-~]+|[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)] ", re.M)
_PIECE_END = re.compile(r"\s*[,;:。、，]\s*|\s+-\s+")
_LETTER = re.compile(r"[^\W\d_]")
_ECHO = 4
"""Letters of a part of a sentence from which a repetition is no accident."""
_SMALLEST = 4
"""Shorter codes are sizes, models and ordinals ("2nd"); they are judged by their number."""


@dataclass(slots=True)
class License:
    """What a customer of one scenario may be told."""

    zone: str
    today: date
    public: "License | None" = None
    """What everybody may be told: made once for all scenarios."""
    numbers: set[Decimal] = field(default_factory=set)
    dates: set[date] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    """Folded texts in which a code, link or number may stand verbatim."""

    def has_number(self, values: set[Decimal]) -> bool:
        return bool(values & self.numbers) or (self.public is not None and self.public.has_number(values))

    def has_date(self, days: frozenset[date]) -> bool:
        return bool(days & self.dates) or (self.public is not None and self.public.has_date(days))

    def has_words(self, text: str) -> bool:
        """Whether a code or link stands verbatim, not as a part of a longer one."""
        pattern = re.compile(rf"(?<![0-9a-z]){re.escape(text)}(?![0-9a-z])")
        found = any(text in words and pattern.search(words) for words in self.words)
        return found or (self.public is not None and self.public.has_words(text))

    def take_echoes(self, folded: str) -> str:
        """A folded reply without what it repeats word for word: "12/4 Gandhi Street" is no date."""
        for words in self.words:
            for piece in _PIECE_END.split(words):
                if _NUMBER.search(piece) and len(_LETTER.findall(piece)) >= _ECHO and piece in folded:
                    folded = folded.replace(piece, " ")
        return folded

    def add_records(self, records: Iterable[Any]) -> None:
        """This customer's records, and other records that everybody may know."""
        for record in records:
            for _, value in flatten(record, ""):
                self._add(value)

    def add_text(self, text: str) -> None:
        folded = fold(text)
        self.words.append(folded)
        self.numbers.update(value for found in _NUMBER.findall(folded) for value in readings(found))
        for found in _ISO_DATE.findall(folded):
            with suppress(ValueError):  # 30 February
                self.dates.add(date.fromisoformat(found))

    def _add(self, value: Any) -> None:
        match value:
            case bool() | None:
                pass
            case Money():
                self.numbers.add(Decimal(value.amount).scaleb(-get_currency_precision(value.currency)))
            case datetime():
                self.dates.add(value.astimezone(ZoneInfo(self.zone)).date())
            case date():
                self.dates.add(value)
            case int() | float() | Decimal():
                self.numbers.add(Decimal(str(value)))
            case _:
                self.add_text(str(value))

    def add_sums(self, amounts: Sequence[Money], fees: Sequence[Money]) -> None:
        """What is left of an amount after another or a fee, and two together."""
        for one, other in (*combinations(amounts, 2), *((a, f) for a in amounts for f in fees)):
            if one.currency == other.currency:
                digits = get_currency_precision(one.currency)
                for total in (one.amount + other.amount, abs(one.amount - other.amount)):
                    self.numbers.add(Decimal(total).scaleb(-digits))

    def add_deadlines(self, days: Iterable[int]) -> None:
        """Any record's date, or today, and a policy's days; and the days from today to each of them."""
        known = {*self.dates, self.today}
        spans = sorted(set(days))
        self.dates |= {day + timedelta(days=span) for day in known for span in spans if span < YEAR_BACK}
        self.dates |= {self.today, self.today + timedelta(days=1)}
        self.numbers |= {Decimal(abs((day - self.today).days)) for day in self.dates}


def find_fabricated(text: str, language: str, license: License) -> list[str]:
    """What nothing licenses, as it stands in the (folded) reply."""
    folded = license.take_echoes(fold(_LIST_MARK.sub(" ", text)))
    found = []
    for link in _LINK.findall(folded):
        folded = folded.replace(link, " ")
        if not license.has_words(link.rstrip(".,;:!?)")):
            found.append(link)
    rest, dates = take_dates(folded, language, license.today)
    found += [form for form, days in dates if not license.has_date(days)]
    for code in _CODE.findall(rest):
        if len(code) < _SMALLEST:
            continue
        rest = rest.replace(code, " ", 1)
        if not license.has_words(code):
            found.append(code)
    found += [number for number in _NUMBER.findall(rest) if not _is_licensed(number, license)]
    return list(dict.fromkeys(found))


def _is_licensed(number: str, license: License) -> bool:
    parts = re.split(r"[ '’]", number)
    return any(
        all(license.has_number(readings(part)) or license.has_words(part) for part in split)
        for split in ([number], parts)
    )


def readings(number: str) -> set[Decimal]:
    """What a number may mean: "1.500" is 1500 in one language and 1.5 in another."""
    digits = re.sub(r"\D", "", number)
    values = {Decimal(digits)}
    tail = re.search(r"[.,](\d{1,3})$", number)
    if tail:
        values.add(Decimal(digits).scaleb(-len(tail[1])))
    return {value.normalize() for value in values}


_NEVER = re.compile(r"(?!)")
_NO_DATE = {"fil": re.compile(r"may \d+")}
"""Short forms that are words: Filipino "may 12 buwang warranty" has twelve months of it, and no day in May."""


@lru_cache(maxsize=64)
def _calendar(language: str, today: date) -> dict[str, frozenset[date]]:
    """Every written form of the days around today, with the days that it may mean."""
    meanings: dict[str, set[date]] = {}
    for offset in range(-YEAR_BACK, YEAR_AHEAD):
        day = today + timedelta(days=offset)
        for form in date_forms(day, language):
            if len(form) > 3 and not _NO_DATE.get(language, _NEVER).fullmatch(form):
                meanings.setdefault(form, set()).add(day)
    return {form: frozenset(days) for form, days in meanings.items()}


def take_dates(folded: str, language: str, today: date) -> tuple[str, list[tuple[str, frozenset[date]]]]:
    """A folded text without its dates, and these with the days that each may mean."""
    meanings = _calendar(language, today)
    there = sorted((form for form in meanings if form in folded), key=len, reverse=True)
    if not there:
        return folded, []
    pattern = re.compile(r"(?<![\d.,/])(?:" + "|".join(map(re.escape, there)) + r")(?!\d|[/]\d)")
    found = [(match.group(), meanings[match.group()]) for match in pattern.finditer(folded)]
    return pattern.sub(" ", folded), found


def walk_numbers(value: Any) -> Iterator[int]:
    """Every whole number in plain data."""
    for _, leaf in flatten(value, ""):
        if isinstance(leaf, int) and not isinstance(leaf, bool):
            yield leaf
