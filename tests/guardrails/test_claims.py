"""Facts are found as they are written in every language, and traced to one record or to nothing."""

import random
from datetime import UTC, date, datetime

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats import long_date, money
from app.guardrails.claims import Evidence, Source, extract, judge, trace
from app.language.registry import LANGUAGES, LAUNCH
from app.models import Money
from bench.fabrication import read_sentences

SENTENCES = read_sentences()
CURRENCIES = (
    "VND",
    "MYR",
    "IDR",
    "THB",
    "PHP",
    "SGD",
    "USD",
    "CNY",
    "TWD",
    "JPY",
    "KRW",
    "INR",
    "EUR",
    "BRL",
    "LAK",
    "MMK",
)
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
NATIVE = {"th": "๐", "km": "០", "lo": "໐", "my": "၀", "ta": "௦", "hi": "०", "bn": "০", "ar": "٠", "zh-Hans": "０"}
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def in_native_digits(text: str, language: str) -> str:
    zero = ord(NATIVE[language])
    return "".join(chr(zero + int(c)) if c in "0123456789" else c for c in text)


def with_a_digit_changed(text: str, seed: int) -> str:
    chance = random.Random(seed)
    place = chance.choice([i for i, c in enumerate(text) if c.isdecimal()])
    others = [d for d in "123456789" if int(d) != int(text[place])]
    return text[:place] + chance.choice(others) + text[place + 1 :]


def untraced(sentence: str, facts: str, language: str) -> list[str]:
    sources = (Source("order:48151", f"#48151 · {facts}"), Source("policy:returns", "Within 30 days."))
    return [claim.kind for claim in judge(sentence, Evidence(language, sources, now=NOW)) if claim.source is None]


@pytest.mark.parametrize("language", LAUNCH)
@settings(deadline=None)
@given(day=DAYS, width=st.sampled_from(["long", "medium", "short", "full"]), seed=st.integers(0, 9999))
def test_a_date_in_any_written_form_traces_and_a_changed_one_does_not(
    language: str, day: date, width: str, seed: int
) -> None:
    written = format_date(day, width, LANGUAGES[language].locale)
    sentence = SENTENCES[language]["w2"].replace("{date}", written)
    assert untraced(sentence, long_date(day, language), language) == []
    changed = SENTENCES[language]["w2"].replace("{date}", with_a_digit_changed(written, seed))
    assert untraced(changed, long_date(day, language), language) != []


@pytest.mark.parametrize("language", LAUNCH)
@settings(deadline=None)
@given(amount=st.integers(101, 10**9), currency=st.sampled_from(CURRENCIES), seed=st.integers(0, 9999))
def test_an_amount_in_any_currency_traces_and_a_changed_one_does_not(
    language: str, amount: int, currency: str, seed: int
) -> None:
    value = money(Money(amount, currency), language)
    sentence = SENTENCES[language]["w3"].replace("{n}", "48151")
    assert untraced(sentence.replace("{amount}", value), value, language) == []
    assert untraced(sentence.replace("{amount}", with_a_digit_changed(value, seed)), value, language) != []


