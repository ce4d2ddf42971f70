"""Single values are written as the language writes them, exactly and with 0-9."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import formats
from app.language.registry import LAUNCH
from app.models import Money

CURRENCIES = ("VND", "THB", "MYR", "IDR", "PHP", "SGD", "KHR", "LAK", "MMK", "JPY", "KRW", "INR", "USD", "KWD")


@pytest.mark.parametrize(
    ("currency", "digits"), [("VND", 0), ("JPY", 0), ("LAK", 0), ("IDR", 2), ("KHR", 2), ("MYR", 2), ("KWD", 3)]
)
def test_minor_units_are_those_of_cldr(currency: str, digits: int) -> None:
    assert formats.exponent(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        (1500000, "VND", "vi", "1.500.000 ₫"),
        (5990, "MYR", "ms", "RM59.90"),
        (5990, "MYR", "en", "RM59.90"),
        (5990000, "IDR", "id", "Rp59.900"),
        (5990050, "IDR", "id", "Rp59.900,50"),
        (129000, "THB", "th", "฿1,290.00"),
        (123456, "USD", "fr", "1 234,56 $US"),
        (1234, "EGP", "en", "EGP 12.34"),
        (1980, "JPY", "ja", "￥1,980"),
    ],
)
def test_money_reads_as_in_the_shops_of_the_country(amount: int, currency: str, language: str, written: str) -> None:
    assert formats.money(Money(amount, currency), language).replace("\u00a0", " ") == written


@given(st.integers(0, 10**12), st.sampled_from(CURRENCIES), st.sampled_from(LAUNCH))
def test_money_never_gains_or_loses_a_digit(amount: int, currency: str, language: str) -> None:
    written = formats.money(Money(amount, currency), language)
    digits = "".join(c for c in written if c.isdigit())
    assert digits.isascii()
    exact = Decimal(amount).scaleb(-formats.exponent(currency))
    assert Decimal(digits) in (Decimal(amount), exact)
    assert (Decimal(digits) == Decimal(amount)) or exact == exact.to_integral_value()


@pytest.mark.parametrize(
    ("language", "written"),
    [("vi", "3 tháng 11, 2026"), ("th", "3 พฤศจิกายน ค.ศ. 2026"), ("zh-Hans", "2026年11月3日"), ("ar", "3 نوفمبر 2026")],
)
def test_a_date_has_day_month_name_and_year_of_the_common_era(language: str, written: str) -> None:
    assert formats.long_date(date(2026, 11, 3), language) == written


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(LAUNCH))
def test_a_date_keeps_day_and_year_in_every_language(value: date, language: str) -> None:
    written = formats.long_date(value, language)
    assert str(value.year) in written
    assert str(value.day) in written.replace(str(value.year), "", 1)


def test_the_day_is_the_customers_day() -> None:
    late = datetime(2026, 11, 3, 17, 30, tzinfo=UTC)
    assert formats.day(late, "Asia/Ho_Chi_Minh") == date(2026, 11, 4)
    assert formats.day(late, "America/Sao_Paulo") == date(2026, 11, 3)


@given(st.lists(st.text("กขABC", min_size=1), min_size=1, max_size=5), st.sampled_from(LAUNCH))
def test_a_list_keeps_every_part_whole_and_in_order(parts: list[str], language: str) -> None:
    for written in (formats.join(parts, language), formats.enumerate_parts(parts, language)):
        at = 0
        for part in parts:
            at = written.index(part, at) + len(part)


def test_a_sign_of_letters_and_a_dollar_keeps_its_order_in_right_to_left_text() -> None:
    assert formats.money(Money(390, "SGD"), "ar") == "\u200f3.90\u00a0S$\u200e"
