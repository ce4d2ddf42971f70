"""Webhooks: signed, taken once, in any order of arrival, and never an error 500 (Done-when 6 of step 3)."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import problems, webhooks
from app.api.application import build_api
from app.api.guard import BODY_LIMIT, Guard
from app.identity import Proof
from app.main import Services
from app.models import Mode, Order, OrderStatus, Outcome, PaymentStatus, RefundStatus, ShipmentStatus, Trouble
from app.shopdata.importing import import_files
from app.store import Store
from app.webhooks import Inbox
from tests.conftest import MakeCounter
from tests.webhooks.payloads import (
    SHOPIFY_SECRET,
    WOO_SECRET,
    fulfilled,
    returned,
    shopify,
    shopify_request,
    woo,
    woo_request,
)


@dataclass
class Connected:
    """What the routes see of a counter: a shop, empty at first, and the inbox of both platforms."""

    store: Store
    inbox: Inbox


@asynccontextmanager
async def connect(folder: Path, **secrets: str) -> AsyncIterator[tuple[Connected, httpx.AsyncClient]]:
    """The routes behind the application's own middleware and error table, without the rest of a counter."""
    store = Store(f"sqlite:///{folder / 'kaunter.db'}")
    await store.open()
    app = FastAPI()
    app.state.services = Connected(store, Inbox(store, **secrets))
    problems.install(app)
    app.include_router(webhooks.router)
    app.add_middleware(Guard, origins=())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield app.state.services, client
    await store.close()


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Connected, httpx.AsyncClient]]:
    async with connect(tmp_path, woocommerce_secret=WOO_SECRET, shopify_secret=SHOPIFY_SECRET) as found:
        yield found


@pytest.fixture
def services(both: tuple[Connected, httpx.AsyncClient]) -> Connected:
    return both[0]


@pytest.fixture
def web(both: tuple[Connected, httpx.AsyncClient]) -> httpx.AsyncClient:
    return both[1]


async def send(web: httpx.AsyncClient, request: dict[str, Any]) -> str:
    answer = await web.post(**request)
    assert answer.status_code == 200, answer.text
    result: str = answer.json()["result"]
    return result


async def orders(services: Connected | Services) -> list[Order]:
    return list((await services.store.read_shop()).orders)


