"""Amounts, durations, percentages, links, contacts, codes and plain numbers in a folded text.

Owns reading them, each character into at most one value. Leaves dates to ``dates`` and records to ``claims``.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import TypeVar

import regex

from app.guardrails.dates import Span, find_dates, find_relative, find_times, find_weekdays
from app.guardrails.lexicon import (
    NEVER,
    Pattern,
    any_of,
    compiled,
    edged,
    entry,
    fragments,
    keys,
    lexicon_code,
    load_shared,
)
from app.guardrails.numbers import KANJI, NUMBER, read_kanji, read_number, write_number

T = TypeVar("T")

_HIDDEN = "\ue000"
"""Stands for a character that a value already owns; no word, digit or space."""
_LINK = regex.compile(
    r"(?:https?://|ftp://|www\.)[^\s<>\"'()（）\p{Han}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|shop|store|vn|th|my|id|ph|kh|la|mm|sg|cn|tw|hk|jp|kr|in|bd|de|fr|es|br|pt|ru|me|io|co|ly|link|"
    r"info|biz|app|xyz|site|online|example|test)(?![\w.-]*@)(?:/[^\s<>\"'()]*|(?![\w-]))"
)
_EMAIL = regex.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = regex.compile(
    r"(?<![\w.,])(?<!\d[\u00a0 ])(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d))"
    r"(?:\+\d{1,3}[\s().-]?|\(?0)\d(?:[\s().-]{0,2}\d){6,13}(?![\w])|(?<!\d)\d{0,20}[•x]{2,20}\d{2,}"
)
_CODE = regex.compile(
    r"(?<![a-z0-9])(?=[a-z0-9/_-]{0,40}\d)(?=[a-z0-9/_-]{0,40}[a-z])[a-z0-9]+(?:[-_/][a-z0-9]+)*(?![a-z0-9])"
)
_MEASURE = regex.compile(
    rf"(?<![\w.,])(?P<n>{NUMBER})\s?(?P<u>kg|g|mg|cm|mm|ml|l|mah|wh|gb|tb|mb|w|inch|hz|oz|lb|(?:mega)?pixels?|px)(?![\w])"
)
_DIGITS = regex.compile(r"\d{3,}")
_BARE = regex.compile(NUMBER)
# "1. ", "2) ", "① " that open a line, and "5️⃣": positions in a list, not facts.
_LIST_MARK = regex.compile(r"(?m)^[ \t>•·-]*\(?\d{1,2}\u20e3?(?:[.)、:]+\s|\u20e3)")
_UNITS = ("business_day", "minute", "hour", "day", "week", "month", "year")
_BRIEF = ("minute", "hour", "day")
"""Units that courtesies wish or ask for one of."""
_SIGN_WITHIN = 12
_LEAD_WITHIN = 24
"""Characters before a number in which its currency, or the words that lead to a duration, stand."""
_MULTIPLE_OF_DAY = 24
_DAYS_A_WEEK = 7


@lru_cache(maxsize=512)
def find_values(text: str, language: str) -> tuple[Span, ...]:
    """Every value in a folded text, in order."""
    spans: list[Span] = []
    rest = text
    for find in _FINDERS:
        if find is _find_amounts:  # "3. Mai" opens a line, too: dates are out of the way now
            rest = _LIST_MARK.sub(lambda mark: _HIDDEN * len(mark[0]), rest)
        found: list[Span] = []
        for span in find(rest, language):
            same_place = any(span.start == other.start and span.end == other.end for other in found)
            if same_place or not any(span.start < other.end and other.start < span.end for other in found):
                found.append(span)
        spans += found
        rest = _hide(rest, found)
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def find_echoes(text: str) -> tuple[Span, ...]:
    """What a customer's words may license: e-mails, telephone numbers, codes and bare numbers. Linear in the text."""
    spans: list[Span] = []
    rest = text
    for find in (_find_emails, _find_phones, _find_codes):
        found = list(find(rest, "en"))
        spans += found
        rest = _hide(rest, found)
    return (*spans, *(Span("order", f.start(), f.end(), f[0]) for f in _DIGITS.finditer(text)))


def _hide(text: str, spans: list[Span]) -> str:
    characters = list(text)
    for span in spans:
        characters[span.start : span.end] = _HIDDEN * (span.end - span.start)
    return "".join(characters)


def _find_emails(text: str, language: str) -> Iterator[Span]:
    for found in _EMAIL.finditer(text):
        yield Span("email", found.start(), found.end(), found[0].rstrip("."))


