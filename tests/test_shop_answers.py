"""What customers ask about an order's contents, the shop itself, and rules that only this shop has."""

import shutil
from pathlib import Path

import pytest

from app import formats
from app.config import load_settings
from app.main import build_services
from app.models import Money
from tests.conftest import UNLIMITED
from tests.counter import LAN, Counter

POLICIES = Path(__file__).parents[1] / "policies"
GIFTS = """---
id: gifts
title: Quà tặng
language: vi
examples:
  en: {wrap: ["can you gift wrap it", "do you do gift wrapping"]}
  vi: {wrap: ["gói quà được không shop", "shop có gói quà không"]}
  th: {wrap: ["ห่อของขวัญให้ได้ไหม", "มีบริการห่อของขวัญมั้ยคะ"]}
---
## Gói quà {#wrap}
Shop gói quà miễn phí cho mỗi đơn.
"""

CONTENTS = {
    "en": "what did I buy in this order and how much was it in total?",
    "vi": "đơn này em mua món gì, hết bao nhiêu tiền vậy shop",
    "th": "ออเดอร์นี้สั่งอะไรไปบ้าง รวมเท่าไหร่คะ",
    "id": "isi pesananku apa aja dan totalnya berapa kak",
    "ar": "ماذا يوجد في طلبي وكم المبلغ الإجمالي",
    "ja": "この注文の中身と合計金額を教えてください",
}


@pytest.mark.parametrize("language", CONTENTS)
async def test_what_is_in_an_order_is_told_to_whoever_proved_that_it_is_hers(counter: Counter, language: str) -> None:
    visitor = await counter.visit(language)
    asked = await visitor.say(CONTENTS[language])
    total = formats.money(Money(1_041_000, "VND"), language)
    assert "Linen wrap dress" not in asked.text
    assert total not in asked.text
    await visitor.prove(LAN)
    told = await visitor.say(CONTENTS[language])
    assert "Linen wrap dress" in told.text
    assert total in told.text


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "what time do you close on saturday"),
        ("vi", "shop làm việc đến mấy giờ ạ"),
        ("lo", "ຮ້ານເປີດຈັກໂມງ"),
        ("ko", "상담 시간이 어떻게 되나요"),
        ("es", "¿a qué hora abren?"),
    ],
)
async def test_the_shops_hours_stand_in_its_profile(counter: Counter, language: str, question: str) -> None:
    reply = await (await counter.visit(language)).say(question)
    assert "09:00–18:00" in reply.text
    assert reply.language == language


async def test_a_policy_of_the_shops_own_is_quoted_in_the_language_that_it_has(
    tmp_path: Path, seeded_database: Path
) -> None:
    shutil.copytree(POLICIES, tmp_path / "policies")
    (tmp_path / "policies" / "gifts.md").write_text(GIFTS, encoding="utf-8")
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(seeded_database, data / "kaunter.db")
    settings = load_settings(data_dir=data, policies_dir=tmp_path / "policies", model_backend="none", **UNLIMITED)
    services = await build_services(settings)
    await services.start()
    try:
        counter = Counter(services)
        mine = await (await counter.visit("vi")).say("shop có gói quà không ạ")
        assert mine.text == "Shop gói quà miễn phí cho mỗi đơn."
        for language, question, name in (
            ("en", "do you do gift wrapping?", "Vietnamese"),
            ("th", "มีบริการห่อของขวัญมั้ยคะ", "เวียดนาม"),
        ):
            reply = await (await counter.visit(language)).say(question)
            intro, _, quote = reply.text.partition("\n")
            assert name in intro
            assert quote == mine.text
    finally:
        await services.close()
