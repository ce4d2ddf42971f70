"""What is wrong with a delivery is read from the customer's own words, in every launch language, or asked."""

import pytest

from app.language.registry import LAUNCH
from app.models import OrderStatus, Outcome
from app.tools.problems import read_problem
from tests.counter import Counter
from tests.test_proposals import orders_of, visit_order

SAID = {
    "en": ("the mug is broken", "you sent the wrong item", "one is missing", "i never received it"),
    "zh-Hans": ("杯子摔坏了", "发错颜色了", "少了一件", "没收到货"),
    "zh-Hant": ("杯子破損", "寄錯了", "缺少一件", "沒收到"),
    "vi": ("ly bi vo roi", "giao nhầm màu", "giao thiếu 1 cái", "em chưa nhận được"),
    "th": ("แก้วแตกมาเลย", "ร้านส่งผิดสี", "ได้ของไม่ครบ", "ยังไม่ได้รับของ"),
    "ms": ("gelas pecah", "salah hantar warna", "barang kurang satu", "saya belum terima"),
    "id": ("gelasnya pecah", "salah kirim warna", "isinya kurang", "aku belum nerima"),
    "fil": ("basag ang baso", "maling item dumating", "may kulang na isa", "hindi ko natanggap"),
    "km": ("កែវបែក", "ផ្ញើខុសពណ៌", "ខ្វះមួយ", "មិនទាន់បានទទួល"),
    "lo": ("ຈອກແຕກ", "ສົ່ງຜິດສີ", "ເຄື່ອງບໍ່ຄົບ", "ບໍ່ທັນໄດ້ຮັບ"),
    "my": ("ခွက် ကွဲသွားတယ်", "ပစ္စည်းမှားနေတယ်", "တစ်ခု မပါဘူး", "ပါဆယ် မရသေးဘူး"),
    "ta": ("கப் உடைந்து வந்தது", "தவறான பொருள் வந்தது", "ஒன்று குறையுது", "இன்னும் கிடைக்கல"),
    "hi": ("कप टूट गया", "गलत सामान आया", "एक कम है", "अभी तक नहीं मिला"),
    "bn": ("কাপ ভেঙে গেছে", "ভুল পণ্য এসেছে", "একটা কম আছে", "এখনো পাইনি"),
    "ja": ("カップが割れていました", "別の商品が来た", "一つ足りない", "まだ届いてません"),
    "ko": ("컵이 깨졌어요", "다른 상품이 왔어요", "하나 누락됐어요", "아직 못 받았어요"),
    "ar": ("الكوب مكسور", "وصلني منتج خاطئ", "الطلب ناقص", "ما استلمت شي"),
    "es": ("la taza llegó rota", "me llegó otro producto", "falta una taza", "no lo recibí"),
    "pt": ("a caneca veio quebrada", "produto errado", "faltou uma", "não recebi"),
    "fr": ("la tasse est cassée", "mauvais article", "il manque une tasse", "je n'ai pas reçu"),
    "de": ("die Tasse ist kaputt", "falscher Artikel", "eine Tasse fehlt", "nicht erhalten"),
    "ru": ("кружка разбита", "прислали не тот товар", "не хватает одной", "я не получил"),
}
KINDS = ("damaged", "wrong", "missing", "not_received")


def test_every_launch_language_is_tried() -> None:
    assert set(SAID) == set(LAUNCH)


@pytest.mark.parametrize("language", SAID)
def test_each_kind_of_problem_is_read(language: str) -> None:
    assert tuple(read_problem(text) for text in SAID[language]) == KINDS


@pytest.mark.parametrize(
    "text",
    ["", "there is a problem", "wrong item and it is broken", "ห่วยแตกมาก", "ซอยลาดพร้าว 15", "có vấn đề", "🙃", "١٢٣٤٥"],
)
def test_nothing_is_guessed_where_nothing_or_two_things_are_said(text: str) -> None:
    assert read_problem(text) is None


@pytest.mark.parametrize("language", ["en", "vi", "th", "ar", "ja"])
async def test_a_broken_item_is_proposed_for_report_without_asking_what_is_wrong(
    counter: Counter, language: str
) -> None:
    delivered = await orders_of(counter, status=OrderStatus.DELIVERED, trouble=None)
    newest = max((o for o in delivered if len(o.items) == 1), key=lambda o: str(o.delivered_at))
    visitor = await visit_order(counter, newest, language)
    reply = await visitor.say(SAID[language][0])
    assert (reply.outcome, len(reply.proposals)) == (Outcome.PROPOSED, 1)
    assert reply.proposals[0].arguments["problem"] == "damaged"


@pytest.mark.parametrize(
    "text",
    [
        "I didn't get my refund",
        "i never got the invoice",
        "chưa nhận được tiền hoàn",
        "belum terima invoice",
        "ยังไม่ได้รับเงินคืน",
        "退款没收到",
        "لم يصلني المبلغ",
        "time nahi mila tha",
        "환불을 못 받았어요",
        "返金が届いてない",
    ],
)
def test_what_did_not_come_may_be_something_else_than_the_parcel(text: str) -> None:
    assert read_problem(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I didn't get my parcel, I want my money back",
        "đã trả tiền nhưng chưa nhận được hàng",
        "没收到货，要退款",
        "paise de diye par saman nahi mila",
        "ยังไม่ได้รับของเลย ขอเงินคืน",
        "물건을 못 받았어요 환불해주세요",
        "لم يصلني الطلب اريد فلوسي",
    ],
)
def test_a_parcel_that_did_not_come_stays_one_when_money_is_wanted_back(text: str) -> None:
    assert read_problem(text) == "not_received"