def _find_links(text: str, language: str) -> Iterator[Span]:
    yield from _find_emails(text, language)
    hidden = _EMAIL.sub(lambda found: _HIDDEN * len(found[0]), text)
    for found in _LINK.finditer(hidden):
        address = found[0].rstrip(".,;:!?)»”’'\"…")
        yield Span("link", found.start(), found.start() + len(address), _plain_link(address))


def _plain_link(address: str) -> str:
    return regex.sub(r"^(?:https?://|ftp://)?(?:www\.)?", "", address).rstrip("/")


def _find_phones(text: str, language: str) -> Iterator[Span]:
    for found in _PHONE.finditer(text):
        digits = regex.sub(r"\D", "", found[0])
        if len(digits) >= 8 or "•" in found[0] or "x" in found[0]:
            yield Span("phone", found.start(), found.end(), digits.lstrip("0") or "0")


def _find_dates(text: str, language: str) -> Iterator[Span]:
    yield from find_dates(text, language)


def _find_times(text: str, language: str) -> Iterator[Span]:
    yield from find_times(text, language)


def _find_relative(text: str, language: str) -> Iterator[Span]:
    yield from find_relative(text, language)
    yield from find_weekdays(text, language)


def _find_amounts(text: str, language: str) -> Iterator[Span]:
    multipliers, currencies = _multipliers(language), _currencies(language)
    before, after = _money_patterns(language)
    for start, end in _numbers_in(text, language):
        found = after.match(text, end)
        sign = found if found and found["c"] else before.search(text, max(0, start - _SIGN_WITHIN), start)
        if not sign and not (found and text[start].isdecimal()):
            continue
        if start and "a" <= text[start - 1] <= "z" and not (sign and sign.end() <= start):
            continue  # the digits of a code
        value = _read_any(text[start:end], language)
        if value is None:
            continue
        value *= (_which(multipliers, found, "x") if found else None) or 1
        codes = (_which(currencies, sign, "c") if sign else None) or ""
        first = min(start, sign.start()) if sign else start
        yield Span("amount", first, max(end, found.end() if found else end), f"{write_number(value)} {codes}".strip())


def _which(table: Iterable[tuple[T, Pattern]], found: regex.Match[str], group: str) -> T | None:
    """The key of the first pattern that matches the whole group where it stands."""
    if not found.groupdict().get(group):
        return None
    start, end = found.span(group)
    return next((key for key, pattern in table if pattern.fullmatch(found.string, start, end)), None)


def _find_percents(text: str, language: str) -> Iterator[Span]:
    before, after = _percent_patterns(language)
    for start, end in _numbers_in(text, language):
        found = after.match(text, end) or before.search(text, max(0, start - _SIGN_WITHIN), start)
        value = _read_any(text[start:end], language) if found else None
        if found and value is not None:
            yield Span("percent", min(start, found.start()), max(end, found.end()), write_number(value))


def _find_durations(text: str, language: str) -> Iterator[Span]:
    """``3 day``, ``3..5 day``; with the direction when counted from today: ``3 day|in``, ``2 hour|ago``."""
    lead, tail, units_first = _duration_patterns(language)
    done = 0
    for start, end in _numbers_in(text, language):
        first = units_first.search(text, max(0, start - _LEAD_WITHIN), start) if start >= done else None
        found = tail.match(text, end) if start >= done else None
        unit = next((u for u in _UNITS for m in (found, first) if m and m.groupdict().get(u)), None)
        if unit is None or found is None:
            continue
        begin = first.start() if first and first[unit] else start
        led = lead.search(text, max(0, begin - _LEAD_WITHIN), begin)
        low, high = _read_any(text[start:end], language), _read_any(found["n2"], language)
        if low is None or (low == 1 and unit in _BRIEF and not text[start].isdecimal() and not led):
            continue  # "một ngày tốt lành", "un buen día": an article, not a count
        ago, later = found["ago"] or (led and led["ago"]), found["later"] or (led and led["soon"])
        direction = "|ago" if ago else "|in" if later else ""
        done = found.end()
        yield Span("duration", begin, done, _duration(low, high, unit) + direction)
    for value, pattern in _span_patterns(language):
        for other in pattern.finditer(text):
            yield Span("duration", other.start(), other.end(), value)


