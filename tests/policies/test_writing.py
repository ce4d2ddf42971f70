"""The values of a policy read as its prose does, in the language of the prose."""

from datetime import UTC, datetime

import pytest

from app.policies.writing import filters

DAY = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "span", "single", "now"),
    [
        ("en", "2–5 days", "1 day", "at once"),
        ("vi", "2–5 ngày", "1 ngày", "ngay lập tức"),
        ("th", "2–5 วัน", "1 วัน", "ทันที"),
        ("ru", "2–5 дней", "1 день", "сразу"),
        ("ar", "\u20682–5\u2069 أيام", "\u20681\u2069 يوم", "فورًا"),
    ],
)
def test_days_take_the_plural_of_their_number(language: str, span: str, single: str, now: str) -> None:
    days = filters(language)["days"]
    assert [days((2, 5)), days(1), days((0, 0))] == [span, single, now]


@pytest.mark.parametrize(
    ("language", "filter_name", "value", "written"),
    [
        ("vi", "date", DAY, "1 tháng 12, 2026"),
        ("ja", "date", DAY, "2026年12月1日"),
        ("my", "amounts", {"VND": 3_000_000, "MYR": 50_000}, "3,000,000\u00a0₫၊ 500.00\u00a0RM"),
        ("id", "amounts", {"IDR": 5_990_000}, "Rp59.900"),
        ("lo", "names", ["underwear", "perishables", "beauty"], "ຊຸດຊັ້ນໃນ, ອາຫານສົດ ແລະ ຄວາມງາມ"),
        ("de", "names", ["card", "e_wallet"], "Karte und E-Wallet"),
        ("th", "names", ["hand_made_soap"], "hand made soap"),
        ("km", "countries", ["VN", "XX"], "វៀតណាម និង XX"),
    ],
)
def test_values_are_written_with_the_words_and_signs_of_the_language(
    language: str, filter_name: str, value: object, written: str
) -> None:
    assert filters(language)[filter_name](value) == written


def test_a_day_that_is_not_known_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="ask"):
        filters("en")["date"](None)


OPENING = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "from": "09:00", "to": "17:30"}


@pytest.mark.parametrize(
    ("language", "opening", "written"),
    [
        ("en", OPENING, "Monday–Friday, 09:00–17:30 (Ho Chi Minh)"),
        ("vi", OPENING | {"days": ["saturday", "sunday"]}, "Thứ Bảy, Chủ Nhật, 09:00–17:30 (Ho Chi Minh)"),
        ("th", OPENING | {"days": ["monday", "tuesday", "friday"]}, "วันจันทร์, วันอังคาร, วันศุกร์, 09:00–17:30"),
        ("ar", OPENING, "\u2068الاثنين–الجمعة, 09:00–17:30"),
        ("ms", "Setiap hari 9-6", "Setiap hari 9-6"),
    ],
)
def test_opening_hours_are_written_in_the_language(language: str, opening: object, written: str) -> None:
    assert filters(language)["hours"](opening, "Asia/Ho_Chi_Minh").startswith(written)