async def test_a_woocommerce_order_arrives_with_all_that_it_says(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    assert await send(web, woo_request(woo())) == "stored"
    [order] = await orders(services)
    assert (order.number, order.customer_id, order.status, order.currency) == ("727", "26", "processing", "VND")
    assert (order.total.amount, order.shipping_fee.amount, order.discount.amount) == (1480000, 30000, 50000)
    assert (order.email, order.phone) == ("lan@example.com", "+84901234567")
    assert (order.address.recipient, order.address.city) == ("Lan Nguyễn", "TP. Hồ Chí Minh")
    [item] = order.items
    assert (item.title, item.quantity, item.unit_price.amount, item.options) == ("Váy lanh - M", 2, 750000, {"Cỡ": "M"})
    [payment] = order.payments
    assert (payment.method.kind, payment.method.label, payment.status) == ("e_wallet", "Ví MoMo", PaymentStatus.PAID)
    assert order.note == "Giao giờ hành chính & gọi trước"
    [customer] = (await services.store.read_shop()).customers
    assert (customer.id, customer.name, customer.language) == ("26", "Lan Nguyễn", "vi")
    assert await services.store.shop_state() == {"source": "imported"}


async def test_a_shopify_order_arrives_in_the_currency_that_was_paid(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    assert await send(web, shopify_request(shopify())) == "stored"
    [order] = await orders(services)
    assert (order.number, order.currency, order.total.amount) == ("MY1001", "MYR", 12980)
    assert (order.shipping_fee.amount, order.discount.amount, order.items[0].unit_price.amount) == (1000, 0, 5990)
    assert (order.phone, order.items[0].options) == ("+60123456789", {"variant": "40 / Hitam"})
    [customer] = (await services.store.read_shop()).customers
    assert (customer.id, customer.language) == ("115310627314723950", "ms")


async def test_an_order_that_came_by_webhook_can_be_opened_and_asked_about(
    make_counter: MakeCounter, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    counter = await make_counter(fresh=False, shopify_secret=SHOPIFY_SECRET)
    transport = httpx.ASGITransport(build_api(counter.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as web:
        await send(
            web, shopify_request(shopify(fulfillments=[fulfilled("in_transit")], fulfillment_status="fulfilled"))
        )
    visitor = await counter.visit("ms")
    await visitor.prove(Proof("my1001", "012 345 6789"))
    reply = await visitor.say("di mana pesanan saya MY1001?")
    assert "MY1001" in reply.text
    assert "ER123456789MY" in reply.text


REPLAYED = {"woocommerce": (woo, woo_request), "shopify": (shopify, shopify_request)}


@pytest.mark.parametrize("platform", REPLAYED)
async def test_a_replay_changes_nothing_whatever_its_headers_say(
    web: httpx.AsyncClient, services: Connected | Services, platform: str
) -> None:
    """Only the body is signed: who replays it may write any delivery id and time beside it."""
    make, request = REPLAYED[platform]
    assert await send(web, request(make())) == "stored"
    before = await services.store.read_shop()
    again = request(make())
    assert await send(web, again) == "replayed"
    for name in list(again["headers"]):
        if "ignature" not in name and "Hmac" not in name and "Topic" not in name:
            again["headers"][name] = "another"
    again["headers"]["X-Shopify-Triggered-At"] = "2099-01-01T00:00:00Z"
    assert await send(web, again) == "replayed"
    assert await services.store.read_shop() == before


async def test_news_in_any_order_of_arrival_ends_in_the_newest_state(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    steps = [
        woo(status="pending", date_modified_gmt="2026-11-20T02:00:00", date_paid_gmt=None),
        woo(status="processing", date_modified_gmt="2026-11-20T03:00:00"),
        woo(status="completed", date_modified_gmt="2026-11-21T03:00:00", date_completed_gmt="2026-11-21T03:00:00"),
    ]
    for number, arrival in enumerate(itertools.permutations(steps)):
        named = [{**step, "number": f"80{number}"} for step in arrival]
        results = [await send(web, woo_request(step)) for step in named]
        order = next(o for o in await orders(services) if o.number == f"80{number}")
        assert order.status is OrderStatus.SHIPPED, results
        assert order.shipped_at is not None
        assert results[0] == "stored"


async def test_the_same_delivery_many_times_at_once_is_stored_once(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    results = await asyncio.gather(*(send(web, woo_request(woo())) for _ in range(8)))
    assert sorted(results) == ["replayed"] * 7 + ["stored"]
    assert [o.version for o in await orders(services)] == [1]


async def test_two_orders_changed_in_one_second_share_a_woocommerce_delivery_id_and_both_arrive(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    assert await send(web, woo_request(woo())) == "stored"
    assert await send(web, woo_request(woo(number="728"))) == "stored"
    assert [o.number for o in await orders(services)] == ["727", "728"]


async def test_a_change_gets_a_new_version_and_a_touch_without_change_does_not(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    await send(web, woo_request(woo()))
    await send(web, woo_request(woo(date_modified_gmt="2026-11-20T05:00:00")))
    assert [o.version for o in await orders(services)] == [1]
    await send(web, woo_request(woo(date_modified_gmt="2026-11-20T06:00:00", customer_note="Gọi trước")))
    assert [o.version for o in await orders(services)] == [2]


@pytest.mark.parametrize(
    "signature", ["", "x", "AAAA", "=" * 44, "é", "sha256=abc", "A" * 43 + "="], ids=lambda s: s[:8].encode().hex()
)
async def test_a_bad_signature_is_refused_before_anything_is_read(
    web: httpx.AsyncClient, services: Connected | Services, signature: str
) -> None:
    for request, header in (
        (woo_request(b"{broken"), "X-WC-Webhook-Signature"),
        (shopify_request(b"{broken"), "X-Shopify-Hmac-Sha256"),
    ):
        headers = {**request["headers"], header: signature.encode()}
        answer = await web.post(request["url"], content=request["content"], headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_allowed")
    assert await orders(services) == []
    assert await services.store.shop_state() == {}


async def test_a_signature_is_of_this_body_and_this_platforms_secret(web: httpx.AsyncClient) -> None:
    changed = woo_request(woo())
    changed["content"] = changed["content"].replace(b'"1480000"', b'"1"')
    assert (await web.post(**changed)).status_code == 401
    assert (await web.post(**woo_request(woo(), secret=SHOPIFY_SECRET))).status_code == 401
    assert (await web.post(**woo_request(woo(), secret=""))).status_code == 401
    missing = woo_request(woo())
    del missing["headers"]["X-WC-Webhook-Signature"]
    assert (await web.post(**missing)).status_code == 401


async def test_a_platform_that_is_not_connected_is_not_there(tmp_path: Path) -> None:
    async with connect(tmp_path) as (_, web):
        for request in (
            woo_request(woo(), secret=""),
            shopify_request(shopify(), secret=""),
            woo_request(b"webhook_id=1"),
        ):
            answer = await web.post(**request)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_woocommerces_unsigned_ping_gets_its_200_and_nothing_else_does(web: httpx.AsyncClient) -> None:
    answer = await web.post("/api/webhooks/woocommerce", content=b"webhook_id=17")
    assert (answer.status_code, answer.json()) == (200, {"result": "ignored"})
    for body in (b"webhook_id=17&x=1", b"webhook_id=", b"webhook_id=1\n", b""):
        assert (await web.post("/api/webhooks/woocommerce", content=body)).status_code == 401


async def test_topics_that_are_not_about_a_changed_order_are_ignored(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    for topic in ("order.deleted", "product.updated", "action.wc_x", ""):
        assert await send(web, woo_request({"id": 1}, x_wc_webhook_topic=topic)) == "ignored"
    for topic in ("orders/delete", "products/update", "app/uninstalled", ""):
        assert await send(web, shopify_request({"id": 1}, x_shopify_topic=topic)) == "ignored"
    assert await send(web, woo_request(woo(status="checkout-draft"))) == "ignored"
    assert await orders(services) == []


def without(payload: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != name}


UNUSABLE: dict[str, Any] = {
    **{
        f"woo without {name}": woo_request(without(woo(), name))
        for name in ("number", "total", "billing", "line_items")
    },
    **{
        f"shopify without {name}": shopify_request(without(shopify(), name))
        for name in ("name", "updated_at", "currency")
    },
    "no JSON": woo_request(b"number=727"),
    "no text": woo_request(b"\xff\xfe\x00"),
    "nothing": shopify_request(b""),
    "null": shopify_request(b"null"),
    "a list": woo_request(b"[]"),
    "a depth bomb": shopify_request(b"[" * 100_000),
    "NaN": woo_request(woo(total="NaN")),
    "infinite money": woo_request(woo(total="1e999999999")),
    "negative money": woo_request(woo(total="-5")),
    "unknown money": woo_request(woo(currency="DOGE")),
    "no items": shopify_request(shopify(line_items=[])),
    "half an item": woo_request(woo(line_items=[{**woo()["line_items"][0], "quantity": 0.5}])),
    "no country": woo_request(woo(billing={**woo()["billing"], "country": ""})),
    "no date": woo_request(woo(date_modified_gmt="yesterday")),
    "a date out of range": woo_request(woo(date_created_gmt="0001-01-01T00:00:00")),
    "a number that is none": shopify_request(shopify(name="#../../etc")),
}


@pytest.mark.parametrize("what", UNUSABLE)
async def test_a_signed_payload_that_cannot_be_used_is_a_400_and_changes_nothing(
    web: httpx.AsyncClient, services: Connected | Services, what: str
) -> None:
    answer = await web.post(**UNUSABLE[what])
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text
    assert "lan@example.com" not in answer.text
    assert await orders(services) == []


async def test_a_body_that_is_too_large_is_refused(web: httpx.AsyncClient) -> None:
    answer = await web.post(**woo_request(woo(customer_note="ก" * BODY_LIMIT)))
    assert answer.status_code == 413


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(
        [("woo", name) for name in sorted(woo())] + [("shopify", name) for name in sorted(shopify())]
    ),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)
async def test_no_field_of_a_signed_order_can_break_the_server(
    web: httpx.AsyncClient, services: Connected | Services, field: tuple[str, str], value: Any
) -> None:
    platform, name = field
    make, request = (woo, woo_request) if platform == "woo" else (shopify, shopify_request)
    body = json.dumps({**make(), name: value}).encode()  # escaped: also half surrogate pairs
    answer = await web.post(**request(body))
    assert answer.status_code in (200, 400), answer.text


STATES = [
    ({}, "processing", None),
    ({"financial_status": "pending", "payment_gateway_names": ["Bank Deposit"]}, "pending_payment", None),
    ({"financial_status": "pending", "payment_gateway_names": ["Cash on Delivery (COD)"]}, "processing", None),
    ({"financial_status": "voided"}, "pending_payment", Trouble.PAYMENT_FAILED),
    ({"cancelled_at": "2026-11-21T10:00:00+08:00", "financial_status": "refunded"}, "cancelled", None),
    ({"fulfillments": [fulfilled("label_printed")]}, "processing", None),
    ({"fulfillments": [fulfilled(None)], "fulfillment_status": "fulfilled"}, "shipped", None),
    ({"fulfillments": [fulfilled("in_transit")], "fulfillment_status": "partial"}, "shipped", Trouble.SPLIT_SHIPMENT),
    ({"fulfillments": [fulfilled("out_for_delivery")], "fulfillment_status": "fulfilled"}, "out_for_delivery", None),
    ({"fulfillments": [fulfilled("failure")], "fulfillment_status": "fulfilled"}, "delivery_failed", None),
    ({"fulfillments": [fulfilled("delivered")], "fulfillment_status": "fulfilled"}, "delivered", None),
    ({"fulfillments": [{**fulfilled("delivered"), "status": "cancelled"}]}, "processing", None),
    (
        *({"fulfillments": [fulfilled("delivered")], "fulfillment_status": "fulfilled", "refunds": [returned(1)]},),
        *("partly_returned", None),
    ),
    (
        *({"fulfillments": [fulfilled("delivered")], "fulfillment_status": "fulfilled", "refunds": [returned(2)]},),
        *("returned", None),
    ),
    ({"refunds": [returned(2)], "financial_status": "refunded"}, "cancelled", None),
]


@pytest.mark.parametrize(("fields", "status", "trouble"), STATES)
async def test_what_shopify_says_is_the_status_that_the_customer_hears(
    web: httpx.AsyncClient, services: Connected | Services, fields: dict[str, Any], status: str, trouble: Trouble | None
) -> None:
    await send(web, shopify_request(shopify(**fields)))
    [order] = await orders(services)
    assert (order.status, order.trouble) == (status, trouble)
    goods = sum(item.unit_price.amount * item.quantity for item in order.items)
    assert goods + order.shipping_fee.amount - order.discount.amount == order.total.amount


WOO_STATES = [
    ("pending", "pending_payment", None),
    ("on-hold", "pending_payment", None),
    ("failed", "pending_payment", Trouble.PAYMENT_FAILED),
    ("processing", "processing", None),
    ("completed", "shipped", None),
    ("cancelled", "cancelled", None),
    ("refunded", "cancelled", None),
    ("delivered", "delivered", None),
]


@pytest.mark.parametrize(("status", "told", "trouble"), WOO_STATES)
async def test_what_woocommerce_says_is_the_status_that_the_customer_hears(
    web: httpx.AsyncClient, services: Connected | Services, status: str, told: str, trouble: Trouble | None
) -> None:
    await send(web, woo_request(woo(status=status, date_completed_gmt="2026-11-21T02:00:00")))
    [order] = await orders(services)
    assert (order.status, order.trouble) == (told, trouble)
    assert (order.delivered_at is not None) == (told == "delivered")


async def test_a_parcel_and_a_refund_keep_the_time_of_their_first_news(
    web: httpx.AsyncClient, services: Connected | Services
) -> None:
    fields = {"fulfillment_status": "fulfilled", "updated_at": "2026-11-23T10:00:00+08:00"}
    await send(web, shopify_request(shopify(fulfillments=[fulfilled("delivered")], **fields)))
    touched = fulfilled("delivered", at="2026-12-24T10:00:00+08:00")
    fields["updated_at"] = "2026-12-24T10:00:00+08:00"
    await send(web, shopify_request(shopify(fulfillments=[touched], refunds=[returned(1)], **fields)))
    [order] = await orders(services)
    assert order.delivered_at is not None
    assert order.delivered_at.isoformat() == "2026-11-22T02:00:00+00:00", "the return window must not move"
    assert order.shipments[0].delivered_at == order.delivered_at
    assert (order.shipments[0].status, order.shipments[0].carrier) == (ShipmentStatus.DELIVERED, "Pos Laju")
    assert [(r.status, r.amount.amount) for r in order.refunds] == [(RefundStatus.PAID, 5990)]
    assert order.items[0].quantity_returned == 1
    for minute in (1, 2):
        refund = {"id": 5, "reason": "", "total": "-100000"}
        await send(web, woo_request(woo(refunds=[refund], date_modified_gmt=f"2026-11-25T00:0{minute}:00")))
    woo_order = next(o for o in await orders(services) if o.number == "727")
    assert woo_order.refunds[0].requested_at.minute == 1


async def test_what_the_platform_does_not_know_stays(
    web: httpx.AsyncClient, services: Connected | Services, tmp_path: Path
) -> None:
    """An import gave the customer her name, the product its category and the order its reason for waiting."""
    await send(web, woo_request(woo()))
    shop = {
        "format": "kaunter-shop/1",
        "customers": [{"id": "26", "name": "Chị Lan", "country": "VN", "email": "account@example.com"}],
        "products": [{"id": "93", "title": "Váy", "category": "underwear"}],
    }
    (tmp_path / "shop.json").write_text(json.dumps(shop), encoding="utf-8")
    await import_files(services.store, [tmp_path / "shop.json"])
    exported = (await services.store.read_shop()).orders[0]
    assert exported.items[0].product_id == "", "unknown to the catalogue when it came"
    await send(web, woo_request(woo(date_modified_gmt="2026-11-22T00:00:00")))
    contents = await services.store.read_shop()
    assert [c.name for c in contents.customers] == ["Chị Lan"]
    assert (contents.orders[0].items[0].product_id, contents.orders[0].items[0].category) == ("93", "underwear")


async def test_guests_are_kept_apart(web: httpx.AsyncClient, services: Connected | Services) -> None:
    for number in ("901", "902"):
        await send(web, woo_request(woo(number=number, customer_id=0)))
    assert len({order.customer_id for order in await orders(services)}) == 2


async def test_the_demo_shop_takes_no_orders(make_counter: MakeCounter) -> None:
    counter = await make_counter(woocommerce_secret=WOO_SECRET)
    before = await counter.services.store.read_shop()
    transport = httpx.ASGITransport(build_api(counter.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as web:
        answer = await web.post(**woo_request(woo()))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert await counter.services.store.read_shop() == before


async def test_a_change_of_a_platforms_order_is_requested_and_goes_to_a_person(
    make_counter: MakeCounter, tmp_path: Path
) -> None:
    """The platform knows nothing of it yet, so nobody may say that it is done (I4)."""
    (tmp_path / "data").mkdir()
    counter = await make_counter(fresh=False, woocommerce_secret=WOO_SECRET)
    transport = httpx.ASGITransport(build_api(counter.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as web:
        await send(web, woo_request(woo(number="7270")))
    visitor = await counter.visit("vi")
    await visitor.prove(Proof("7270", "lan@example.com"))
    proposed = await visitor.say("cho em hủy đơn hàng này với ạ")
    assert proposed.outcome is Outcome.PROPOSED
    reply = await visitor.say("ừ")
    assert reply.outcome is Outcome.HANDED_OFF
    assert counter.services.wording.say("requested", "vi") in reply.text
    found = await counter.conversations.get(visitor.id)
    assert (found.mode, found.handoff_reason) == (Mode.MANUAL, "change_requested")
    [order] = await orders(counter.services)
    assert (order.status, order.version) == (OrderStatus.PROCESSING, 1)
    assert [entry.action for entry in await counter.services.store.audit(visitor.id)] == ["cancel_order"]
