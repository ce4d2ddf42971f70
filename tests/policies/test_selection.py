"""A question finds its policy, an utterance its intent, in every launch language, accents or none."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intents import DECLINE, INTENTS, PROBLEMS, SMALL_TALK, Router, read_bank
from app.language import LAUNCH
from app.policies import load
from app.policies.selection import make_entries
from app.retrieval import Entry, Index
from app.retrieval.encoder import LAYERS, Encoder, find_model, shared, shorten
from app.retrieval.spelling import Speller, count_syllables, expand
from app.retrieval.text import normalise

POLICIES = load(Path(__file__).resolve().parents[2] / "policies")
ROUTER = Router(POLICIES)

WHERE_IS_IT = {
    "en": "why has my order not shipped, where is it",
    "zh-Hans": "我的订单为什么还没发货 到哪了",
    "zh-Hant": "我的訂單怎麼還沒出貨 現在在哪",
    "vi": "sao don hang cua toi chua gui, dang o dau",
    "th": "ทำไมออเดอร์ยังไม่ส่ง ตอนนี้อยู่ไหนแล้ว",
    "ms": "kenapa pesanan saya belum dihantar, ada kat mana",
    "id": "kenapa pesanan saya belum dikirim, posisinya di mana",
    "fil": "bakit hindi pa naipapadala ang order ko, nasaan na",
    "km": "ហេតុអ្វីបានជាការកម្មង់មិនទាន់ផ្ញើ នៅឯណាហើយ",
    "lo": "ເປັນຫຍັງອໍເດີຍັງບໍ່ສົ່ງ ດຽວນີ້ຢູ່ໃສ",
    "my": "အော်ဒါ ဘာလို့ မပို့သေးတာလဲ ဘယ်မှာလဲ",
    "ta": "என் ஆர்டர் ஏன் அனுப்பலை, எங்கே இருக்கு",
    "hi": "मेरा ऑर्डर क्यों नहीं भेजा, कहाँ है",
    "bn": "আমার অর্ডার কেন পাঠাননি, কোথায় আছে",
    "ja": "注文がまだ発送されないのはなぜ、どこにありますか",
    "ko": "주문한 게 왜 아직 발송이 안 됐나요 어디 있어요",
    "ar": "ليش ما انشحن طلبي وين وصل",
    "es": "por qué no ha salido mi pedido, dónde está",
    "pt": "por que meu pedido não saiu, onde está",
    "fr": "pourquoi ma commande n'est pas partie, où est-elle",
    "de": "warum ist meine bestellung nicht raus, wo ist sie",
    "ru": "почему мой заказ не отправили, где он",
}


@pytest.mark.parametrize("language", LAUNCH)
def test_why_has_my_order_not_shipped_is_understood_in_every_launch_language(language: str) -> None:
    assert ROUTER.route(WHERE_IS_IT[language], language).name == "track_order"


@pytest.mark.parametrize("language", LAUNCH)
def test_the_bank_knows_every_intent_in_every_launch_language(language: str) -> None:
    labels = {entry.label for entry in read_bank() if entry.language == language}
    kinds = {"small_talk": SMALL_TALK, "report_problem": PROBLEMS}
    wanted = {name for name in INTENTS if name not in (*kinds, "answer_from_policy")}
    assert labels == wanted | {DECLINE} | {f"{name}/{kind}" for name, some in kinds.items() for kind in some}


@pytest.mark.parametrize(
    ("language", "question", "policy"),
    [
        ("vi", "tra hang mat phi khong shop", "returns"),
        ("vi", "hoan tien ve momo dc k", "refunds"),
        ("th", "ของติดด่านศุลกากร", "customs"),
        ("ms", "boleh bayar masa sampai x", "payment"),
        ("km", "ធានាប៉ុន្មានខែបង", "warranty"),
        ("lo", "ຂອງແທ້ບໍ່ເຈົ້າ", "authenticity"),
        ("my", "အကောင့်ဖျက်ချင်တယ်", "privacy"),
        ("zh-Hant", "發票抬頭打錯了", "invoices"),
        ("ta", "கூப்பன் வேலை செய்யல", "vouchers"),
        ("ar", "العربون يرجع لو لغيت الحجز", "preorders"),
    ],
)
def test_a_question_as_people_type_it_finds_its_policy(language: str, question: str, policy: str) -> None:
    selection = POLICIES.select(question, language)
    assert policy in {section.policy for section in selection.sections}
    assert len(selection.topics) == len(set(selection.topics)) <= 3


def test_an_uncertain_selection_offers_topics_in_the_customers_language() -> None:
    selection = POLICIES.select("qwrtp zxcvb", "vi")
    assert not selection.certain
    assert set(selection.topics) <= {policy.title_in("vi") for policy in POLICIES.policies.values()}


@settings(deadline=None)
@given(st.text(max_size=600), st.sampled_from([*LAUNCH, "nl", "", "xx"]))
def test_any_text_selects_and_routes_without_an_error_and_the_same_way_twice(text: str, language: str) -> None:
    assert POLICIES.select(text, language) == POLICIES.select(text, language)
    assert ROUTER.route(text, language) == ROUTER.route(text, language)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "a" * 100_000, "🙂" * 4000, "ก" * 4000, "\u0301" * 500])
def test_hostile_texts_are_only_uncertain(text: str) -> None:
    assert ROUTER.route(text, "th").name in INTENTS
    assert not POLICIES.select(text, "th").certain


def test_a_live_reload_reaches_the_router(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        "name: S\nlanguages: [vi]\ntime_zone: Asia/Bangkok\ncurrency: VND\n", encoding="utf-8"
    )
    page = "---\nid: pets\ntitle: Pets\nexamples: {vi: [shop có bán mèo không]}\n---\n## Cats {#cats}\nNo cats.\n"
    (tmp_path / "pets.md").write_text(page, encoding="utf-8")
    policies = load(tmp_path)
    router = Router(policies)
    assert router.route("shop có bán mèo không", "vi").detail == "pets"
    (tmp_path / "pets.md").write_text(page.replace("mèo", "voi"), encoding="utf-8")
    assert policies.reload_if_changed()
    assert router.route("shop có bán voi không", "vi").detail == "pets"


def test_every_shipped_line_has_its_shipped_vector() -> None:
    """`python -m bench.vectors` makes them; without it a start computes them and is slow."""
    encoder = shared()
    assert isinstance(encoder, Encoder)
    lines = [*read_bank(), *make_entries(POLICIES.policies)]
    assert [line.text for line in lines if not encoder.has(line.text)] == []


@pytest.mark.parametrize("language", LAUNCH)
def test_the_shipped_vectors_are_what_the_shipped_layers_make_of_their_lines(language: str) -> None:
    encoder = shared()
    assert isinstance(encoder, Encoder)
    line = next(entry.text for entry in read_bank() if entry.language == language and entry.label == "track_order")
    shipped = encoder.line(line, language)
    computed = encoder._centre(encoder._compute([shorten(expand(line, language))])[0], language)
    assert shipped @ computed > 0.99


def test_layers_that_do_not_fit_are_refused_before_the_first_question(tmp_path: Path) -> None:
    cut = tmp_path / "layers.bin"
    cut.write_bytes(LAYERS.read_bytes()[:-1])
    with pytest.raises(OSError, match="12183552 bytes, these have"):
        find_model(cut)


def test_sections_that_are_equally_near_are_all_meant() -> None:
    question = "How long do I have to return it and who pays for the label?"
    assert {"window", "fee"} <= POLICIES.select(question, "en").find_alike("returns")


def test_without_an_encoder_the_lexical_voice_still_finds_near_repetitions() -> None:
    index = Index([Entry("Đơn hàng của tôi đang ở đâu", "vi", "a"), Entry("訂單還沒出貨", "zh-Hant", "b")])
    assert index.rank("don hang cua toi o dau")[0][0] == "a"
    assert index.rank("订单还没出货")[0][0] == "b"
    assert Index([]).rank("gì cũng được") == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Đơn HÀNG #VN-12345 đâuuuu", "don hang 0 dau"),
        ("訂單還沒發貨", "订单还没发货"),
        ("أينَ طَلَبي", "اين طلبي"),
        ("ยังไม่ได้ https://x.example/a?b=1", "ยังไม่ได้"),
    ],
)
def test_spellings_of_one_thing_have_one_form(left: str, right: str) -> None:
    assert normalise(left).split() == normalise(right).split()


def test_marks_that_are_vowels_stay() -> None:
    assert normalise("मेरा ऑर्डर") == "मेरा ऑर्डर"
    assert normalise("สินค้า") == "สินค้า"


def test_vietnamese_without_accents_gets_them_back_and_accented_text_stays() -> None:
    syllables, pairs = count_syllables(["đơn hàng của tôi", "khi nào giao hàng", "tôi muốn hủy đơn"])
    speller = Speller(syllables.items(), [(a, b, n) for (a, b), n in pairs.items()])
    assert speller.spell("don hang cua toi", "vi") == "đơn hàng của tôi"
    assert speller.spell("dc giao hang k", "vi") == "được giao hang không"
    assert speller.spell("don hang cua toi", "id") == "don hang cua toi"
    assert speller.spell("đơn hàng của toi", "vi") == "đơn hàng của toi"


@pytest.mark.parametrize(
    ("language", "question", "section"),
    [
        ("en", "which days are you open", "hours"),
        ("vi", "shop làm việc tới mấy giờ vậy", "hours"),
        ("th", "ร้านปิดกี่โมงคะ", "hours"),
        ("ms", "admin online sampai pukul berapa", "hours"),
        ("id", "nomor WA tokonya berapa kak", "reach"),
        ("fil", "ano po contact number nyo", "reach"),
        ("ar", "ما هو رقم هاتف المتجر", "reach"),
        ("ja", "電話番号を教えてください", "reach"),
        ("ru", "какой у вас номер телефона", "reach"),
    ],
)
def test_questions_about_the_shop_itself_find_its_contacts_and_hours(
    language: str, question: str, section: str
) -> None:
    best = POLICIES.select(question, language).sections[0]
    assert (best.policy, best.section) == ("contact", section)


@pytest.mark.parametrize(
    ("language", "text", "problem"),
    [
        ("en", "unpacked it and the handle is broken off", "damaged"),
        ("de", "im Karton war etwas völlig anderes", "wrong"),
        ("vi", "đặt hai cái mà trong hộp có một", "missing"),
        ("id", "kurir bilang sudah diserahkan tapi saya tidak terima apa-apa", "not_received"),
        ("hi", "कुछ और ही भेज दिया आपने", "wrong"),
        ("ru", "разбитое пришло, осколки в коробке", "damaged"),
    ],
)
def test_a_complaint_says_what_is_wrong(language: str, text: str, problem: str) -> None:
    assert ROUTER.route(text, language).problem == problem
