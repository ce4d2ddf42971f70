"""An explicit wish for a language is understood in every launch language, and nothing else is taken for one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language import LAUNCH, detect
from app.language.wishes import find_wish

WISHES = {
    "en": {"please answer in English": "en", "can you speak Malay?": "ms", "thai please": "th"},
    "zh-Hans": {"请用中文回复": "zh-Hans", "能不能用英语": "en", "我不会说英文，请用中文": "zh-Hans"},
    "zh-Hant": {"請用繁體中文回答": "zh-Hant", "可以講英文嗎": "en"},
    "vi": {"trả lời tiếng Anh giúp em": "en", "tra loi tieng viet giup em": "vi", "nói tiếng anh được không": "en"},
    "th": {"ตอบภาษาไทย": "th", "ช่วยตอบเป็นภาษาอังกฤษหน่อยค่ะ": "en", "ช่วยตอบเป็น English หน่อย": "en"},
    "ms": {"tolong balas dalam bahasa melayu": "ms", "boleh cakap bahasa inggeris tak": "en"},
    "id": {"pakai bahasa indonesia aja kak": "id", "tolong jawab pake bahasa inggris ya": "en"},
    "fil": {"pwede po bang sumagot sa Tagalog?": "fil", "pwede po mag english": "en"},
    "km": {"សូមឆ្លើយជាភាសាខ្មែរ": "km", "សូមនិយាយភាសាអង់គ្លេស": "en"},
    "lo": {"ກະລຸນາຕອບເປັນພາສາລາວ": "lo", "ຕອບເປັນພາສາອັງກິດໄດ້ບໍ": "en"},
    "my": {"မြန်မာလို ဖြေပေးပါ": "my", "အင်္ဂလိပ်လို ပြောပေးပါ": "en"},
    "ta": {"தமிழில் பதில் சொல்லுங்கள்": "ta", "ஆங்கிலத்தில் பேசுங்கள்": "en"},
    "hi": {"कृपया हिंदी में जवाब दें": "hi", "अंग्रेज़ी में बताइए": "en", "hindi mein jawab do": "hi"},
    "bn": {"দয়া করে বাংলায় উত্তর দিন": "bn", "ইংরেজিতে বলুন": "en"},
    "ja": {"日本語でお願いします": "ja", "英語で返信してもらえませんか": "en"},
    "ko": {"한국어로 답변 부탁드려요": "ko", "영어로 말해 주세요": "en"},
    "ar": {"ممكن ترد بالعربي لو سمحت": "ar", "من فضلك أجب باللغة الإنجليزية": "en"},
    "es": {"por favor responda en español": "es", "en inglés por favor": "en"},
    "pt": {"pode responder em português?": "pt", "em inglês por favor": "en"},
    "fr": {"en français svp": "fr", "pouvez-vous répondre en anglais": "en"},
    "de": {"bitte antworten Sie auf Deutsch": "de", "auf Englisch bitte": "en"},
    "ru": {"ответьте по-русски пожалуйста": "ru", "можно на английском?": "en"},
}

NO_WISHES = [
    "I can't speak English", "do you have this book in English?", "what is the capital of Thailand",
    "an English breakfast tea please", "hindi ko pa natanggap yung order ko", "saya tak faham bahasa inggeris",
    "em không biết tiếng anh", "ไม่เข้าใจภาษาอังกฤษ", "我看不懂英文", "英語は話せません", "영어 못해요",
    "I bought a Thai shirt", "the label says chinese medicine", "bài hát tiếng Anh", "हिंदी नहीं आती",
    "ada manual bahasa inggeris tak", "มีหนังสือภาษาอังกฤษไหม", "не говорю по-английски", "لا أتكلم الإنجليزية",
    "hindi po ako nakatanggap ng sagot", "huwag po mag english",
]  # fmt: skip


def test_wishes_are_written_for_every_launch_language() -> None:
    assert set(WISHES) == set(LAUNCH)
    assert all("en" in wishes.values() and len(wishes) >= 2 for wishes in WISHES.values())


@pytest.mark.parametrize(("text", "wish"), [pair for wishes in WISHES.values() for pair in wishes.items()])
def test_a_wish_wins_over_the_language_that_it_is_written_in(text: str, wish: str) -> None:
    for prior in (None, "km", wish):
        found = detect(text, prior)
        assert (found.language, found.evidence) == (wish, "wish")


@pytest.mark.parametrize("text", NO_WISHES)
def test_naming_a_language_is_no_wish(text: str) -> None:
    assert find_wish(text) is None


def test_the_last_wish_of_a_message_counts() -> None:
    assert find_wish("reply in English please. no wait, ตอบภาษาไทยดีกว่า") == "th"


def test_a_wish_for_what_the_shop_does_not_serve_is_no_wish() -> None:
    assert detect("please answer in French", candidates=["vi", "en"]).language == "en"


@given(st.text(max_size=500))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read(text: str) -> None:
    assert find_wish(text) == find_wish(text)
