"""The verdict: what is true and in the customer's language passes, everything else is stopped with a reason."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.guardrails.claims import Source
from app.guardrails.replies import Context, check_reply, check_segment
from app.language.registry import LAUNCH
from bench.fabrication import read_sentences

SENTENCES = read_sentences()
NOW = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)
ORDER = Source(
    "order:12345",
    "Đơn hàng #12345 chưa được gửi vì đang chờ nhập hàng. Dự kiến gửi ngày 13 tháng 5, 2026. Tổng: 1.500.000 ₫.",
    frozenset({"waiting_stock"}),
)
OTHER = Source(
    "order:67890",
    "Đơn hàng #67890 đã được giao ngày 3 tháng 5, 2026 bởi J&T Express, mã vận đơn JT123456789. Tổng: 290.000 ₫.",
    frozenset({"delivered"}),
)
POLICY = Source("policy:returns#window", "Items may be returned within 30 days. See https://shop.example/returns.")
CONTEXT = Context("vi", (ORDER, OTHER, POLICY), question="Đơn 12345 của tôi đâu rồi vậy shop?", now=NOW)


def kind_of(text: str, context: Context = CONTEXT) -> str | None:
    return check_segment(text, context).kind


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(LAUNCH))
def test_no_text_makes_the_verdict_fail(text: str, language: str) -> None:
    context = Context(language, (Source("order:1", text), Source("customer", text)), text, question=text, now=NOW)
    check_segment(text, context)
    check_reply(text, context)


@pytest.mark.parametrize(
    "text",
    [
        "Đơn hàng 12345 chưa được gửi vì đang chờ nhập hàng.",
        "Dự kiến đơn 12345 được gửi ngày 13/5/2026.",
        "Đơn 12345 dự kiến gửi sau 3 ngày nữa.",
        "Tổng tiền đơn 12345 là 1,5 triệu đồng.",
        "Đơn 67890 đã được giao ngày 3/5.",
        "Bạn có thể trả hàng trong vòng ba mươi ngày.",
        "Bạn xem thêm tại https://shop.example/returns nhé.",
        "Chúc bạn một ngày tốt lành!",
    ],
)
def test_true_sentences_pass(text: str) -> None:
    verdict = check_segment(text, CONTEXT)
    assert verdict.passed, verdict
    assert all(claim.source for claim in verdict.claims)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Đơn 12345 đã được giao ngày 3/5/2026.", "claim"),
        ("Đơn 12345 dự kiến gửi ngày 3/5/2026.", "claim"),
        ("Đơn 67890 có tổng tiền 1.500.000 ₫.", "claim"),
        ("Đơn 99999 đang được chuẩn bị.", "claim"),
        ("Hàng sẽ tới vào ngày mai.", "claim"),
        ("Mã vận đơn là JT123456780.", "claim"),
        ("Bạn gọi 0901 234 567 nhé.", "claim"),
        ("Bạn viết tới ho-tro@evil.example nhé.", "claim"),
        ("Bạn theo dõi tại https://evil.example/don nhé.", "claim"),
        ("Giảm 20% cho đơn này.", "claim"),
        ("Mình đã gửi hóa đơn vào email của bạn.", "promise"),
        ("Mình sẽ kiểm tra rồi báo lại bạn.", "promise"),
        ("Shop sẽ bồi thường cho bạn.", "promise"),
        ("Your order has not been shipped yet, we are sorry.", "language"),
        ("คำสั่งซื้อของคุณยังไม่ได้จัดส่ง", "language"),
        ("<b>Đơn của bạn</b> đang chờ hàng.", "markup"),
        ("![ảnh](https://shop.example/returns)", "markup"),
        ("Kết quả của track_order: đang chờ hàng.", "leak"),
        ("Đơn hàng {{ order.number }} đang chờ hàng.", "leak"),
        ("Đơn 12345 của tôi đâu rồi vậy shop?", "repetition"),
        ("chờ chờ chờ chờ chờ chờ chờ chờ", "repetition"),
        ("Đơn hàng \ufffd\ufffd đang chờ.", "garbage"),
        ("Bạn thật là ngu.", "insult"),
        ("Bạn nên đi khám và uống thuốc.", "advice"),
    ],
)
def test_each_fault_is_stopped_with_its_kind(text: str, kind: str) -> None:
    verdict = check_segment(text, CONTEXT)
    assert (verdict.passed, verdict.kind) == (False, kind)
    assert verdict.reason.endswith(".")
    assert "12345" not in verdict.reason


def test_a_fact_of_another_order_is_false_on_this_one_also_when_the_number_came_a_sentence_earlier() -> None:
    shown = replace(CONTEXT, shown="Về đơn hàng 12345 của bạn. ")
    assert kind_of("Đơn đã được giao ngày 3/5/2026.", shown) == "claim"
    assert kind_of("Dự kiến gửi ngày 13/5/2026.", shown) is None


def test_a_deed_of_this_turn_makes_the_sentence_true() -> None:
    text = "Mình đã hủy đơn 12345 cho bạn."
    assert kind_of(text) == "claim"
    assert kind_of(text, replace(CONTEXT, done=frozenset({"cancelled"}))) is None
    handed = replace(CONTEXT, done=frozenset({"handed_off"}))
    assert kind_of("Nhân viên sẽ trả lời bạn tại đây.", handed) is None
    assert kind_of("Nhân viên sẽ gọi lại cho bạn.", handed) == "promise"


def test_the_customers_words_license_order_numbers_and_contacts_but_no_amounts_or_dates() -> None:
    words = "Đơn 55555, email an@example.com. Shop hứa trả tôi 500.000đ ngày 20/5/2026 mà!"
    context = replace(CONTEXT, customer_words=words)
    assert kind_of("Mình không tìm thấy đơn hàng 55555 với email an@example.com.", context) is None
    assert kind_of("Shop sẽ trả bạn 500.000đ.", context) == "claim"
    assert kind_of("Bạn sẽ nhận được vào ngày 20/5/2026.", context) == "claim"


def test_lines_of_the_prompt_do_not_leave() -> None:
    secret = "Không bao giờ nói với khách về chiết khấu nội bộ mười phần trăm của cửa hàng"
    context = replace(CONTEXT, prompt_texts=(secret,))
    assert kind_of(f"Theo chỉ dẫn: {secret.lower()}.", context) == "leak"


def test_the_whole_reply_must_say_something_once_and_to_the_end() -> None:
    good = "Đơn hàng 12345 chưa được gửi vì đang chờ nhập hàng."
    assert check_reply(good, CONTEXT).passed
    assert check_reply(" \n", CONTEXT).kind == "empty"
    assert check_reply("👍", CONTEXT).kind == "empty"
    assert check_reply(f"{good} {good}", CONTEXT).kind == "repetition"
    assert check_reply("Đơn hàng 12345 chưa được gửi vì,", CONTEXT).kind == "garbage"
    assert check_reply(good, replace(CONTEXT, required=("13 tháng 5, 2026",))).kind == "claim"


@pytest.mark.parametrize(
    ("language", "text"),
    [("km", "ការ្ិបញ្ជា"), ("lo", "່ລໍຖ້າ ສິນຄ້າ"), ("my", "အော်ဒါ ်် ကို"), ("th", "สินค้าาั็็ ของคุณ"), ("th", "คำสั่งซื้อខ្មែរของคุณ")],
)
def test_broken_clusters_of_marks_are_garbage(language: str, text: str) -> None:
    assert kind_of(text, Context(language)) == "garbage"


@pytest.mark.parametrize("language", LAUNCH)
def test_well_formed_sentences_of_every_script_are_no_garbage(language: str) -> None:
    for sentence in SENTENCES[language].values():
        verdict = check_segment(sentence, Context(language))
        assert verdict.kind not in ("garbage", "markup", "repetition", "insult", "advice") or "{" in sentence, sentence


PARCELS = Source(
    "order:24680",
    "Part of order #24680 has shipped; the rest is still being prepared.\nIt comes in 2 parcels:\n"
    "• Parcel 1: delivered · DHL JT111222333 · delivered May 3, 2026\n"
    "• Parcel 2: in transit · FedEx VN444555666 · expected May 14, 2026",
)


def test_the_date_of_one_parcel_is_false_on_the_other() -> None:
    context = Context("en", (PARCELS,), now=NOW)
    assert kind_of("Parcel VN444555666 of order 24680 is expected on May 14, 2026.", context) is None
    assert kind_of("Parcel VN444555666 of order 24680 is expected on May 3, 2026.", context) == "claim"
    assert kind_of("Parcel JT111222333 of order 24680 was delivered on May 3, 2026.", context) is None
    assert kind_of("Parcel VN444555666 of order 24680 was delivered on May 3, 2026.", context) == "claim"


def test_of_two_orders_none_named_only_what_is_true_of_both_may_be_said() -> None:
    context = replace(CONTEXT, now=NOW)
    delivered = "Đơn{} đã được giao ngày 3/5/2026, tổng tiền 290.000 ₫."
    assert kind_of(delivered.format(""), context) == "claim"
    assert kind_of(delivered.format(" 67890"), context) is None
    assert kind_of(delivered.format(""), replace(context, shown="Về đơn 67890: ")) is None
    assert kind_of(delivered.format(""), replace(context, shown="Về đơn 12345: ")) == "claim"
    assert kind_of("Cả hai đơn đều chưa bị hủy.", context) is None


def test_a_number_is_no_fact_only_because_it_counts_the_orders() -> None:
    context = Context("vi", (ORDER,), now=NOW)
    assert kind_of("Bạn có 1 đơn hàng.", context) is None
    assert kind_of("Bạn được 1 phần quà.", context) is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("th", "คำสั่งซื้อของคุณมี Wireless Earbuds Pro ค่ะ"),
        ("vi", "Đơn của bạn có “Áo khoác lông vũ” nhé."),
        ("ja", "ご注文には「ワイヤレスイヤホン」が含まれています。"),
        ("ar", "طلبك يحتوي على Smart Watch Ultra."),
    ],
)
def test_goods_that_no_source_names_are_invented(language: str, text: str) -> None:
    title = text.split("“")[-1].split("”")[0].split("「")[-1].split("」")[0]
    assert kind_of(text, Context(language)) == "claim"
    named = Source("order:12345", f"Wireless Earbuds Pro · Smart Watch Ultra · {title}")
    assert kind_of(text, Context(language, (named,))) is None


@pytest.mark.parametrize(
    ("language", "text", "right"),
    [
        ("es", "Coméntame más detalles si necesitas ayuda con algo else.", False),
        ("vi", "Anh/chị cho em xin mã đơn hàng with email đặt hàng nhé.", False),
        ("de", "Wie kann ich Ihnen sonst noch helfen, please?", False),
        ("ms", "Boleh saya bantu dengan refund atau tracking?", True),
        ("fil", "Puwede po bang malaman ang order number and email ninyo?", True),
        ("fr", "Quel est le numéro de votre commande, s'il vous plaît ?", True),
    ],
)
def test_words_that_nobody_borrows_are_another_language(language: str, text: str, right: bool) -> None:
    assert (kind_of(text, Context(language)) != "language") is right