@pytest.mark.parametrize("language", NATIVE)
@settings(deadline=None)
@given(day=DAYS, amount=st.integers(100, 10**7), seed=st.integers(0, 9999))
def test_native_digits_say_the_same_as_western_ones(language: str, day: date, amount: int, seed: int) -> None:
    facts = f"{long_date(day, language)} · {money(Money(amount, 'THB'), language)}"
    for code, value in (("w2", long_date(day, language)), ("w3", money(Money(amount, "THB"), language))):
        sentence = SENTENCES[language][code].replace("{n}", "48151")
        slot = "{date}" if code == "w2" else "{amount}"
        native = in_native_digits(sentence.replace(slot, value), language)
        assert untraced(native, facts, language) == []
        wrong = in_native_digits(sentence.replace(slot, with_a_digit_changed(value, seed)), language)
        assert untraced(wrong, facts, language) != []


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(LAUNCH))
def test_any_text_is_read_without_an_exception(text: str, language: str) -> None:
    claims = extract(text, language)
    assert all(claim.source is None for claim in claims)
    assert len(trace(claims, [Source("order:1", text)], language)) == len(claims)


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789.,/-:₫฿RMp 年月日tháng อีกวัน%ngày"), max_size=60), st.sampled_from(LAUNCH))
def test_a_text_traces_to_a_source_that_says_exactly_the_same(text: str, language: str) -> None:
    # No text of these letters names this order: a sentence that names one must also say something readable of it.
    evidence = Evidence(language, (Source("order:AB-1", text),), now=NOW)
    assert [c.kind for c in judge(text, evidence) if c.source is None and c.kind != "order_number"] == []


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("vi", "tổng 1,5 triệu đồng", "1500000 VND"),
        ("vi", "tổng 1.500.000₫", "1500000 VND"),
        ("ms", "jumlah RM59.90", "59.9 MYR"),
        ("id", "totalnya Rp 59.900", "59900 IDR"),
        ("id", "totalnya 5 juta rupiah", "5000000 IDR"),
        ("th", "ยอดรวม ฿1,290", "1290 THB"),
        ("th", "ยอดรวม ๑,๒๙๐ บาท", "1290 THB"),
        ("hi", "कुल 3 लाख रुपये", "300000 INR"),
        ("zh-Hans", "一共5万元", "50000 CNY"),
        ("ja", "合計一万二千円", "12000 JPY"),
        ("ko", "총 3만 원", "30000 KRW"),
        ("km", "សរុប ២០០០០ រៀល", "20000 KHR"),
        ("de", "insgesamt 1.290,50 €", "1290.5 EUR"),
        ("fr", "au total 1\u202f290,50 €", "1290.5 EUR"),
        ("de", "insgesamt 63,276,00 €", "63276 EUR"),
        ("hi", "कुल ₹12,34,567", "1234567 INR"),
        ("es", "en total 1.290.000,00 €", "1290000 EUR"),
        ("my", "စုစုပေါင်း ၅ သောင်းကျပ်", "50000 MMK"),
    ],
)
def test_amounts_as_shoppers_write_them(language: str, text: str, value: str) -> None:
    assert value in [claim.value for claim in extract(text, language) if claim.kind == "amount"]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("th", "วันที่ 3 พฤษภาคม 2569", "2026-05-03"),
        ("th", "3 พ.ค. 69", "2026-05-03"),
        ("th", "๓ พฤษภาคม พ.ศ. ๒๕๖๙", "2026-05-03"),
        ("vi", "ngày 3 tháng 5 năm 2026", "2026-05-03"),
        ("vi", "ngày 03/05/2026", "2026-05-03"),
        ("en", "on 05/13/2026", "2026-05-13"),
        ("zh-Hans", "二〇二六年五月三日", "2026-05-03"),
        ("zh-Hant", "民國115年5月3日", "2026-05-03"),
        ("ja", "令和8年5月3日", "2026-05-03"),
        ("ja", "5日に発送します", "?-?-05"),
        ("ko", "5월 3일", "?-05-03"),
        ("km", "ថ្ងៃទី ៣ ខែ ឧសភា ឆ្នាំ ២០២៦", "2026-05-03"),
        ("lo", "ວັນທີ 3 ເດືອນພຶດສະພາ 2026", "2026-05-03"),
        ("my", "၂၀၂၆ ခုနှစ် မေလ ၃ ရက်", "2026-05-03"),
        ("ar", "١٣ مايو ٢٠٢٦", "2026-05-13"),
        ("ar", "26 ذو القعدة 1447", "~2026-05-13"),
        ("de", "am 3. Mai 2026", "2026-05-03"),
        ("pt", "em 3 de maio de 2026", "2026-05-03"),
        ("ru", "3 мая 2026 г.", "2026-05-03"),
        ("vi", "hôm qua", "-1"),
        ("ms", "esok", "+1"),
        ("fil", "bukas", "+1"),
        ("km", "ថ្ងៃស្អែក", "+1"),
        ("ja", "明後日", "+2"),
    ],
)
def test_dates_of_every_calendar_and_relative_days(language: str, text: str, value: str) -> None:
    assert value in [claim.value for claim in extract(text, language) if claim.kind == "date"]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("th", "อีก 3 วัน", "3 day|in"),
        ("vi", "ba ngày nữa", "3 day|in"),
        ("en", "within 5 to 7 business days", "5..7 business_day"),
        ("id", "2 minggu", "14 day"),
        ("zh-Hans", "三天后", "3 day|in"),
        ("ko", "사흘 뒤", "3 day"),
        ("ar", "خلال أسبوعين", "14 day"),
        ("de", "innerhalb von dreißig Tagen", "30 day"),
        ("hi", "5 से 7 कार्य दिवस", "5..7 business_day"),
        ("fr", "48 heures", "2 day"),
        ("ja", "銀行口座へのご返金はご入金まで2–5日いただいております", "2..5 day"),
        ("ja", "お届け予定日から14日を過ぎると紛失とみなします", "14 day"),
        ("ko", "은행 계좌로 2–5일, 카드로 5–10일이 걸립니다", "2..5 day"),
        ("zh-Hant", "退款需要2-5日", "2..5 day"),
        ("fil", "may 12 buwang warranty", "12 month"),
        ("ru", "гарантия 6 мес.", "6 month"),
    ],
)
def test_durations_in_figures_and_words(language: str, text: str, value: str) -> None:
    assert value in [claim.value for claim in extract(text, language) if claim.kind == "duration"]
