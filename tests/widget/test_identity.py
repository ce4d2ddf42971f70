"""Who is signed in to the shop sees her own conversation, and nobody sees anybody else's."""

import pytest
from playwright.async_api import expect

from tests.counter import LAN
from tests.pages.site import PATIENCE
from tests.widget.conftest import Arrive, MakeShop
from tests.widget.storefront import MINE, SECRET, Storefront

pytestmark = pytest.mark.browser

SIGNED_IN = {"settings": {"identity_secret": SECRET}, "attributes": 'identity-url="/shop/identity"'}
REFRESH = "document.querySelector('support-chat').refresh()"
ASKED = "Đơn hàng của em đâu rồi ạ?"


async def find_customers(shop: Storefront) -> list[str]:
    """Lan first, then somebody else."""
    entries = await shop.services.store.list_orders()
    lan = next(e.order.customer_id for e in entries if e.order.number == LAN.order_number)
    return [lan, next(e.order.customer_id for e in entries if e.order.customer_id != lan)]


async def test_the_next_customer_never_sees_the_former_ones_chat(make_shop: MakeShop, arrive: Arrive) -> None:
    shop = await make_shop(**SIGNED_IN)
    lan, other = await find_customers(shop)
    shop.customer = lan
    guest = await arrive(shop, "vi-VN")
    await guest.open()
    await guest.see(".order summary", "#")
    numbers = await guest.texts(".order summary")
    await guest.say(ASKED)
    await guest.page.reload()
    await guest.open()
    await guest.see(MINE, ASKED)
    shop.customer = other
    await guest.page.reload()
    await guest.open()
    await guest.see(".order summary", "#")
    assert await guest.find(MINE).count() == 0
    assert set(await guest.texts(".order summary")).isdisjoint(numbers)
    assert not any(lan in key for key in await guest.kept()), "her token is gone from this browser"
    shop.customer = None
    await guest.page.evaluate(REFRESH)
    await expect(guest.find(".order")).to_have_count(0, timeout=PATIENCE)
    assert not any(other in key for key in await guest.kept())


async def test_what_a_visitor_began_goes_on_as_hers_when_she_signs_in(make_shop: MakeShop, arrive: Arrive) -> None:
    shop = await make_shop(**SIGNED_IN)
    guest = await arrive(shop, "vi-VN")
    await guest.open()
    await guest.say(ASKED)
    assert await guest.find(".order").count() == 0
    shop.customer, _ = await find_customers(shop)
    await guest.page.evaluate(REFRESH)
    await guest.see(".order summary", "#")
    await guest.see(MINE, ASKED)


async def test_a_token_that_the_counter_refuses_costs_one_try_and_no_conversation(
    make_shop: MakeShop, arrive: Arrive
) -> None:
    """The shop signs with another key than the counter has: its customer is a visitor."""
    wrong = {"settings": {"identity_secret": "y" * 40}, "attributes": SIGNED_IN["attributes"]}
    shop = await make_shop(**wrong)
    shop.customer, _ = await find_customers(shop)
    guest = await arrive(shop, "th-TH")
    starts: list[str] = []
    guest.page.on("request", lambda r: starts.append(r.url) if r.url.endswith("/api/conversations") else None)
    await guest.open()
    assert "คืน" in await guest.say("อยากคืนสินค้าต้องทำยังไงคะ")
    assert await guest.find(".order").count() == 0
    assert len(starts) == 2
