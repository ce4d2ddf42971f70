"""The judge's own parts: forms of facts, invented facts, differences, intervals; independent of what it judges."""

import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from app.evaluation.fabrication import License, find_fabricated
from app.evaluation.facts import is_said
from app.evaluation.intervals import clopper_pearson, wilson
from app.evaluation.judge import hide
from app.evaluation.paths import change_at, flatten
from app.evaluation.tongue import judge as judge_language
from app.models import Money

TODAY = date(2026, 11, 27)
AT = datetime(2026, 12, 3, 4, 0, tzinfo=UTC)


def test_the_judge_loads_nothing_of_what_it_judges() -> None:
    code = (
        "import sys, app.evaluation.judge\n"
        "judged = ('app.guardrails', 'app.language', 'app.wording', 'app.formats')\n"
        "print([m for m in sys.modules if m.startswith(judged)])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It should ship by December 3, 2026."),
        ("en", "Expected: 3 Dec? No: Dec 3!"),
        ("vi", "Dự kiến gửi ngày 3 tháng 12, 2026 ạ"),
        ("th", "คาดว่าจะจัดส่งวันที่ ๓ ธันวาคม ค.ศ. 2026 ค่ะ"),
        ("ar", "من المتوقع شحنه في ٣ ديسمبر ٢٠٢٦"),
        ("zh-Hans", "预计2026年12月3日发货"),
        ("my", "၂၀၂၆၊ ဒီဇင်ဘာ ၃ တွင် ပို့ပါမည်"),
    ],
)
def test_a_date_holds_in_the_forms_of_its_language(language: str, text: str) -> None:
    assert is_said("order.at", {"order": {"at": AT}}, text, language, "Asia/Bangkok")


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "December 13, 2026"), ("vi", "23 tháng 12, 2026"), ("th", "13 ธันวาคม"), ("id", "3 Desembre")],
)
def test_another_date_does_not_hold(language: str, text: str) -> None:
    assert not is_said("order.at", {"order": {"at": AT}}, text, language, "Asia/Bangkok")


@pytest.mark.parametrize(
    ("amount", "language", "text", "said"),
    [
        (Money(5990, "MYR"), "ms", "Bayaran balik RM59.90", True),
        (Money(5990, "MYR"), "th", "คืนเงิน RM59.90 ค่ะ", True),
        (Money(5990, "MYR"), "ms", "RM159.90", False),
        (Money(1500000, "VND"), "vi", "hoàn 1.500.000 ₫", True),
        (Money(1500000, "VND"), "en", "1,500,000 VND", True),
        (Money(1500000, "VND"), "vi", "1.500.001 ₫", False),
        (Money(5990, "EUR"), "de", "59,90 €", True),
        (Money(5000, "SGD"), "en", "S$50", True),
        (Money(5000, "SGD"), "en", "S$500", False),
    ],
)
def test_an_amount_holds_with_or_without_its_sign(amount: Money, language: str, text: str, said: bool) -> None:
    assert is_said("order.total", {"order": {"total": amount}}, text, language, "UTC") is said


def license_of(*records: object) -> License:
    known = License("Asia/Bangkok", TODAY)
    known.add_records(records)
    known.add_deadlines([30, 7])
    return known


@pytest.mark.parametrize(
    ("language", "text", "invented"),
    [
        ("th", "คำสั่งซื้อ 12345 จะส่งวันที่ 3 ธันวาคม ค.ศ. 2026 ยอด ฿1,250.00", []),
        ("th", "คำสั่งซื้อ 12345 จะส่งวันที่ 5 ธันวาคม ค.ศ. 2026", ["5 ธันวาคม ค.ศ. 2026"]),
        ("vi", "Mã vận đơn LK1234567VN, đơn 12345", []),
        ("vi", "Mã vận đơn LK7654321VN", ["lk7654321vn"]),
        ("en", "You get ฿1,250.00 back", []),
        ("en", "You get ฿1,350.00 back", ["1,350.00"]),
        ("en", "Write to help@evil.example or 99999", ["help@evil.example", "99999"]),
        ("zh-Hans", "订单12345将于2026年12月3日发货", []),
        ("zh-Hans", "订单12345将于2026年12月9日发货", ["2026年12月9日"]),
        ("en", "Returns close on January 2, 2027", []),
    ],
)
def test_what_nothing_licenses_is_invented(language: str, text: str, invented: list[str]) -> None:
    known = license_of({"number": "12345", "at": AT, "total": Money(125000, "THB"), "tracking": "LK1234567VN"})
    assert find_fabricated(text, language, known) == invented


def test_what_she_wrote_herself_may_be_repeated_word_for_word_and_no_date_of_it_made_up() -> None:
    known = license_of({"number": "12345"})
    known.add_text("12/4 காந்தி தெரு, மதுரை 625020")
    assert find_fabricated("முகவரி: 12/4 காந்தி தெரு, மதுரை 625020", "ta", known) == []
    assert find_fabricated("12/4 வந்து சேரும்", "ta", known) == ["12/4"]


def test_names_of_the_records_say_nothing_about_the_language() -> None:
    assert not judge_language("ສິນຄ້າ Wide-leg Linen Trousers Natural Colour ຖືກສົ່ງແລ້ວ", "lo").right
    assert judge_language(hide("ສິນຄ້າ Wide-leg Linen Trousers ຖືກສົ່ງແລ້ວ", ["Wide-leg Linen Trousers"]), "lo").right
    assert hide("Bayaran", ["ar", "ya"]) == "Bayaran"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("th", "Your order has not been shipped yet."),
        ("ms", "Pesanan Anda akan segera dikirim karena gudang sudah buka. Silakan tunggu, uang tidak bisa kembali."),
        ("zh-Hant", "您的订单还没发货，请等我们处理这个问题。"),
        ("vi", "Đơn hàng của bạn chưa gửi. We are sorry for the long delay of your parcel."),
    ],
)
def test_another_language_is_heard(language: str, text: str) -> None:
    assert not judge_language(text, language).right


def test_a_path_reads_and_changes_what_it_names() -> None:
    record = {"a": {"b": 1}, "c": 2}
    assert dict(flatten(record, "r")) == {"r.a.b": 1, "r.c": 2}
    assert change_at(record, "a.b", 5) == {"a": {"b": 5}, "c": 2}
    with pytest.raises(KeyError):
        change_at(record, "a.x.y", 5)


def test_intervals_are_those_of_the_books() -> None:
    low, high = wilson(45, 50)
    assert (round(low, 3), round(high, 3)) == (0.786, 0.957)
    low, high = clopper_pearson(0, 100)
    assert (low, round(high, 4)) == (0.0, 0.0362)
    low, high = clopper_pearson(5, 20)
    assert (round(low, 4), round(high, 4)) == (0.0866, 0.4910)
    assert wilson(0, 0) == clopper_pearson(0, 0) == (0.0, 1.0)


def test_lists_of_options_and_rupiah_written_after_the_amount_are_no_faults() -> None:
    assert judge_language("¿Cuál prefiere en su lugar?  / ,  / ,  / ,  / ,  /  y  / ", "es").right
    assert not judge_language("ja ja ja ja ja ja ja ja ja ja ja ja", "es").right
    assert judge_language("Sama-sama, Kak!", "id").right
    assert judge_language("• elektronik: 12 bulan\n• tas: 6 bulan", "id").right
    assert judge_language("要为订单 #12558 申请退款 Rp717,000 吗？", "zh-Hans").right
    assert is_said("order.total", {"order": {"total": Money(71700000, "IDR")}}, "សង 717,000Rp", "km", "UTC")
