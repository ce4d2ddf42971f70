"""Nothing is lost and nothing comes twice: reloads, restarts, no network, another tab, in the middle of a turn."""

import sqlite3
from contextlib import closing

import pytest
from playwright.async_api import expect

from tests.pages.site import PATIENCE, SlowAssistant
from tests.widget.conftest import Arrive, MakeShop
from tests.widget.storefront import LIVE, MINE, REPLIES, Storefront

pytestmark = pytest.mark.browser

ASKED = "สินค้าอยู่ที่ไหนคะ"
PARTS = ["กำลังตรวจสอบ ", "เรียบร้อยแล้วค่ะ"]


async def test_a_reload_in_mid_stream_goes_on_and_nothing_comes_twice(make_shop: MakeShop, arrive: Arrive) -> None:
    assistant = SlowAssistant(PARTS, "th")
    guest = await arrive(await make_shop(assistant=assistant), "th-TH")
    await guest.open()
    await guest.write(ASKED)
    assistant.allowed.release()
    await guest.see(LIVE, "กำลังตรวจสอบ")
    assert "เรียบร้อย" not in await guest.find(".thread").inner_text(), "only what was verified"
    await guest.page.reload()
    await guest.open()
    await guest.see(MINE, ASKED)
    await expect(guest.find(".live")).to_have_count(1, timeout=PATIENCE)
    for _ in range(2):
        assistant.allowed.release()
    await expect(guest.find(REPLIES)).to_have_count(1, timeout=PATIENCE)
    await expect(guest.find(".live")).to_have_count(0, timeout=PATIENCE)
    assert await guest.texts(REPLIES) == ["กำลังตรวจสอบ เรียบร้อยแล้วค่ะ"]
    assert len(await guest.texts(MINE)) == 1
    assert len(assistant.turns) == 1


async def test_a_server_that_dies_and_returns_in_mid_stream_answers_once(make_shop: MakeShop, arrive: Arrive) -> None:
    assistant = SlowAssistant(PARTS, "th")
    shop = await make_shop(assistant=assistant)
    guest = await arrive(shop, "th-TH")
    await guest.open()
    await guest.write(ASKED)
    assistant.allowed.release()
    await guest.see(LIVE, "กำลังตรวจสอบ")
    await shop.stop()
    await guest.see(".banner", shop.services.wording.label("offline", "th"))
    await guest.write("รีบหน่อยนะคะ")
    await guest.see(".message.waiting", "รีบหน่อยนะคะ")
    await shop.start()
    for _ in range(8):
        assistant.allowed.release()
    await expect(guest.find(".message.waiting")).to_have_count(0, timeout=PATIENCE)
    await expect(guest.find(".live")).to_have_count(0, timeout=PATIENCE)
    await expect(guest.find(".banner")).to_be_empty(timeout=PATIENCE)
    await guest.see(REPLIES, "เรียบร้อยแล้วค่ะ")
    assert await guest.texts(MINE) == [ASKED, "รีบหน่อยนะคะ"]
    replies = await guest.texts(REPLIES)
    stored = await shop.services.store.messages(await find_conversation(shop))
    assert [m.text for m in stored if m.author == "customer"] == [ASKED, "รีบหน่อยนะคะ"]
    assert replies == [m.text for m in stored if m.author == "assistant"]
    assert all(m.outcome for m in stored if m.author == "customer")


async def test_what_is_written_without_a_network_is_sent_once_when_it_is_back(shop: Storefront, arrive: Arrive) -> None:
    guest, say = await arrive(shop, "ar-EG"), shop.services.wording
    await guest.open()
    await guest.page.context.set_offline(True)
    await guest.write("كيف أرجع منتجًا؟")
    await guest.see(".message.waiting small", say.label("not_sent_yet", "ar"))
    await guest.see(".banner", say.label("offline", "ar"))
    await guest.page.context.set_offline(False)
    await expect(guest.find(REPLIES)).to_have_count(1, timeout=PATIENCE)
    await expect(guest.find(".message.waiting")).to_have_count(0, timeout=PATIENCE)
    assert await guest.texts(MINE) == ["كيف أرجع منتجًا؟"]
    stored = await shop.services.store.messages(await find_conversation(shop))
    assert [m.author for m in stored] == ["customer", "assistant"]


async def test_an_agent_is_named_and_her_words_are_counted_while_the_chat_is_closed(
    shop: Storefront, arrive: Arrive
) -> None:
    guest, say = await arrive(shop, "vi-VN"), shop.services.wording
    await guest.open()
    await guest.choose(say.label("talk_to_person", "vi"))
    await guest.see(".banner", say.label("handed_off", "vi"))
    await guest.page.keyboard.press("Escape")
    await shop.services.store.add_agent_message(await find_conversation(shop), "Mai", "Dạ em là Mai ạ")
    await guest.see(".badge", "1")
    await guest.find(".launcher").click()
    await guest.see(".agent .bubble", "Dạ em là Mai ạ")
    await expect(guest.find(".badge")).to_be_hidden()


async def test_a_second_tab_shows_the_same_conversation(shop: Storefront, arrive: Arrive) -> None:
    guest = await arrive(shop, "ms-MY")
    await guest.open()
    await guest.say("Macam mana nak pulangkan barang?")
    other = await guest.page.context.new_page()
    await other.goto(guest.url)
    await other.locator("support-chat .launcher").click()
    await expect(other.locator(f"support-chat {REPLIES}")).to_have_count(1, timeout=PATIENCE)
    await other.close()


async def find_conversation(shop: Storefront) -> str:
    """The id of the only conversation."""
    with closing(sqlite3.connect(shop.data / "kaunter.db")) as database:
        ((found,),) = database.execute("SELECT id FROM conversations").fetchall()
    return str(found)
