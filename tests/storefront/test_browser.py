"""The demo in a real browser: each customer her own chat, never the former's; hostile goods are text."""

from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from app.demo import build_demo
from app.models import Customer
from app.storefront.shopper import CUSTOMERS
from tests.pages.site import PATIENCE
from tests.widget.conftest import Arrive, MakeShop, arrive, browser, make_shop
from tests.widget.storefront import Guest, Storefront

__all__ = ["arrive", "browser", "make_shop"]

pytestmark = pytest.mark.browser

LAN, FATIMA, SOMCHAI = (
    next(each for each in CUSTOMERS.values() if each.language == language) for language in ("vi", "ar", "th")
)
QUESTION = "Tại sao đơn #12345 của tôi chưa được giao?"
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202e{{ 7*7 }}'


@pytest.fixture
async def demo(make_shop: MakeShop) -> Storefront:
    return await make_shop(settings={"demo": True})


@pytest.fixture
async def guest(demo: Storefront, arrive: Arrive) -> Guest:
    """Somebody at the storefront who has not signed in; everything that the browser refused is a failure."""
    visitor = await arrive(demo, "en-US")
    visitor.page.on(
        "console",
        lambda line: visitor.complaints.append(line.text) if "Content Security Policy" in line.text else None,
    )
    await visitor.page.goto(f"{demo.url}demo")
    return visitor


async def sign_in(guest: Guest, customer: Customer | None) -> None:
    async with guest.page.expect_navigation():
        await guest.page.select_option("#customer", customer.id if customer else "")
    await expect(guest.find(".launcher")).to_be_attached(timeout=PATIENCE)


async def test_each_customer_gets_her_own_conversation_and_never_the_formers(demo: Storefront, guest: Guest) -> None:
    await sign_in(guest, LAN)
    await guest.open()
    assert "12345" in await guest.say(QUESTION)
    before = await guest.kept()
    kept = next(value for key, value in before.items() if key.endswith(LAN.id) and value.startswith("{"))
    for other in (FATIMA, SOMCHAI, None):
        await sign_in(guest, other)
        await guest.open()
        await guest.say("hello")
        seen = await guest.texts(".message .bubble") + await guest.texts(".order")
        assert not [text for text in seen if QUESTION in text or "12345" in text]
        assert kept not in (await guest.kept()).values()
    assert await guest.page.locator("html").get_attribute("dir") == "ltr"


async def test_anothers_token_opens_no_conversation(demo: Storefront, guest: Guest) -> None:
    references = []
    for customer in (LAN, FATIMA):
        await sign_in(guest, customer)
        await guest.open()
        record = "Object.entries(localStorage).find(([key, value]) => key.endsWith(':%s') && value[0] == '{')[1]"
        references.append(await guest.page.evaluate(f"JSON.parse({record % customer.id})"))
    lan, fatima = references
    assert lan["id"] != fatima["id"]
    async with httpx.AsyncClient(base_url=demo.url) as http:
        headers = {"Authorization": f"Bearer {fatima['token']}"}
        assert (await http.get(f"api/conversations/{lan['id']}/messages", headers=headers)).status_code in (401, 404)


async def test_the_page_and_its_chat_run_from_right_to_left_for_an_arabic_customer(guest: Guest) -> None:
    await sign_in(guest, FATIMA)
    await guest.open()
    panel = await guest.find(".panel").bounding_box()
    assert panel is not None
    assert panel["x"] < 100, "the chat stands at the end of the line, which is the left"
    for width in (1280, 390, 320):
        await guest.page.set_viewport_size({"width": width, "height": 800})
        assert await guest.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert urlsplit(guest.page.url).path == "/demo"


async def test_hostile_goods_are_text_on_the_page_and_in_the_chat(demo: Storefront, guest: Guest) -> None:
    shop = build_demo(demo.services.clock())
    title = f"Cloudstep canvas sneakers {HOSTILE}"
    goods = [replace(each, title=title, description=HOSTILE) if each.id == "P031" else each for each in shop.products]
    await demo.services.store.replace_shop(
        customers=shop.customers, products=goods, orders=shop.orders, source="demo", seeded_on="2026-01-01"
    )
    await guest.page.goto(f"{demo.url}demo/products/P031")
    assert await guest.page.locator("h1").inner_text() == title
    await guest.page.click("[data-ask]")
    await guest.see(".thread .assistant", "")
    await guest.say("Do you have Cloudstep canvas sneakers?")
    await guest.say(f"Is this {HOSTILE} in stock?")
    shown = HOSTILE.replace("\u202e", "")  # what a shopper types loses its direction overrides; a title keeps them
    assert shown in (await guest.texts(".message.customer .bubble"))[-1]
    assert await guest.find(".thread :is(img, script, iframe)").count() == 0
    assert await guest.page.locator("main script, main [onerror]").count() == 0
