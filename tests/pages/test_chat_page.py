"""The chat page as shoppers see it, in a real browser."""

import httpx
import pytest
from playwright.async_api import expect

from app import formats
from app.llm.base import Health
from app.llm.scripted import ScriptedModel
from app.models import Author, Mode, Order
from app.store.conversations import InboxEntry
from tests.counter import LAN
from tests.pages.conftest import Arrive, MakeSite
from tests.pages.site import MINE, PATIENCE, REPLIES, Shopper, Site, SlowAssistant

pytestmark = pytest.mark.browser


async def find_order(site: Site) -> Order:
    contact = await site.services.store.find_order_contact(LAN.order_number)
    assert contact is not None
    return (await site.services.store.find_orders(contact.customer_id, LAN.order_number))[0]


def write_date(site: Site, order: Order, language: str) -> str:
    assert order.expected_ship_at is not None
    zone = site.services.policies.shop.time_zone
    return formats.long_date(formats.day(order.expected_ship_at, zone), language)


async def test_a_thai_shopper_reads_thai_and_sees_her_order_once_she_has_proven_it(site: Site, arrive: Arrive) -> None:
    shopper, say = await arrive(site, "th-TH"), site.services.wording
    order = await find_order(site)
    assert await shopper.page.evaluate("document.documentElement.lang") == "th"
    assert (await shopper.texts(REPLIES))[0] == say.say("greeting", "th", shop=site.services.policies.shop.name)
    assert await shopper.page.locator("#card .order").count() == 0
    asked = await shopper.say("ทำไมออเดอร์ยังไม่ส่งคะ")
    assert write_date(site, order, "th") not in asked
    await shopper.see("#detected", "ไทย")
    await shopper.prove(LAN.order_number, LAN.contact)
    await shopper.see("#card", say.label("status_waiting_stock", "th"))
    await shopper.see("#card .timeline", write_date(site, order, "th"))
    await shopper.see("#card .items", order.items[0].title)
    assert write_date(site, order, "th") in await shopper.say("ทำไมออเดอร์ยังไม่ส่งคะ")


async def test_an_arabic_page_runs_from_right_to_left_with_the_customer_on_the_left(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "ar-EG")
    await shopper.say("لماذا لم يتم شحن طلبي رقم 12345 بعد؟")
    direction = "(element) => getComputedStyle(element).direction"
    for selector in ("html", "#thread", "#card", f"{MINE} p", "#box textarea", "#number input"):
        assert await shopper.page.locator(selector).first.evaluate(direction) == "rtl", selector
    page = await shopper.page.locator("#talk").bounding_box()
    mine = await shopper.page.locator(MINE).first.bounding_box()
    reply = await shopper.page.locator(REPLIES).first.bounding_box()
    assert page is not None
    assert mine is not None
    assert reply is not None
    assert mine["x"] - page["x"] < 60
    assert page["x"] + page["width"] - (reply["x"] + reply["width"]) < 60
    await shopper.say("Tại sao đơn hàng chưa được gửi?")
    assert await shopper.page.locator(f"{MINE} p").last.evaluate(direction) == "ltr", "one message, its own direction"


async def test_a_proof_typed_in_vietnamese_opens_the_order_and_its_card(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "vi-VN")
    order = await find_order(site)
    await shopper.say("Tại sao đơn #12345 của tôi chưa được giao?")
    reply = await shopper.say(f"{LAN.order_number} {LAN.contact}")
    assert write_date(site, order, "vi") in reply
    await shopper.see("#card .order", "12345")


async def test_the_history_is_back_after_a_reload_and_after_a_restart_of_the_server(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "ms-MY")
    await shopper.say("Bagaimana cara memulangkan barang?")
    await shopper.prove(LAN.order_number, LAN.contact)
    await shopper.see("#card .order", "12345")
    before = await shopper.texts("#thread .bubble")
    await shopper.reload()
    assert await shopper.texts("#thread .bubble") == before
    await shopper.see("#card .order", "12345")
    await site.restart()
    await shopper.reload()
    assert await shopper.texts("#thread .bubble") == before
    assert len(await shopper.texts(MINE)) == 1
    await shopper.say("Terima kasih")


