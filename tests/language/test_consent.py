"""A typed yes or no counts only when the whole message is one, in every launch language."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.language.consent import LONGEST, TABLES, begins_with_yes, confirms, names_act, read_consent
from app.language.registry import LAUNCH
from app.wording import Wording

TYPED = {
    "en": ("Yes please|OK!|yeah, go ahead|Sure, thanks|yesss", "No thanks|nope.|please don't|never mind|NO!!!"),
    "zh-Hans": ("好的|可以。|没问题|嗯，确认|对对对", "不用了|不要！|算了|先不要|不同意"),
    "zh-Hant": ("好的|可以喔|沒問題！|確認|係呀", "不用了|不對|先不要|不同意|唔使"),
    "vi": ("dạ vâng ạ|Đồng ý nhé|ok shop|đúng rồi em|dong y", "không ạ|thôi em ơi|Dạ không cần|ko|giữ nguyên"),
    "th": ("ได้ค่ะ|ตกลงครับ|ยืนยันเลยค่ะ|โอเค นะคะ|คับ", "ไม่ค่ะ|ไม่เอาครับ|ไม่ต้องนะคะ|อย่า|ไม่ดีกว่าค่ะ"),
    "ms": (
        "ya, betul|boleh kak|setuju|Baiklah.|sahkan",
        "tak payah|taknak|jangan dulu|Tidak, terima kasih ya|tak jadi",
    ),
    "id": ("iya kak|boleh min|ok ya|lanjut|ya benar", "gak jadi|ga usah kak|nggak|jangan dulu min|tidak ya"),
    "fil": ("opo|sige po|oo naman|okay po, salamat|go", "hindi po|wag na lang po|ayoko na|huwag muna|di po"),
    "km": ("បាទ|ចាស យល់ព្រម|ត្រូវហើយ។|បានចាស|អូខេ", "ទេ|អត់ទេ|មិនយល់ព្រមទេ|កុំអី|ចាស ទេ"),
    "lo": ("ແມ່ນແລ້ວ|ໄດ້ ເຈົ້າ|ຕົກລົງ|ໂອເຄເຈົ້າ|ເຫັນດີ", "ບໍ່ເອົາ|ບໍ່ຕ້ອງ|ຢ່າ|ບໍ່ຕົກລົງ|ບໍ່ແມ່ນ"),
    "my": ("ဟုတ်ကဲ့|ရပါတယ် ရှင်|အိုကေ|သဘောတူပါတယ်။|အတည်ပြုပါ", "မဟုတ်ပါဘူး|မလိုပါဘူး|မလုပ်ပါနဲ့|သဘောမတူဘူး|မလိုဘူး ခင်ဗျာ"),
    "ta": ("ஆமாம்|சரிங்க|ஓகே|சரி|உறுதி செய்கிறேன்", "இல்லை|வேண்டாம்|இல்லைங்க|வேண்டாம், நன்றி|வேணாம்"),
    "hi": ("जी हाँ|ठीक है|हाँ, कर दो।|बिल्कुल|haan ji", "जी नहीं|नहीं|रहने दो|मत करो|nahi ji"),
    "bn": ("জি হ্যাঁ|ঠিক আছে|হ্যাঁ, ঠিক আছে।|অবশ্যই|রাজি", "না|জি না|না, লাগবে না|দরকার নেই|থাক"),
    "ja": (
        "はい、お願いします。|うん|了解です|オッケー|ﾊｲ",
        "いいえ、結構です|いりません|やめてください|違います|いや",
    ),
    "ko": ("네, 좋아요|맞아요|넵!|ㅇㅇ|그렇게 해주세요", "아니요|안 할래요|아뇨, 괜찮아요|ㄴㄴ|하지 마세요"),
    "ar": ("نعم، موافق|تمام|أكيد|ايوه|حسناً", "لا، شكراً|لأ|غير موافق|مش موافق|كلا"),
    "es": ("sí, por favor|Claro|vale|está bien|si", "no, gracias|mejor no|todavía no|no quiero|ahora no"),
    "pt": (
        "sim, por favor|Claro que sim|pode confirmar|tá bom|beleza",
        "não, obrigada|nao|melhor não|deixa pra lá|agora não",
    ),
    "fr": (
        "oui, merci|D’accord|ça marche|bien sûr|oui s'il vous plaît",
        "non merci|pas maintenant|surtout pas|laissez tomber|Non.",
    ),
    "de": (
        "Ja, gerne|einverstanden|in Ordnung|genau|ja bitte",
        "Nein, danke|lieber nicht|noch nicht|nee|Auf keinen Fall!",
    ),
    "ru": ("да, конечно|хорошо|подтверждаю|ага|Да, спасибо", "нет, спасибо|не надо|пока нет|не согласна|Нет!"),
}
REPEATED = {
    "yes go ahead": "yes",
    "ok sure do it pls": "yes",
    "嗯 确认": "yes",
    "네 해주세요": "yes",
    "iya kak lanjut": "yes",
    "opo sige go": "yes",
    "dạ ok chốt nha": "yes",
    "no leave it": "no",
    "tak payah la jangan": "no",
    "yes stop": None,
    "ok không cần": None,
    "sí claro que no": None,
    "yes go ahead with the other one": None,
}
NEITHER = """
yes, but change the address first|no order yet?|not sure|ok?|yes no|12345|#12345|yes 12345|maybe|why not
no problem with it at all|可以吗|好不好|可以，但是先改地址|是不是|有没有|確定嗎|要不要|được không|có không ạ
có nhưng đổi địa chỉ trước|không hiểu|ok không|ได้ไหมคะ|ใช่ไหม|ไม่เข้าใจ
ใช่ แต่เปลี่ยนที่อยู่ก่อน|boleh ke|ya tapi tukar alamat dulu|bisa ga|iya tidak|oo pero palitan muna|pwede ba
បានទេ|យល់ព្រម ប៉ុន្តែប្តូរអាសយដ្ឋាន|ໄດ້ບໍ່|ແມ່ນບໍ່|ရလား|ဟုတ်လား
சரியா|ஆம் ஆனால்|ठीक है क्या|हाँ लेकिन पता बदलो|ঠিক আছে তো কি|না কেন
いいですか|はい、でも住所を変えてください|大丈夫です|괜찮아요|네 근데 주소 먼저 바꿔주세요|될까요|هل هذا صحيح
نعم ولكن غير العنوان|لا أعرف|كيف|sí pero primero cambie la dirección|no sé|claro que no|sim mas não agora
não sei|oui mais pas à cette adresse|je ne sais pas|ça va|ja aber bitte erst die Adresse ändern|ja nein
weiß nicht|да но сначала измените адрес|не знаю|да нет|да?|можно|cancel|cancelar|batal|ยกเลิก|キャンセル|취소
отмена|g|um|ha|haha|thanks|🙏|👍 👎|yes 👎|...|?
"""
WORDS = [
    (word.replace("+", " "), said)
    for table, said in ((TABLES["yes"], "yes"), (TABLES["no"], "no"))
    for word in table.split()
]
LINES = [
    pytest.param(line, said, id=f"{code}-{line}")
    for code, sides in TYPED.items()
    for side, said in zip(sides, ("yes", "no"), strict=True)
    for line in side.split("|")
]


def test_every_launch_language_is_tried() -> None:
    assert set(TYPED) == set(LAUNCH)
    assert all(len(side.split("|")) >= 4 for sides in TYPED.values() for side in sides)


@pytest.mark.parametrize(("line", "said"), LINES)
def test_what_shoppers_type_is_read(line: str, said: str) -> None:
    assert read_consent(line) == said


@pytest.mark.parametrize("code", LAUNCH)
@pytest.mark.parametrize(("key", "said"), [("yes", "yes"), ("confirm", "yes"), ("no", "no"), ("decline", "no")])
def test_the_words_that_the_page_and_the_hint_show_can_be_typed(code: str, key: str, said: str) -> None:
    assert read_consent(Wording().label(key, code)) == said


@pytest.mark.parametrize("line", [line for row in NEITHER.split("\n") if row for line in row.split("|")])
def test_anything_more_or_less_than_a_yes_or_a_no_is_neither(line: str) -> None:
    assert read_consent(line) is None


@pytest.mark.parametrize(("word", "said"), WORDS)
def test_every_word_of_the_tables_says_one_thing_only(word: str, said: str) -> None:
    """A word in both tables reads as a yes, so that its line in the second one fails."""
    assert read_consent(word) == said


@pytest.mark.parametrize(
    ("marks", "said"), [("👍", "yes"), ("👍🏽", "yes"), ("✔️", "yes"), ("👎🏿", "no"), ("❌❌", "no"), ("ok 👍", "yes")]
)
def test_a_thumb_is_an_answer(marks: str, said: str) -> None:
    assert read_consent(marks) == said


@given(st.sampled_from(WORDS), st.sampled_from(["", "!", "!!!", "。", " .", "…", "၊", "।", "។", " 🙂", "\u200b"]))
def test_case_composition_and_marks_do_not_matter(entry: tuple[str, str], mark: str) -> None:
    word, said = entry
    for written in (word + mark, word.upper() + mark, unicodedata.normalize("NFD", word) + mark, f"  {word}\n{mark}"):
        if len(written) <= LONGEST:
            assert read_consent(written) == said, written


@given(st.sampled_from(WORDS), st.integers(0, 10**9), st.sampled_from(["?", "？", "؟"]))
def test_a_question_or_a_number_is_never_consent(entry: tuple[str, str], number: int, mark: str) -> None:
    word, _ = entry
    for written in (f"{word}{mark}", f"{word} {number}", f"#{number} {word}", str(number)):
        assert read_consent(written) is None, written


@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_a_yes_and_a_no_in_one_message_are_neither(one: tuple[str, str], other: tuple[str, str]) -> None:
    if one[1] != other[1] and not {*one[0].split(), *other[0].split()} & set(TABLES["polite"].split()):
        assert read_consent(f"{one[0]}, {other[0]}") in (None, _listed(one[0] + other[0]))


@given(st.text())
@example("\ufdfa" * LONGEST)
@example("\ud800")
@example("\u0e33\u0300\ufe0f\u200d👍")
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert read_consent(text) in ("yes", "no", None)


@given(st.text(min_size=LONGEST + 1))
def test_a_long_message_says_more_than_yes_or_no(text: str) -> None:
    assert read_consent(text) is None


def _listed(phrase: str) -> str | None:
    """What a phrase says that is listed as a whole: Khmer "ចាស ទេ", a polite no, begins with a yes."""
    return next((said for word, said in WORDS if word.replace(" ", "") == phrase.replace(" ", "")), None)


@pytest.mark.parametrize(("text", "answer"), REPEATED.items())
def test_a_yes_may_be_said_several_times_without_a_comma(text: str, answer: str | None) -> None:
    assert read_consent(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "ờ hủy luôn", "จัดไปค่ะ ยกเลิกเลย", "ye, teruskan batal", "iyaa yakin, batalin", "ເອີ ຍົກເລີກໂລດ",
        "係呀，照取消啦", "হুম, করে ফেলেন", "اي توكل على الله", "うん、それでお願い", "ㅇㅇ 취소 ㄱㄱ",
        "isso, cancela mesmo", "jo mach das", "dale sí", "haan pakka cancel", "oo, i-cancel na palihug", "да, отменяй",
    ],
)  # fmt: skip
def test_a_yes_may_be_said_in_any_register(text: str) -> None:
    assert confirms(text, "cancel_order")


@pytest.mark.parametrize(
    "text",
    [
        "yes cancel the other one", "ok but only the shoes", "ừ nhưng đừng huỷ", "ใช่ แต่ยกเลิกพรุ่งนี้",
        "ya, tapi jangan batal dulu", "sí, pero mañana", "نعم لكن لا تلغي", "うん、でもキャンセルしないで",
        "да, но не отменяйте", "haan par cancel mat karo",
    ],
)  # fmt: skip
def test_a_yes_that_says_more_confirms_nothing(text: str) -> None:
    assert not confirms(text, "cancel_order")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("so the long and short of it is please cancel 12345", True),
        ("สามีซื้อมาแล้วอะค่ะ รบกวนยกเลิกให้หน่อยนะคะ", True),
        ("laki sy dh beli kt kedai td so tlg batalkan la ye", True),
        ("please don't cancel it", False),
        ("đừng huỷ nhé", False),
        ("where is it", False),
    ],
)
def test_a_story_that_names_the_act_asks_for_it(text: str, asked: bool) -> None:
    assert names_act(text, "cancel_order") is asked


@pytest.mark.parametrize(
    "text", ["เออ ไม่เอาดีกว่า เก็บไว้ก่อน", "ใช่ค่ะ แต่ไม่ยกเลิกแล้ว", "好，不要了", "ok no leave it", "ừ thôi khỏi"]
)
def test_a_yes_with_a_no_in_it_begins_no_yes(text: str) -> None:
    assert not begins_with_yes(text)


@pytest.mark.parametrize(
    "text",
    ["ga oke", "iya ga", "ok ga", "ga ya", "gak ok", "ko ok", "di oke", "hai", "yo", "er", "それで", "un"],
)
def test_what_is_a_no_or_a_greeting_anywhere_confirms_nothing(text: str) -> None:
    assert not confirms(text, "cancel_order")


@pytest.mark.parametrize("no", [word.replace("+", " ") for word in TABLES["no"].split()])
@pytest.mark.parametrize("yes", ["ok", "oke", "ya", "oo", "sí", "да"])
def test_a_no_beside_a_yes_confirms_nothing_in_any_language(yes: str, no: str) -> None:
    assert not confirms(f"{yes} {no}", "cancel_order")
    assert not confirms(f"{no} {yes}", "cancel_order")