def _duration(low: Decimal, high: Decimal | None, unit: str) -> str:
    bounds = [low] if high is None else [low, high]
    if unit == "week":
        bounds, unit = [b * _DAYS_A_WEEK for b in bounds], "day"
    elif unit == "hour" and all(b % _MULTIPLE_OF_DAY == 0 for b in bounds):
        bounds, unit = [b / _MULTIPLE_OF_DAY for b in bounds], "day"
    return "..".join(map(write_number, bounds)) + f" {unit}"


def _find_measures(text: str, language: str) -> Iterator[Span]:
    for found in _MEASURE.finditer(text):
        value = read_number(found["n"])
        if value is not None:
            yield Span("measure", found.start(), found.end(), f"{write_number(value)} {found['u']}")


def _find_codes(text: str, language: str) -> Iterator[Span]:
    for found in _CODE.finditer(text):
        plain = regex.sub(r"[^a-z0-9]", "", found[0])
        yield Span("code", found.start(), found.end(), plain)


def _find_numbers(text: str, language: str) -> Iterator[Span]:
    exempt, order = _exempt_pattern(language), _order_pattern(language)
    skipped = {found.start("n") for found in exempt.finditer(text)}
    orders = {found.start("n") for found in order.finditer(text)}
    for found in _BARE.finditer(text):
        if found.start() in skipped and found.start() not in orders:
            continue
        value = read_number(found[0])
        if value is None:
            continue
        is_order = found.start() in orders and found[0].isdecimal() and len(found[0]) > 2
        yield Span(
            "order" if is_order else "number", found.start(), found.end(), found[0] if is_order else write_number(value)
        )
    for found in _counted_pattern(language).finditer(text):
        value = _read_any(found["n"], language)
        if value is not None and value > 1:
            yield Span("number", found.start(), found.end(), write_number(value))


_FINDERS = (
    _find_links, _find_phones, _find_dates, _find_amounts, _find_percents, _find_durations, _find_times, _find_relative,
    _find_measures, _find_codes, _find_numbers,
)  # fmt: skip


@lru_cache(maxsize=512)
def find_names(text: str) -> tuple[Span, ...]:
    """Carriers and payment services: a closed list of those that shops of the region use."""
    pattern, names = _name_pattern()
    found_names = pattern.finditer(text)
    return tuple(Span("name", f.start(), f.end(), names[f.lastindex or 0]) for f in found_names)


def _read_any(text: str | None, language: str) -> Decimal | None:
    """A number in figures, in the language's words or in Chinese numerals."""
    if not text:
        return None
    if text[0].isdecimal():
        return read_number(text)
    plain = regex.sub(r"\s+", " ", text)
    for value, words in _number_words(language):
        if words.fullmatch(plain):
            return Decimal(value)
    kanji = read_kanji(plain)
    return None if kanji is None else Decimal(kanji)


@cache
def _number_words(language: str) -> tuple[tuple[int, Pattern], ...]:
    return tuple(
        (int(n), regex.compile("|".join(_without_context(f) for f in both)))
        for n in keys(language, "numbers")
        if (both := [*fragments(language, "numbers", n), *fragments("en", "numbers", n)])
    )


def _without_context(pattern: str) -> str:
    """A pattern without its look-arounds, to read a number that was already found in its place."""
    return regex.sub(r"\(\?<?[=!](?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", "", pattern)


@cache
def _own_number_words(language: str) -> str:
    words = [f for n in (entry(language, "numbers") or {}) for f in fragments(language, "numbers", n)]
    mode = str(entry(language, "words") or "spaced")
    kanji = rf"|[{KANJI}]+" if lexicon_code(language) in ("zh-Hans", "zh-Hant", "ja") else ""
    return edged(words, "spaced" if mode == "stems" else mode) + kanji


@cache
def _any_number(language: str) -> str:
    english = "" if lexicon_code(language) == "en" else "|" + _english_numbers()
    return rf"(?:{NUMBER}|{_own_number_words(language)}{english})"


@cache
def _english_numbers() -> str:
    return edged([f for n in entry("en", "numbers") for f in fragments("en", "numbers", n)], "latin")


@cache
def _multipliers(language: str) -> tuple[tuple[int, Pattern], ...]:
    return tuple((int(n), compiled(language, "multipliers", n)) for n in keys(language, "multipliers"))


@cache
def _multiplier(language: str) -> str:
    return "(?:" + "|".join(any_of(language, "multipliers", n) for n in keys(language, "multipliers")) + ")"


