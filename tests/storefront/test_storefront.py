"""The storefront shows the demo shop and nothing else, escapes what data say, and signs only for its own page."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import httpx
import jwt
import pytest

from app.api.application import build_api
from app.demo import build_demo
from app.demo.key import AUDIENCE
from app.demo.people import build_people
from app.errors import NotAllowed
from app.identity import Identities
from app.models import Product
from app.storefront import pictures
from app.storefront.shopper import CUSTOMERS
from tests.conftest import MakeCounter
from tests.counter import Counter

HERE = {"Sec-Fetch-Site": "same-origin"}
LAN = next(customer for customer in CUSTOMERS.values() if customer.language == "vi")
FATIMA = next(customer for customer in CUSTOMERS.values() if customer.language == "ar")


@pytest.fixture
async def demo(make_counter: MakeCounter) -> Counter:
    return await make_counter(demo=True)


@pytest.fixture
async def browser(demo: Counter) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_api(demo.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, customer: str, back: str = "/demo") -> httpx.Response:
    return await browser.post("/demo/customer", data={"customer": customer, "back": back}, headers=HERE)


async def test_without_the_demo_setting_there_is_no_storefront(http: httpx.AsyncClient) -> None:
    for path in ("/demo", "/demo/products/P001", "/demo/storefront.css"):
        assert (await http.get(path)).status_code == 404
    assert (await http.post("/demo/identity", headers=HERE)).status_code == 404


async def test_every_page_and_file_that_the_pages_name_exists_and_is_ours(browser: httpx.AsyncClient) -> None:
    seen, waiting = set(), ["/demo"]
    while waiting:
        path = waiting.pop()
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        seen.add(path)
        if "text/html" in answer.headers["content-type"]:
            named = set(re.findall(r'(?:href|src|action)="([^"#]+)"', answer.text)) - {"/demo/customer", "/widget.js"}
            assert all(each.startswith("/demo") for each in named), path
            waiting += sorted(named - seen - set(waiting))
    assert sum(path.startswith("/demo/products/") for path in seen) == 120


async def test_pages_carry_a_policy_without_inline_script_or_style_and_keep_to_it(browser: httpx.AsyncClient) -> None:
    for path in ("/demo", "/demo/departments/shoes", "/demo/products/P031"):
        answer = await browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*src=)|\son\w+=|javascript:", answer.text)
        assert answer.headers["cache-control"] == "no-store"


def test_every_product_has_a_drawing_of_its_own_kind() -> None:
    shapes = [pictures.shape_of(product) for product in all_products()]
    assert "parcel" not in shapes
    assert len(set(shapes)) > 60


async def test_the_page_speaks_and_runs_as_the_customer_reads(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, FATIMA.id)
    page = (await browser.get("/demo")).text
    assert '<html lang="ar" dir="rtl">' in page
    assert "أحدث طلباتك" in page
    await sign_in(browser, LAN.id)
    page = (await browser.get("/demo")).text
    assert '<html lang="vi" dir="ltr">' in page
    assert "#12345" in page
    await sign_in(browser, "")
    assert "#12345" not in (await browser.get("/demo")).text


async def test_a_hostile_title_is_text_on_every_page(browser: httpx.AsyncClient, demo: Counter) -> None:
    title = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e{{ 7*7 }}\u0300\u0300&amp;"
    products = [replace(p, title=title, description=title) if p.id == "P031" else p for p in all_products()]
    shop = build_demo(demo.services.clock())
    await demo.services.store.replace_shop(
        customers=shop.customers, products=products, orders=shop.orders, source="demo", seeded_on="2026-01-01"
    )
    for path in ("/demo", "/demo/departments/shoes", "/demo/products/P031", "/demo/products/P032"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert title in unescape(page)
    assert (await browser.get("/demo/pictures/P031.svg")).text.count("<svg") == 1


async def test_the_identity_token_is_the_demos_own_and_opens_the_account_once(
    browser: httpx.AsyncClient, demo: Counter
) -> None:
    assert (await browser.post("/demo/identity", headers=HERE)).status_code == 204
    await sign_in(browser, LAN.id)
    answer = await browser.post("/demo/identity", headers=HERE)
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["aud"]) == (LAN.id, AUDIENCE)
    started = await browser.post("/api/conversations", json={"identity_token": token})
    assert started.status_code == 201
    again = await browser.post("/api/conversations", json={"identity_token": token})
    assert again.status_code == 401, "a token is used once"


async def test_a_demo_token_opens_nothing_of_a_real_shop(browser: httpx.AsyncClient, demo: Counter) -> None:
    await sign_in(browser, LAN.id)
    token = (await browser.post("/demo/identity", headers=HERE)).json()["token"]
    store = demo.services.store
    real = Identities(store, store, secret="s" * 32)
    with pytest.raises(NotAllowed):
        await real.prove_token(token, demo.services.clock())


async def test_nobody_but_the_demos_own_page_gets_a_token(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, LAN.id)
    for headers in (
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ):
        assert (await browser.post("/demo/identity", headers=headers)).status_code == 403, headers
        assert (await browser.post("/demo/customer", data={"customer": ""}, headers=headers)).status_code == 403
    assert (await browser.get("/demo/identity", headers=HERE)).status_code == 405
    assert (await browser.post("/demo/identity", headers={"Origin": "http://localhost"})).status_code == 200


async def test_the_switcher_sends_nobody_elsewhere_and_knows_no_other_customer(
    browser: httpx.AsyncClient,
) -> None:
    for back in ("https://evil.example/demo", "//evil.example", "/demo.evil", "/demo\r\nSet-Cookie: a=b", "/console"):
        assert (await sign_in(browser, LAN.id, back)).headers["location"] == "/demo"
    assert (await sign_in(browser, LAN.id, "/demo/products/P001")).headers["location"] == "/demo/products/P001"
    stranger = next(c for c in build_demo_customers() if c not in CUSTOMERS)
    await sign_in(browser, stranger)
    assert (await browser.post("/demo/identity", headers=HERE)).status_code == 204


async def test_the_storefront_closes_when_a_real_shop_is_imported(browser: httpx.AsyncClient, demo: Counter) -> None:
    await sign_in(browser, LAN.id)
    shop = build_demo(demo.services.clock())
    await demo.services.store.replace_shop(
        customers=shop.customers, products=shop.products, orders=shop.orders, source="imported", seeded_on=""
    )
    for path in ("/demo", "/demo/products/P001", "/demo/pictures/P001.svg"):
        assert (await browser.get(path)).status_code == 404
    assert (await browser.post("/demo/identity", headers=HERE)).status_code == 404


def all_products() -> list[Product]:
    return list(build_demo(datetime.now(UTC)).products)


def build_demo_customers() -> list[str]:
    return [person.customer.id for person in build_people()]
