"""The HTTP order source: the same view as the store's, and only true answers whatever the other system does."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import structlog

from app.demo import build_demo
from app.errors import ShopUnavailable
from app.models import Identity
from app.sources import Client, HttpShop
from app.sources.http import number_version
from app.store.database import utc_now
from tests.llm.loopback import Abort, Answer, Request
from tests.sources.conftest import Watch
from tests.sources.shop_server import KEY, ShopServer, say

LAN = Identity("customer", "C001")


async def test_the_view_is_the_one_that_the_store_gives(shop: HttpShop) -> None:
    demo = build_demo(utc_now())
    for identity in (LAN, Identity("order", "C001", "12345"), Identity("order", "C002", "12345"), None):
        view = shop.customer_shop(identity)
        own = {
            order.number: replace(order, version=number_version(order))
            for order in demo.orders
            if identity and order.customer_id == identity.customer_id and identity.order_number in (None, order.number)
        }
        assert {order.number: order for order in await view.orders()} == own
        for number in ("12345", "99999", "", "../C002", "12345 "):
            assert await view.order(number) == own.get(number)
        assert tuple(await view.products()) == demo.products
    customer = await shop.customer_shop(LAN).customer()
    assert customer == demo.customers[0]
    part = await shop.customer_shop(Identity("order", "C001", "12345")).customer()
    assert part is not None
    assert (part.addresses, part.payment_methods, part.store_credit.amount) == ((), (), 0)
    assert await shop.customer_shop(None).customer() is None


async def test_the_contact_of_an_order_and_of_none(shop: HttpShop) -> None:
    found = await shop.find_order_contact("12345")
    assert found is not None
    assert (found.customer_id, found.email) == ("C001", "lan.nguyen@example.com")
    assert await shop.find_order_contact("99999") is None


@pytest.mark.parametrize("key", ["..", ".", "", "a/b", "a\\b", "a?b", "a#b", "a b", "\x00", "é" * 65, "…/../C002"])
async def test_a_key_never_leaves_its_place_in_the_path(shop: HttpShop, server: ShopServer, key: str) -> None:
    assert await shop.find_order_contact(key) is None
    assert await shop.customer_shop(Identity("customer", key)).customer() is None
    assert list(await shop.customer_shop(Identity("customer", key)).orders()) == []
    assert server.paths() == []


async def test_a_foreign_order_in_an_answer_is_dropped_and_not_named_in_the_log(
    shop: HttpShop, server: ShopServer
) -> None:
    everything = list(server.orders.values())
    server.fault = lambda r: say({"orders": everything}) if r.path.endswith("/orders") else None
    with structlog.testing.capture_logs() as logs:
        orders = await shop.customer_shop(LAN).orders()
    assert {order.customer_id for order in orders} == {"C001"}
    assert "shop.foreign_order" in {entry["event"] for entry in logs}
    assert "C002" not in str(logs)
    assert "@" not in str(logs)


async def test_an_answer_about_somebody_else_is_no_answer(shop: HttpShop, server: ShopServer) -> None:
    server.fault = lambda r: say(server.customers["C002"]) if r.path.endswith("/C001") else None
    with pytest.raises(ShopUnavailable):
        await shop.customer_shop(LAN).customer()
    server.fault = lambda r: say({"number": "12346", "customer_id": "C002", "email": "x@example.com"})
    assert await shop.find_order_contact("12345") is None


def spoilt(server: ShopServer, **fields: Any) -> Answer:
    mine = [order for order in server.orders.values() if order["customer_id"] == "C001"]
    return say({"orders": [{**order, **fields} for order in mine]})


GARBAGE: dict[str, Answer] = {
    "a page of HTML": Answer(200, [b"<html>login</html>"], "text/html"),
    "nothing": Answer(200, []),
    "JSON that ends early": Answer(200, [b'{"orders": [']),
    "NaN": Answer(200, [b'{"orders": NaN}']),
    "a list": say([]),
    "null": say(None),
    "no list inside": say({"orders": {"12345": {}}}),
    "orders that are numbers": say({"orders": [1, 2]}),
    "bytes that are no text": Answer(200, [b'{"orders": "\xff\xfe"}']),
    "a depth bomb": Answer(200, [b"[" * 200_000]),
    "a redirect": Answer(302, [b""]),
    "a teapot": Answer(418, [b"{}"]),
    "the wrong key": say({"error": "key"}, 401),
    "a failure": Answer(500, [b"{}"]),
    "an overload": Answer(503, [b"<html>"]),
}


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_unavailability_and_never_an_answer(shop: HttpShop, server: ShopServer, garbage: str) -> None:
    server.fault = lambda _: GARBAGE[garbage]
    with pytest.raises(ShopUnavailable):
        await shop.customer_shop(LAN).orders()
    with pytest.raises(ShopUnavailable):
        await shop.find_order_contact("12345")
    with pytest.raises(ShopUnavailable):
        await shop.customer_shop(None).products()
    server.fault = lambda _: None
    assert await shop.find_order_contact("12345") is not None


@pytest.mark.parametrize(
    "fields", [{"total": 1}, {"currency": "XYZ"}, {"placed_at": "2026-11-01"}, {"status": "lost"}, {"items": []}]
)
async def test_orders_of_a_wrong_form_are_unavailability(
    shop: HttpShop, server: ShopServer, fields: dict[str, Any]
) -> None:
    server.fault = lambda _: spoilt(server, **fields)
    with pytest.raises(ShopUnavailable):
        await shop.customer_shop(LAN).orders()


async def test_one_order_that_cannot_be_read_is_not_said_to_be_missing(shop: HttpShop, server: ShopServer) -> None:
    server.orders["12345"]["total"] = "garbage"
    others = await shop.customer_shop(LAN).orders()
    assert "12345" not in {order.number for order in others}
    assert others
    assert await shop.customer_shop(LAN).order(others[0].number) == others[0]
    with pytest.raises(ShopUnavailable):
        await shop.customer_shop(LAN).order("12345")


async def test_fields_that_we_do_not_know_do_no_harm(shop: HttpShop, server: ShopServer) -> None:
    server.orders["12345"]["loyalty_points"] = 7
    assert await shop.customer_shop(LAN).order("12345") is not None


async def test_a_system_that_is_silent_is_given_up_in_time(server: ShopServer) -> None:
    forever = asyncio.Event()
    server.fault = lambda _: Answer(200, [b'{"orders"', forever])
    shop = HttpShop(Client(server.url, KEY, total_seconds=0.3))
    async with asyncio.timeout(5):
        with pytest.raises(ShopUnavailable, match="does not answer"):
            await shop.customer_shop(LAN).orders()
    assert len(server.paths()) == 1, "a time-out must not double the customer's waiting"
    await shop.close()


async def test_nobody_there_at_all() -> None:
    shop = HttpShop(Client("http://127.0.0.1:9", KEY))
    with pytest.raises(ShopUnavailable):
        await shop.find_order_contact("12345")
    await shop.close()


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_one_hiccup_is_asked_again(shop: HttpShop, server: ShopServer, status: int) -> None:
    def fail_once(_: Request) -> Answer | None:
        return Answer(status, [b""]) if len(server.loopback.requests) == 1 else None

    server.fault = fail_once
    assert await shop.find_order_contact("12345") is not None
    assert len(server.paths()) == 2


async def test_a_broken_connection_is_asked_again_once(shop: HttpShop, server: ShopServer) -> None:
    def break_once(_: Request) -> Answer | None:
        return Answer(200, [b'{"num', Abort()]) if len(server.loopback.requests) == 1 else None

    server.fault = break_once
    assert await shop.find_order_contact("12345") is not None
    server.fault = lambda _: Answer(200, [Abort()])
    with pytest.raises(ShopUnavailable):
        await shop.find_order_contact("12345")
    assert len(server.paths()) == 4


async def test_an_endless_answer_is_cut_off(shop: HttpShop, server: ShopServer) -> None:
    server.fault = lambda _: Answer(200, [b"x" * 1_000_000] * 20)
    with pytest.raises(ShopUnavailable):
        await shop.find_order_contact("12345")


async def test_one_turn_asks_once_and_a_confirmation_asks_anew(
    shop: HttpShop, server: ShopServer, watch: Watch
) -> None:
    for _ in range(3):
        await shop.customer_shop(LAN).orders()
        await shop.customer_shop(LAN).order("12345")
    assert server.paths() == ["/customers/C001/orders"]
    server.orders["12345"]["status"] = "shipped"
    stale = await shop.customer_shop(LAN).order("12345")
    watch.now += 1
    fresh = await shop.customer_shop(LAN, fresh=True).order("12345")
    assert stale is not None
    assert fresh is not None
    assert (stale.status, fresh.status) == ("waiting_stock", "shipped")
    assert stale.version != fresh.version
    watch.now += 16
    await shop.customer_shop(LAN).orders()
    assert len(server.paths()) == 3


async def test_customers_at_the_same_time_share_an_answer_but_never_each_others(
    shop: HttpShop, server: ShopServer
) -> None:
    people = ["C001", "C002", "C003"] * 5
    views = [shop.customer_shop(Identity("customer", key)).orders() for key in people]
    for key, orders in zip(people, await asyncio.gather(*views), strict=True):
        assert {order.customer_id for order in orders} == {key}
    assert len(server.paths()) == 3


async def test_those_who_waited_for_a_failure_do_not_each_ask_again(
    shop: HttpShop, server: ShopServer, watch: Watch
) -> None:
    server.fault = lambda _: Answer(418, [b""])
    found = await asyncio.gather(*(shop.customer_shop(LAN).orders() for _ in range(10)), return_exceptions=True)
    assert {type(error) for error in found} == {ShopUnavailable}
    assert len(server.paths()) == 1
    server.fault = lambda _: None
    watch.now += 3
    assert await shop.customer_shop(LAN).orders()


def test_any_change_of_an_order_changes_its_version() -> None:
    order = build_demo(utc_now()).orders[0]
    changed = [
        replace(order, note="x"),
        replace(order, address=replace(order.address, city="Đà Nẵng")),
        replace(order, items=(replace(order.items[0], quantity_returned=1), *order.items[1:])),
    ]
    versions = {number_version(each) for each in (order, *changed)}
    assert len(versions) == 4
    assert number_version(replace(order, version=9)) == number_version(order)
    assert all(0 <= version < 2**31 for version in versions)
