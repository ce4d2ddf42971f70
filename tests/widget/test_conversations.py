"""Whole conversations in the widget, in a real browser: Thai, Arabic and English."""

import pytest

from tests.counter import LAN
from tests.widget.conftest import Arrive
from tests.widget.storefront import REPLIES, Storefront

pytestmark = pytest.mark.browser


async def test_a_thai_shopper_reads_thai_and_sees_her_order_once_she_has_proven_it(
    shop: Storefront, arrive: Arrive
) -> None:
    guest, say = await arrive(shop, "th-TH"), shop.services.wording
    await guest.open()
    await guest.see(".thread", say.say("greeting", "th", shop=shop.services.policies.shop.name))
    assert await guest.find(".panel").get_attribute("lang") == "th"
    asked = await guest.say("ทำไมออเดอร์ 12345 ยังไม่ส่งคะ")
    assert "SPX" not in asked
    await guest.choose(say.label("verify_title", "th"))
    await guest.prove("12345", "wrong@example.com")
    await guest.see(".result", say.label("verify_failed", "th"))
    await guest.prove(LAN.order_number, LAN.contact)
    await guest.see(".order summary", say.label("status_waiting_stock", "th"))
    assert "12345" in await guest.say("ทำไมออเดอร์ยังไม่ส่งคะ")
    before = await guest.texts(REPLIES)
    await guest.page.screenshot(path="/tmp/k/scratch-widget/th.png")
    await guest.page.reload()
    await guest.open()
    await guest.see(".order summary", say.label("status_waiting_stock", "th"))
    assert await guest.texts(REPLIES) == before
