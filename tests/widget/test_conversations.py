"""Whole conversations in the widget, in a real browser: Thai, Arabic, English; a desktop, a keyboard, a phone."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from app.models import OrderStatus
from tests.counter import LAN
from tests.pages.site import PATIENCE
from tests.widget.axe import find_violations
from tests.widget.conftest import Arrive
from tests.widget.storefront import MINE, REPLIES, Guest, Storefront

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("KAUNTER_TEST_PICTURES")
"""A folder for screenshots, when somebody wants to look."""
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


async def keep_picture(guest: Guest, name: str) -> None:
    if PICTURES:
        await guest.find(".panel").screenshot(path=Path(PICTURES) / name)


async def read_status(shop: Storefront) -> OrderStatus:
    entries = await shop.services.store.list_orders()
    return next(e.order.status for e in entries if e.order.number == LAN.order_number)


async def test_a_thai_shopper_reads_thai_and_sees_her_order_once_she_has_proven_it(
    shop: Storefront, arrive: Arrive
) -> None:
    guest, say = await arrive(shop, "th-TH"), shop.services.wording
    assert await find_violations(guest.page) == [], "closed"
    await guest.open()
    await guest.see(".thread", say.say("greeting", "th", shop=shop.services.policies.shop.name))
    assert await guest.find(".panel").get_attribute("lang") == "th"
    await guest.say("ทำไมออเดอร์ 12345 ยังไม่ส่งคะ")
    assert await guest.find(".order").count() == 0
    await guest.choose(say.label("verify_title", "th"))
    assert await find_violations(guest.page) == [], "the form"
    await guest.prove(LAN.order_number, "wrong@example.com")
    await guest.see(".result", say.label("verify_failed", "th"))
    await guest.prove(LAN.order_number, LAN.contact)
    await guest.see(".order summary", say.label("status_waiting_stock", "th"))
    await expect(guest.find(REPLIES)).to_have_count(2, timeout=PATIENCE)
    await guest.see(REPLIES, say.say("why_restock", "th"))
    assert LAN.order_number in await guest.say("ทำไมออเดอร์ยังไม่ส่งคะ")
    assert await find_violations(guest.page) == [], "the order card"
    await keep_picture(guest, "widget-th.png")
    before = await guest.texts(REPLIES)
    await guest.page.reload()
    await guest.open()
    await guest.see(".order summary", say.label("status_waiting_stock", "th"))
    assert await guest.texts(REPLIES) == before


async def test_an_arabic_shopper_confirms_a_cancellation_once_from_right_to_left(
    shop: Storefront, arrive: Arrive
) -> None:
    guest, say = await arrive(shop, "ar-EG"), shop.services.wording
    await guest.open()
    await guest.choose(say.label("verify_title", "ar"))
    await guest.prove(LAN.order_number, LAN.contact)
    await guest.see(".order summary", LAN.order_number)
    await guest.say("أريد إلغاء هذا الطلب من فضلك")
    await guest.see(".proposal .confirm", say.label("confirm", "ar"))
    await guest.see(".proposal .decline", say.label("decline", "ar"))
    assert await find_violations(guest.page) == [], "the proposal"
    await keep_picture(guest, "widget-ar.png")
    panel, mine, reply = [await guest.find(s).last.bounding_box() for s in (".panel", MINE, REPLIES)]
    assert panel is not None
    assert mine is not None
    assert reply is not None
    assert mine["x"] - panel["x"] < 40, "the customer is on the left"
    assert panel["x"] + panel["width"] - (reply["x"] + reply["width"]) < 40
    assert await read_status(shop) is OrderStatus.WAITING_STOCK
    await guest.find(".proposal .confirm").dblclick()
    done = say.say("done_cancel_order", "ar", number=LAN.order_number)
    await guest.see(f"{REPLIES} p", done)
    await guest.see(".order summary", say.label("status_cancelled", "ar"))
    await expect(guest.find(".proposal")).to_have_count(0)
    assert await read_status(shop) is OrderStatus.CANCELLED
    assert [done in text for text in await guest.texts(REPLIES)].count(True) == 1, "a double click is one answer"


async def test_an_english_shopper_needs_only_the_keyboard(shop: Storefront, arrive: Arrive) -> None:
    guest = await arrive(shop, "en-US")
    keys = guest.page.keyboard
    await expect(guest.find(".launcher")).to_be_visible(timeout=PATIENCE)
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(guest.find(".composer textarea")).to_be_focused(timeout=PATIENCE)
    await guest.see(".thread .assistant", "automated")
    await keys.type("How do I return an item?")
    await keys.press("Enter")
    await expect(guest.find(REPLIES)).to_have_count(1, timeout=PATIENCE)
    reply = await guest.find(f"{REPLIES} p").first.inner_text()
    await expect(guest.find("[aria-live=polite]")).to_contain_text(reply, timeout=PATIENCE)
    stops = []
    for _ in range(12):
        await keys.press("Tab")
        stops.append(await guest.page.evaluate("document.activeElement.localName"))
    assert set(stops) == {"support-chat"}, "focus stays inside while the chat is open"
    await guest.find("header .icon").first.focus()
    await keys.press("Enter")
    await expect(guest.find("#menu select")).to_be_focused()
    assert await find_violations(guest.page) == [], "the menu"
    await keys.press("Escape")
    await expect(guest.find("#menu")).to_have_count(0)
    await keys.press("Escape")
    await expect(guest.find(".launcher")).to_be_focused()
    await expect(guest.find(".panel")).to_be_hidden()


async def test_a_burmese_shopper_on_a_phone_in_the_dark_has_the_whole_screen(shop: Storefront, arrive: Arrive) -> None:
    guest = await arrive(shop, "my-MM", color_scheme="dark", reduced_motion="reduce", **PHONE)
    await guest.open()
    assert await guest.find(".panel").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    assert await find_violations(guest.page) == [], "dark"
    await guest.say("ပစ္စည်း ဘယ်လို ပြန်ပို့ရမလဲ")
    await keep_picture(guest, "widget-phone.png")
    assert await guest.page.evaluate("document.documentElement.scrollWidth") == 360, "nothing runs over the edge"
    send = await guest.find(".send").bounding_box()
    assert send is not None
    assert min(send["width"], send["height"]) >= 24
