"""A streamed reply is cut where a sentence ends, never inside a date, number, link or abbreviation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.guardrails.segments import Segmenter

PIECES = st.sampled_from(
    ["Đơn 12345", " chưa gửi", ". ", "! ", "？", "。", "\n", "\n\n", "...", "… ", "คำสั่งซื้อของคุณ", " ", "3 พ.ค. 2569",
     "1.500.000₫", "https://shop.example/a?b=1", "ជូន", "។", "။", "؟ ", "ok", "Mr. Lim", "5.", "”", ")", "၊ ", "ඩ", "👍"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=25).map("".join))


def cut(text: str) -> list[str]:
    segmenter = Segmenter()
    return segmenter.feed(text) + segmenter.flush()


@settings(deadline=None)
@given(TEXTS)
def test_nothing_is_lost_or_added(text: str) -> None:
    assert "".join(cut(text)) == text


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=9))
def test_the_chunks_do_not_matter(text: str, sizes: list[int]) -> None:
    segmenter, segments, position, turn = Segmenter(), [], 0, 0
    while position < len(text):
        size = sizes[turn % len(sizes)]
        segments += segmenter.feed(text[position : position + size])
        position, turn = position + size, turn + 1
    assert segments + segmenter.flush() == cut(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Đơn 12345 chưa gửi. Dự kiến ngày 3/5/2026. Cảm ơn bạn.", 3),
        ("您的订单还没发货。预计5月3日发货！谢谢", 3),
        ("ご注文は準備中です。5月3日に発送します。", 2),
        ("Bestellung 12345 kommt am 3. Mai an. Danke!", 2),
        ("طلبك قيد التحضير. هل تريد شيئًا آخر؟ شكرًا.", 3),
        ("ការបញ្ជាទិញកំពុងរៀបចំ។ អរគុណ។", 2),
        ("အော်ဒါကို ပြင်ဆင်နေပါသည်။ ကျေးဇူးတင်ပါသည်။", 2),
        ("ऑर्डर तैयार हो रहा है। धन्यवाद।", 2),
        ("Pesanan 12345 belum dikirim.\nMohon tunggu.", 2),
    ],
)
def test_sentences_end_at_the_marks_of_their_script(text: str, count: int) -> None:
    assert len(cut(text)) == count


@pytest.mark.parametrize(
    "text",
    [
        "Tổng là 1.500.000 ₫ và 59.90",
        "xem https://shop.example/theo-doi?don=12345&x=1 nhé",
        "gửi tới an.nguyen@example.com nhé",
        "Bestellung vom 3. Mai 2026",
        "ngày 3.5.2026 lúc 14.30",
        "Dr. Lim dan Sdr. Ali",
        "đợi... một chút",
        "z.B. 5 Tage",
    ],
)
def test_a_dot_inside_a_value_or_word_ends_nothing(text: str) -> None:
    assert cut(text) == [text]


def test_long_thai_is_cut_at_a_space_but_never_inside_a_date() -> None:
    text = "คำสั่งซื้อของคุณยังไม่ได้จัดส่งเนื่องจากกำลังรอสินค้าเข้าสต็อก คาดว่าจะจัดส่งวันที่ 3 พฤษภาคม 2569 ขอบคุณค่ะ"
    segments = cut(text)
    assert len(segments) == 2
    assert any("3 พฤษภาคม 2569" in segment for segment in segments)


def test_a_finished_sentence_is_handed_out_before_the_next_one_is_over() -> None:
    segmenter = Segmenter()
    assert segmenter.feed("订单还没发货。预") == ["订单还没发货。"]