@cache
def _currencies(language: str) -> tuple[tuple[str, Pattern], ...]:
    """Codes (several where a sign is shared: ``SGD|USD``) and how they are written."""
    shared = [(codes, regex.compile("|".join(signs))) for codes, signs in load_shared("shared")["currencies"].items()]
    return tuple(shared) + tuple((str(c), compiled(language, "currencies", c)) for c in keys(language, "currencies"))


def _numbers_in(text: str, language: str) -> list[tuple[int, int]]:
    """Where numbers stand, in figures, words or Chinese numerals."""
    return [found.span() for found in _number_pattern(language).finditer(text)]


@cache
def _number_pattern(language: str) -> Pattern:
    return regex.compile(rf"(?<!\d)(?<!\d[.,:]){_any_number(language)}")


@cache
def _money_patterns(language: str) -> tuple[Pattern, Pattern]:
    """What stands before an amount, up to it, and what follows it."""
    signs = "|".join(p.pattern for _, p in _currencies(language))
    gap, multiplier = r"[ \u00a0]?", _multiplier(language)
    return (
        regex.compile(rf"(?P<c>{signs})\.?{gap}\Z"),
        regex.compile(rf"(?:{gap}(?P<x>{multiplier}))?{gap}(?P<c>{signs})|{gap}(?P<x>{multiplier})(?P<c>(?!))?"),
    )


@cache
def _percent_patterns(language: str) -> tuple[Pattern, Pattern]:
    return (
        regex.compile(rf"(?:%|{any_of(language, 'percent_before')})\s*\Z"),
        regex.compile(rf"\s*(?:%|{any_of(language, 'percent')})"),
    )


@cache
def _duration_patterns(language: str) -> tuple[Pattern, Pattern, Pattern]:
    """What leads to a duration, what follows its first number, and units that stand before the number."""
    number = rf"(?P<n2>{_any_number(language)})"
    marks = ("ago_before", "ago", "within", "from_now", "later", "to")
    before, after, within, soon, later, to = (any_of(language, key) for key in marks)
    units = "|".join(rf"(?P<{unit}>{any_of(language, 'units', unit)})" for unit in _UNITS)
    unnamed = "|".join(any_of(language, "units", unit) for unit in _UNITS)
    second = rf"(?:\s*(?:{unnamed})?\s*(?:-|~|{to})\s*{number})?"
    end = rf"(?:\s*(?P<ago>{after})|\s*(?P<later>{later}))?"
    lead = rf"(?:(?P<ago>{before})|(?P<soon>{soon})|(?P<in>{within}))\s*\Z"
    if entry(language, "units_first"):  # Burmese also counts "days thirty"
        tail = rf"{second}(?:[\s\u00a0-]*(?:{units}))?{end}"
        return regex.compile(lead), regex.compile(tail), regex.compile(rf"(?:{units})\s*\Z")
    return regex.compile(lead), regex.compile(rf"{second}[\s\u00a0-]*(?:{units}){end}"), NEVER


@cache
def _span_patterns(language: str) -> tuple[tuple[str, Pattern], ...]:
    return tuple((str(v), compiled(language, "spans", v)) for v in keys(language, "spans"))


@cache
def _exempt_pattern(language: str) -> Pattern:
    """Counts of options, steps, questions: of what is said, not of what was ordered."""
    after, before = any_of(language, "counts"), any_of(language, "counts_before")
    return regex.compile(rf"(?<!\d)(?P<n>\d)\s*(?:{after})|(?:{before})\s*(?P<n>\d)(?!\d)|(?P<n>24)\s?/\s?7")


@cache
def _order_pattern(language: str) -> Pattern:
    return regex.compile(rf"(?:#|no\.?|{any_of(language, 'order')})[^\d\n.!?。]{{0,16}}(?P<n>\d+)")


@cache
def _counted_pattern(language: str) -> Pattern:
    """Number words before the counters of goods."""
    goods = any_of(language, "units", "item", english=False)
    return regex.compile(rf"(?P<n>{_own_number_words(language)})\s*(?:{goods})")


@cache
def _name_pattern() -> tuple[Pattern, dict[int, str]]:
    """All names in one pattern, one group each, and the name of each group."""
    names: dict[str, list[str]] = load_shared("shared")["names"]
    groups = [f"({edged(variants, 'latin')})" for variants in names.values()]
    return regex.compile("|".join(groups)), dict(enumerate(names, 1))
