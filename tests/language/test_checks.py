"""True replies pass the language check, replies with a whole sentence in another language do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language import LANGUAGES, LAUNCH, is_in_language

# The same reply in every launch language, with what replies contain: a number, a title, a courier, a link.
REPLIES = {
    "en": "Your order A-1001 (Wireless Mouse) left our warehouse yesterday with DHL. It should arrive on 25 November.",
    "zh-Hans": "您的订单 A-1001（Wireless Mouse）昨天已由 DHL 发出。预计 11 月 25 日送达，请您留意。",
    "zh-Hant": "您的訂單 A-1001（Wireless Mouse）昨天已由 DHL 寄出。預計 11 月 25 日送達，請您留意。",
    "vi": "Đơn hàng A-1001 (Wireless Mouse) của bạn đã được DHL lấy hàng hôm qua. Dự kiến giao vào ngày 25 tháng 11.",
    "th": "คำสั่งซื้อ A-1001 (Wireless Mouse) ของคุณถูกจัดส่งโดย DHL เมื่อวานนี้ค่ะ คาดว่าจะถึงวันที่ 25 พฤศจิกายน",
    "ms": "Pesanan anda A-1001 (Wireless Mouse) telah dihantar semalam melalui DHL. Ia dijangka tiba 25 November.",
    "id": "Pesanan Anda A-1001 (Wireless Mouse) sudah dikirim kemarin lewat DHL. Perkiraan tiba tanggal 25 November.",
    "fil": "Naipadala na po kahapon ang order ninyong A-1001 (Wireless Mouse) sa DHL. Darating ito sa Nobyembre 25.",
    "km": "ការបញ្ជាទិញ A-1001 (Wireless Mouse) របស់អ្នកត្រូវបានផ្ញើតាម DHL កាលពីម្សិលមិញ។ វានឹងមកដល់នៅថ្ងៃទី 25។",
    "lo": "ຄຳສັ່ງຊື້ A-1001 (Wireless Mouse) ຂອງທ່ານຖືກສົ່ງໂດຍ DHL ມື້ວານນີ້. ຄາດວ່າຈະຮອດວັນທີ 25 ພະຈິກ.",
    "my": "သင့်အော်ဒါ A-1001 (Wireless Mouse) ကို DHL ဖြင့် မနေ့က ပို့ပြီးပါပြီ။ နိုဝင်ဘာ ၂၅ ရက် ရောက်ပါမည်။",
    "ta": "உங்கள் ஆர்டர் A-1001 (Wireless Mouse) நேற்று DHL மூலம் அனுப்பப்பட்டது. நவம்பர் 25 அன்று வந்து சேரும்.",
    "hi": "आपका ऑर्डर A-1001 (Wireless Mouse) कल DHL से भेज दिया गया है। यह 25 नवंबर तक पहुँच जाएगा।",
    "bn": "আপনার অর্ডার A-1001 (Wireless Mouse) গতকাল DHL-এর মাধ্যমে পাঠানো হয়েছে। এটি ২৫ নভেম্বর পৌঁছাবে।",
    "ja": "ご注文 A-1001（Wireless Mouse）は昨日 DHL で発送しました。11月25日にお届けの予定です。",
    "ko": "주문 A-1001 (Wireless Mouse) 상품은 어제 DHL로 발송되었습니다. 11월 25일에 도착할 예정입니다.",
    "ar": "تم شحن طلبك A-1001 (Wireless Mouse) أمس عبر DHL. من المتوقع أن يصل في ٢٥ نوفمبر.",
    "es": "Su pedido A-1001 (Wireless Mouse) salió ayer con DHL. Debería llegar el 25 de noviembre.",
    "pt": "Seu pedido A-1001 (Wireless Mouse) foi enviado ontem pela DHL. A entrega está prevista para 25 de novembro.",
    "fr": "Votre commande A-1001 (Wireless Mouse) a été expédiée hier par DHL. Elle devrait arriver le 25 novembre.",
    "de": "Ihre Bestellung A-1001 (Wireless Mouse) ging gestern mit DHL ab. Sie sollte am 25. November ankommen.",
    "ru": "Ваш заказ A-1001 (Wireless Mouse) вчера отправлен через DHL. Он должен прийти 25 ноября.",
}


def test_there_is_a_reply_in_every_launch_language() -> None:
    assert set(REPLIES) == set(LAUNCH)


@pytest.mark.parametrize("language", LAUNCH)
def test_a_reply_is_in_its_own_language_and_in_no_other(language: str) -> None:
    fitting = [code for code in LAUNCH if is_in_language(REPLIES[language], code)]
    assert fitting == [language]


@pytest.mark.parametrize("language", LAUNCH)
def test_one_sentence_in_another_language_spoils_a_reply(language: str) -> None:
    slip = (
        "Thank you very much for your patience with us."
        if language != "en"
        else "Terima kasih banyak kerana sabar menunggu."
    )
    chinese = "我们会尽快处理您的问题。" if not language.startswith("zh") else "お問い合わせありがとうございます。"
    assert not is_in_language(f"{REPLIES[language]} {slip}", language)
    assert not is_in_language(f"{slip}\n{REPLIES[language]}", language)
    assert not is_in_language(f"{REPLIES[language]}\n{chinese}", language)


@pytest.mark.parametrize("language", LAUNCH)
@pytest.mark.parametrize(
    "text",
    ["", "👍", "A-1001", "12.500,00", "25/11/2026", "https://shop.example/orders/A-1001", "+60 12-345 6789", "a@b.co"],
)
def test_a_text_without_words_is_in_any_language(language: str, text: str) -> None:
    assert is_in_language(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wireless Mouse Pro, Nike Air Max", "th"), ("COD, GCash, Touch 'n Go", "km"), ("DHL Express", "ar"),
        ("คุณ Nguyễn Văn An", "th"), ("Cảm ơn anh John Smith đã liên hệ.", "vi"), ("Refund anda sedang diproses.", "ms"),
        ("Salam, Puan Siti Nurhaliza!", "ms"), ("“王小明” là người nhận.", "vi"),
        ("Pak Budi (陈大文) sudah menerima paketnya.", "id"),
        ("送料無料", "ja"), ("注文番号：A-1001", "ja"), ("Voucher hanya berlaku untuk satu kali checkout.", "id"),
        ("Maaf po, wala na pong stock ang Hydro Flask Wide Mouth.", "fil"), ("請問您要退貨嗎？", "zh-Hant"),
    ],
)  # fmt: skip
def test_names_titles_and_loan_words_are_let_through(text: str, language: str) -> None:
    assert is_in_language(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Đơn hàng của bạn đang được 处理 ạ.", "vi"), ("คำสั่งซื้อของคุณ已经发货แล้วค่ะ", "th"),
        ("Pesanan 您的 telah dihantar.", "ms"),
        ("您的訂單已經發貨，請耐心等候。", "zh-Hans"), ("您的订单已经发货，请耐心等候。", "zh-Hant"),
        ("Barangnya udah dikirim kemarin, tunggu aja ya kak.", "ms"),
        ("Barang awak dah dihantar semalam, sila tunggu sekejap.", "id"),
        ("Your parcel is on the way ค่ะ", "th"), ("ສິນຄ້າຂອງທ່ານຖືກສົ່ງແລ້ວ", "th"), ("สินค้าของคุณถูกจัดส่งแล้ว", "lo"),
        ("ваше замовлення вже відправлено, дякуємо за очікування", "ru"),
        ("سفارش شما دیروز ارسال شد و فردا می‌رسد", "ar"),
        ("sawasdee krub song khong laew krub", "th"), ("aapka order bhej diya gaya hai", "hi"),
    ],
)  # fmt: skip
def test_whole_slips_are_caught(text: str, language: str) -> None:
    assert not is_in_language(text, language)


def test_a_short_sentence_that_is_right_in_two_languages_is_fine_in_both() -> None:
    for text in ("Terima kasih.", "Barang sudah sampai.", "Sama-sama!", "Maaf, pesanan itu tidak ada."):
        assert is_in_language(text, "ms"), text
        assert is_in_language(text, "id"), text


def test_an_unknown_language_takes_no_words() -> None:
    assert not is_in_language("hello", "xx")
    assert is_in_language("tl and zh are known by their aliases", "en")
    assert is_in_language("Salamat po sa paghihintay.", "tl")


@given(st.text(max_size=400), st.sampled_from(sorted(LANGUAGES)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged(text: str, language: str) -> None:
    assert is_in_language(text, language) is is_in_language(text, language)
