"""How the values of a policy are written in the language of its prose: the filters of the templates.

Owns what a template may write besides plain numbers. Leaves the written form of a date or an amount to ``formats``,
and the words to the catalogues.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import get_timezone_location

from app import formats
from app.canned import Canned
from app.language import registry
from app.models import Money
from app.wording import Wording

Filter = Callable[..., str]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As they stand in the shop's profile, in the order in which CLDR counts them here."""


@lru_cache(maxsize=64)
def filters(language: str) -> Mapping[str, Filter]:
    """``date``, ``money``, ``amounts``, ``days``, ``names``, ``countries`` and ``hours`` in a launch language."""
    writer = Writer(Canned(Wording()), registry.LANGUAGES[language])
    values: dict[str, Filter] = {
        "date": writer.date,
        "money": writer.money,
        "amounts": writer.amounts,
        "names": writer.names,
        "countries": writer.countries,
        "hours": writer.hours,
    }
    if registry.LANGUAGES[language].direction == "rtl":
        values = {name: _isolate(method) for name, method in values.items()}
    return {**values, "days": writer.days}  # the catalogue isolates the number in them


class Writer:
    """Writes values in one language."""

    def __init__(self, canned: Canned, language: registry.Language) -> None:
        self._canned = canned
        self._code = language.code
        self._locale = Locale.parse(language.locale)

    def date(self, value: date | datetime) -> str:
        """``November 24, 2026``. Raises TypeError for None: a template cannot print a day that is not known."""
        if not isinstance(value, date):
            raise TypeError("date needs a date; ask {% if … %} first")
        return formats.long_date(value.date() if isinstance(value, datetime) else value, self._code)

    def money(self, value: Money | int, currency: str = "") -> str:
        """``RM59.90``, from minor units and their currency."""
        return formats.money(value if isinstance(value, Money) else Money(int(value), currency), self._code)

    def amounts(self, amounts: Mapping[str, int]) -> str:
        """``30,000 ₫, RM5.00, ฿40.00``."""
        return formats.enumerate_parts([self.money(value, code) for code, value in amounts.items()], self._code)

    def days(self, span: tuple[int, int] | int) -> str:
        """``2–5 days``, ``3 days``, ``at once``."""
        least, most = (span, span) if isinstance(span, int) else span
        if most == 0:
            return self._canned.wording.say("at_once", self._code)
        return self._canned.duration("days", least, most, self._code)

    def names(self, values: Iterable[object]) -> str:
        """Categories of goods or payment methods, ``bags and shoes``; one that only the shop knows, as it is."""
        return formats.join([self._name(str(value)) for value in values], self._code)

    def countries(self, codes: Iterable[str]) -> str:
        """``Vietnam, Thailand and Malaysia``; a code that CLDR does not know stays as it is."""
        return formats.join([self._locale.territories.get(code, code) for code in codes], self._code)

    def hours(self, opening: object, zone: str) -> str:
        """``Monday–Saturday, 09:00–18:00 (Singapore)``, from ``days``, ``from`` and ``to`` of the shop's profile and
        its time zone; what an owner wrote in words, as it is."""
        match opening:
            case {"days": [str(first), *others], "from": str(opens), "to": str(closes)}:
                days = self._weekdays([first, *others])
                place = get_timezone_location(zone, locale=self._locale, return_city=True)
                return f"{days}, {opens}–{closes} ({place})"
            case _:
                return str(opening)

    def _weekdays(self, names: Sequence[str]) -> str:
        """Days in a row as a span, others as a list."""
        numbers = [WEEKDAYS.index(name.lower()) for name in names]
        written = [self._locale.days["stand-alone"]["wide"][number] for number in numbers]
        if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return f"{written[0]}–{written[-1]}"
        return formats.enumerate_parts(written, self._code)

    def _name(self, value: str) -> str:
        route = self._canned.route(value, self._code)
        return self._canned.category(value, self._code) if route == value else route


def _isolate(method: Filter) -> Filter:
    """Right-to-left prose keeps each value in its own direction, as the catalogues do."""
    return lambda *given, **named: f"\u2068{method(*given, **named)}\u2069"