async def test_a_lost_connection_is_told_in_the_shoppers_language(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "km-KH")
    await site.stop()
    await shopper.type("សួស្តី")
    offline = site.services.wording.label("offline", "km")
    await shopper.see('[data-testid="toast-text"]', offline)
    await site.start()


async def test_an_api_route_that_is_not_there_is_a_problem_beside_the_pages_too(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as http:
        for method in ("GET", "POST", "DELETE"):
            answer = await http.request(method, "/api/nowhere/at/all")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await http.get("/api/docs")).status_code == 200


async def test_a_page_that_stayed_open_goes_on_after_a_restart_of_the_server(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "fil-PH")
    await shopper.say("Paano magsauli ng item?")
    await site.restart()
    await shopper.page.evaluate("window.is_old = true")
    await shopper.type("Salamat po!")
    # Gradio reloads a page that notices the restart: then the message is either stored or back in the box.
    stored_or_kept = """() => document.querySelectorAll('#thread .message.customer').length === 2
        || !window.is_old && document.querySelector('#box textarea')?.value === 'Salamat po!'"""
    await shopper.page.wait_for_function(stored_or_kept)
    if await shopper.page.input_value("#box textarea"):
        await shopper.page.press("#box textarea", "Enter")
    await expect(shopper.page.locator(REPLIES)).to_have_count(3, timeout=PATIENCE)
    assert await shopper.texts(MINE) == ["Paano magsauli ng item?", "Salamat po!"]


async def test_the_browser_keeps_the_reference_of_the_conversation_and_nothing_else(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "km-KH")
    await shopper.say("តើខ្ញុំប្រគល់ទំនិញវិញយ៉ាងដូចម្តេច?")
    await shopper.prove(LAN.order_number, LAN.contact)
    await shopper.see("#card .order", "12345")
    kept = await shopper.kept()
    assert set(kept) == {"kaunter-conversation"}
    assert len(kept["kaunter-conversation"]) < 400, "no room for what was said"
    assert await shopper.page.context.cookies() == []


async def hand_off(site: Site, shopper: Shopper) -> InboxEntry:
    """Ask for a person with the button; what the agents see then."""
    await shopper.page.click("#person")
    await expect(shopper.page.locator("#banner p")).to_be_visible(timeout=PATIENCE)
    (entry,) = await site.services.store.inbox(last=100)
    return entry


MARKUP = (
    '<img src=x onerror="alert(1)"> **đậm** $x^2$ [a](javascript:alert(2)) {{value}} ${7*7} </div>'
    "<script>alert(3)</script>"
)


async def test_markup_from_a_customer_and_from_an_agent_is_shown_as_the_text_that_it_is(
    site: Site, arrive: Arrive
) -> None:
    shopper = await arrive(site, "vi-VN")
    await shopper.type(MARKUP)
    await shopper.see(MINE, MARKUP)
    waiting = await hand_off(site, shopper)
    await site.services.store.add_agent_message(waiting.conversation.id, "mai", MARKUP)
    await shopper.see("#thread .message.agent .bubble", MARKUP)
    for made in ("img", "script", "a", "strong", "b", ".katex", "math"):
        assert await shopper.page.locator(f"#thread {made}").count() == 0, made


