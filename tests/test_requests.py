"""Where one request of a message ends and the next begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.requests import split_clauses, split_requests


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("where is 12345, and cancel 12346", ["where is 12345", "cancel 12346"]),
        ("ฝากดู 12381 หน่อยว่าอยู่ตรงไหนแล้ว แล้วก็ 12585 ไม่เอาแล้ว", ["ฝากดู 12381 หน่อยว่าอยู่ตรงไหนแล้ว", "แล้วก็ 12585 ไม่เอาแล้ว"]),
        ("ดู ๑๒๓๘๑ หน่อยว่าอยู่ตรงไหน ช่วยยกเลิก ๑๒๕๘๕", ["ดู ๑๒๓๘๑ หน่อยว่าอยู่ตรงไหน", "ช่วยยกเลิก ๑๒๕๘๕"]),
        ("មើល 12381 ថាដល់ណាហើយ បោះបង់ 12687 ចោល", ["មើល 12381 ថាដល់ណាហើយ", "បោះបង់ 12687 ចោល"]),
        ("12576 ဘယ်နားရောက်ပြီလဲ ကြည့်ပေးပြီး 12642 ကိုတော့ ဖျက်ပေးပါ", ["12576 ဘယ်နားရောက်ပြီလဲ", "ကြည့်ပေးပြီး 12642 ကိုတော့ ဖျက်ပေးပါ"]),
        ("where did vn12345 get to by now cancel vn12346", ["where did vn12345 get to by", "now cancel vn12346"]),
        ("12345 12346 where are they", ["12345 12346 where are they"]),
    ],
)
def test_two_requests_about_two_orders_are_parted(text: str, parts: list[str]) -> None:
    assert [part.strip() for part in split_requests(text) if part.strip()] == parts


@given(st.text(max_size=300) | st.from_regex(r"([0-9]{5}[a-zก-ฮ ,]{0,30}){1,6}", fullmatch=True))
def test_nothing_is_lost_and_nothing_invented(text: str) -> None:
    clauses = split_clauses(text)
    assert "".join(split_requests(text)) == "".join(clauses)
