"""Look-up never fails for a customer, never interprets a value, and fails loudly for a programmer."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Money
from app.wording import Wording

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: {forms}\\n"\n\n'
ARABIC = "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
WORDING = Wording()


@pytest.fixture
def arabic(tmp_path: Path) -> Wording:
    shutil.copytree(Path(__file__).parents[2] / "app" / "locale" / "en", tmp_path / "en")
    plural = "".join(f'msgstr[{i}] "شكل {i} {{count}}"\n'.replace("{i}", str(i)) for i in range(6))
    body = 'msgid "order_shipped_on"\nmsgstr "تم شحن الطلب #{number} بتاريخ {date}."\n\n'
    body += 'msgid "propose_change_items"\nmsgstr "تغيير {items} في #{number} إلى {new_items}؟"\n\n'
    (tmp_path / "ar").mkdir()
    text = HEADER.format(forms=ARABIC) + body + 'msgid "orders_more"\nmsgid_plural "orders_more"\n' + plural
    (tmp_path / "ar" / "replies.po").write_text(text, "utf-8")
    return Wording(tmp_path)


@given(st.text(max_size=40))
def test_any_language_tag_gets_an_answer(tag: str) -> None:
    assert WORDING.say("bye", tag)


def test_tags_aliases_and_fallbacks_find_the_nearest_catalogue() -> None:
    assert WORDING.resolve("th-TH") == "th"
    assert WORDING.resolve("vie") == "vi"
    assert WORDING.resolve("jv") == WORDING.resolve("id")
    assert WORDING.resolve("tl") == WORDING.resolve("fil")
    assert WORDING.resolve("ka") == WORDING.resolve("../../etc") == "en"


@given(st.text(max_size=60))
def test_a_value_stands_verbatim_and_is_never_interpreted(title: str) -> None:
    values = {"title": title + "{stock}{0.__class__}", "price": Money(1500000, "VND"), "stock": "hết hàng"}
    said = WORDING.say("product_line", "vi", **values)
    assert said == f"{values['title']} · 1.500.000\u00a0₫ · hết hàng"


def test_a_missing_key_or_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        WORDING.say("no_such_key", "vi")
    with pytest.raises(KeyError):
        WORDING.say("proof_ok", "th")


def test_a_time_without_a_calendar_day_is_refused() -> None:
    with pytest.raises(TypeError, match="calendar day"):
        WORDING.say("ship_expected", "vi", date=datetime(2026, 11, 3, tzinfo=UTC))


def test_the_count_chooses_the_form() -> None:
    assert WORDING.say("orders_header", "en", count=1) == "You have 1 order:"
    assert WORDING.say("orders_header", "en", count=1200) == "You have 1,200 orders:"
    assert WORDING.say("orders_header", "vi", count=1200) == "Anh/chị có 1.200 đơn hàng:"


def test_arabic_takes_all_six_forms(arabic: Wording) -> None:
    said = [arabic.say("orders_more", "ar", count=n) for n in (0, 1, 2, 3, 11, 100)]
    assert [text.split()[1] for text in said] == list("012345")


def test_arabic_isolates_values_and_keeps_them_verbatim(arabic: Wording) -> None:
    said = arabic.say("order_shipped_on", "ar", number="12345", date=date(2026, 11, 3))
    assert "\u2068#12345\u2069" in said
    assert "\u20683 نوفمبر 2026\u2069" in said
    items = arabic.say("propose_change_items", "ar", number="1", items=["Áo M", "Mũ"], new_items="Áo L")
    assert items.count("\u2068") == items.count("\u2069")
    assert "\u2068Áo M\u2069" in items


def test_a_key_that_a_catalogue_lacks_is_said_in_english(arabic: Wording) -> None:
    assert arabic.say("bye", "ar") == arabic.say("bye", "en")


def test_labels_are_complete_in_every_language() -> None:
    english = WORDING.labels("en")
    assert WORDING.labels("th").keys() == english.keys()
    assert WORDING.labels("th")["send"] == "ส่ง"
    assert WORDING.labels("th")["talking_to"].endswith("{name}")