async def test_a_phone_shows_the_whole_width_and_the_box_and_folds_the_order(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "ta-IN", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    long = "https://example.test/" + "a" * 300
    await shopper.say(f"என் ஆர்டர் எங்கே? {long}")
    await shopper.page.click("[data-fold]")
    await shopper.prove(LAN.order_number, LAN.contact)
    await shopper.see("#card .order", "12345")
    assert await shopper.page.evaluate("document.documentElement.scrollWidth") == 390
    await shopper.page.click("[data-fold]")
    await expect(shopper.page.locator("#card")).to_be_hidden()
    await expect(shopper.page.locator("[data-fold]")).to_contain_text("12345")
    box = await shopper.page.locator("#box textarea").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 844


async def test_an_agents_answer_appears_without_a_reload_and_is_told_apart(site: Site, arrive: Arrive) -> None:
    shopper, wording = await arrive(site, "id-ID"), site.services.wording
    await shopper.say("Pesanan saya di mana?")
    waiting = await hand_off(site, shopper)
    assert waiting.conversation.mode is Mode.MANUAL
    await shopper.see("#banner", wording.label("handed_off", "id"))
    await shopper.type("Halo, ada orang?")
    await shopper.see(f"{MINE} >> nth=1", "Halo, ada orang?")
    await site.services.store.add_agent_message(waiting.conversation.id, "Dewi", "Saya Dewi, saya cek dulu ya.")
    await shopper.see("#thread .message.agent", "Saya Dewi, saya cek dulu ya.")
    await shopper.see("#thread .message.agent .who", wording.label("name_agent", "id"))
    assert len(await shopper.texts(REPLIES)) == 2, "the assistant keeps out of it: greeting and first answer"


@pytest.mark.parametrize("text", ["   ", "က" * 4001])
async def test_a_message_that_cannot_be_taken_is_explained_and_not_stored(
    site: Site, arrive: Arrive, text: str
) -> None:
    shopper = await arrive(site, "my-MM")
    await shopper.type(text)
    await expect(shopper.page.locator("#notice [role=alert]")).to_be_visible(timeout=PATIENCE)
    notice = (await shopper.texts("#notice [role=alert]"))[0]
    key = "message_too_long" if text.strip() else "message_empty"
    assert notice == site.services.wording.say(key, "my", limit=4000)
    assert await shopper.page.input_value("#box textarea") == text, "nothing that was typed is lost"
    assert (await hand_off(site, shopper)).messages == ()


async def test_a_wrong_contact_and_an_unknown_order_get_the_same_answer_and_no_card(site: Site, arrive: Arrive) -> None:
    for number, contact in (("12345", "someone@example.com"), ("99999999", "lan.nguyen@example.com")):
        shopper = await arrive(site, "hi-IN")
        await shopper.prove(number, contact)
        await expect(shopper.page.locator("#verdict .bad")).to_be_visible(timeout=PATIENCE)
        assert await shopper.texts("#verdict p") == [site.services.wording.label("verify_failed", "hi")]
        assert await shopper.page.locator("#card .order").count() == 0


async def test_a_picked_language_changes_the_page_and_stays_after_a_reload(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "ko-KR")
    await shopper.page.click("#picker input")
    await shopper.page.get_by_role("option", name="العربية").click()
    await shopper.page.wait_for_selector("html[lang=ar][dir=rtl]")
    await shopper.see("#send", site.services.wording.label("send", "ar"))
    await shopper.reload()
    await shopper.page.wait_for_selector("html[lang=ar][dir=rtl]")
    await shopper.page.click("#picker input")
    await shopper.page.get_by_role("option").first.click()
    await shopper.page.wait_for_selector("html[lang=ko][dir=ltr]")


async def test_a_new_conversation_forgets_the_old_one_on_this_browser_only(site: Site, arrive: Arrive) -> None:
    shopper = await arrive(site, "ja-JP")
    await shopper.say("返品したいのですが")
    await shopper.prove(LAN.order_number, LAN.contact)
    await shopper.see("#card .order", "12345")
    old = (await hand_off(site, shopper)).conversation
    await shopper.page.click("#renew")
    await expect(shopper.page.locator(MINE)).to_have_count(0, timeout=PATIENCE)
    await expect(shopper.page.locator("#card .order")).to_have_count(0)
    await expect(shopper.page.locator("#banner p")).to_have_count(0)
    await shopper.reload()
    assert await shopper.texts(MINE) == []
    kept = await site.services.conversations.messages(old.id)
    assert kept[0].author is Author.CUSTOMER


async def test_verified_segments_are_shown_as_they_come_and_a_second_message_can_be_sent_meanwhile(
    make_site: MakeSite, arrive: Arrive
) -> None:
    assistant = SlowAssistant(["စာရင်းကို ", "စစ်ဆေးပါမယ်။"], "my")
    site = await make_site(assistant=assistant)
    shopper = await arrive(site, "my-MM")
    await shopper.type("အော်ဒါ ဘယ်ရောက်ပြီလဲ")
    await expect(shopper.page.locator("#live .waiting")).to_be_visible(timeout=PATIENCE)
    assistant.allowed.release()
    await shopper.see("#live .bubble", "စာရင်းကို")
    await shopper.type("မြန်မြန်လေး")
    await expect(shopper.page.locator(MINE)).to_have_count(2, timeout=PATIENCE)
    assert "စစ်ဆေး" not in await shopper.page.inner_text("#talk")
    for _ in range(5):
        assistant.allowed.release()
    await expect(shopper.page.locator(REPLIES)).to_have_count(3, timeout=PATIENCE)
    await expect(shopper.page.locator(".live")).to_have_count(0, timeout=PATIENCE)


async def test_who_leaves_in_the_middle_of_a_turn_finds_the_reply_after_coming_back(
    make_site: MakeSite, arrive: Arrive
) -> None:
    assistant = SlowAssistant(["ກຳລັງກວດ ", "ແລ້ວ"], "lo")
    site = await make_site(assistant=assistant)
    shopper = await arrive(site, "lo-LA")
    await shopper.type("ສິນຄ້າຢູ່ໃສ")
    assistant.allowed.release()
    await shopper.see("#live .bubble", "ກຳລັງກວດ")
    await shopper.page.goto("about:blank")
    for _ in range(2):
        assistant.allowed.release()
    await shopper.page.goto(site.url)
    await expect(shopper.page.locator(REPLIES)).to_have_count(2, timeout=PATIENCE)
    assert (await shopper.texts(REPLIES))[1] == "ກຳລັງກວດ ແລ້ວ"
    assert len(assistant.turns) == 1, "answered once, whoever watched"


async def test_a_slow_turn_of_one_shopper_does_not_keep_others_waiting(make_site: MakeSite, arrive: Arrive) -> None:
    assistant = SlowAssistant([], "en")
    site = await make_site(assistant=assistant)
    waiting = [await arrive(site, locale) for locale in ("th-TH", "vi-VN", "zh-TW")]
    for shopper in waiting:
        await shopper.type("?")
        await expect(shopper.page.locator("#live .waiting")).to_be_visible(timeout=PATIENCE)
    other = await arrive(site, "bn-BD")
    await other.prove(LAN.order_number, LAN.contact)
    await other.see("#card .order", "12345")
    for _ in waiting:
        assistant.allowed.release()
    for shopper in waiting:
        await expect(shopper.page.locator(".live")).to_have_count(0, timeout=PATIENCE)


class WakingModel(ScriptedModel):
    """Loads until the test lets it be ready."""

    def __init__(self) -> None:
        super().__init__(default="ok")
        self.is_awake = False

    async def health(self) -> Health:
        return Health("ready" if self.is_awake else "loading", self.backend, self.name)


async def test_the_page_says_that_the_model_warms_up_and_when_it_is_ready(make_site: MakeSite, arrive: Arrive) -> None:
    model = WakingModel()
    site = await make_site(model=model)
    shopper, wording = await arrive(site, "zh-TW"), site.services.wording
    await shopper.see("#header .state.loading", wording.label("model_warming", "zh-Hant"))
    model.is_awake = True
    await shopper.see("#header .state.ready", wording.label("model_ready", "zh-Hant"))


async def test_what_was_typed_while_the_server_was_away_is_still_there_when_it_is_back(
    site: Site, arrive: Arrive
) -> None:
    shopper = await arrive(site, "fr-FR")
    await shopper.say("Comment retourner un article ?")
    await shopper.page.fill("#box textarea", "et si la boîte est ouverte ?")
    await site.restart()
    await shopper.reload()
    await expect(shopper.page.locator("#box textarea")).to_have_value("et si la boîte est ouverte ?", timeout=PATIENCE)
    assert len(await shopper.texts(MINE)) == 1
    await shopper.reload()
    assert set(await shopper.kept()) <= {"kaunter-conversation"}
