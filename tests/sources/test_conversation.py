"""A counter in front of a shop's own order system: facts come from it, changes are requested of it (I4, I6)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.identity import Proof
from app.models import Outcome
from app.sources.outbox import Outbox
from tests.conftest import MakeCounter
from tests.counter import Counter, Visitor
from tests.llm.loopback import Answer
from tests.sources.shop_server import KEY, ShopServer, open_shop

CANCEL = {"vi": "cho em hủy đơn hàng này với ạ", "th": "ขอยกเลิกออเดอร์ค่ะ", "ms": "tolong batalkan pesanan saya"}
YES = {"vi": "ừ", "th": "ได้ค่ะ", "ms": "boleh"}


@pytest.fixture
async def server() -> Any:
    async with open_shop() as server:
        yield server


@pytest.fixture
async def away(make_counter: MakeCounter, server: ShopServer) -> Counter:
    return await make_counter(orders_url=server.url, orders_key=KEY)


async def visit(counter: Counter, server: ShopServer, locale: str, status: str = "processing") -> tuple[Visitor, Any]:
    order = next(o for o in server.orders.values() if o["status"] == status and o["email"])
    visitor = await counter.visit(locale)
    await visitor.prove(Proof(order["number"], order["email"]))
    return visitor, order


async def test_an_orders_facts_come_from_the_other_system(away: Counter, server: ShopServer) -> None:
    server.orders["77001"] = {**server.orders["12345"], "number": "77001"}
    visitor = await away.visit("vi")
    await visitor.prove(Proof("77001", "lan.nguyen@example.com"))
    reply = await visitor.say("đơn hàng của tôi đâu rồi?")
    assert "77001" in reply.text


@pytest.mark.parametrize("language", CANCEL)
async def test_a_confirmed_change_is_requested_once_and_said_to_be_requested(
    away: Counter, server: ShopServer, language: str
) -> None:
    visitor, order = await visit(away, server, language)
    proposed = await visitor.say(CANCEL[language])
    assert proposed.outcome is Outcome.PROPOSED
    assert not server.loopback.asked("/shop/v1/changes")
    reply = await visitor.say(YES[language])
    assert reply.text == away.services.wording.say("requested", language)
    assert reply.outcome is Outcome.ANSWERED, "nothing is done yet"
    await visitor.say(YES[language])
    sent = await server.loopback.wait_for("/shop/v1/changes")
    assert len(sent) == 1
    change = sent[0]
    assert (change["tool"], change["order_number"], change["customer_id"]) == (
        *("cancel_order", order["number"]),
        order["customer_id"],
    )
    assert change["order"]["status"] == "cancelled"
    request = next(r for r in server.loopback.requests if r.path.endswith("/changes"))
    assert request.headers["idempotency-key"] == proposed.proposals[0].id
    audit = await away.services.store.audit(visitor.id)
    assert [(entry.action, entry.after) for entry in audit] == [("cancel_order", None)]


async def test_an_order_that_changed_over_there_is_proposed_anew(away: Counter, server: ShopServer) -> None:
    visitor, order = await visit(away, server, "vi")
    await visitor.say(CANCEL["vi"])
    server.orders[order["number"]]["note"] = "đã đóng gói"
    reply = await visitor.say(YES["vi"])
    assert away.services.wording.say("proposal_stale", "vi") in reply.text
    assert not server.loopback.asked("/shop/v1/changes")
    server.orders[order["number"]]["status"] = "shipped"
    again = await visitor.say(YES["vi"])
    assert again.outcome is not Outcome.DONE
    assert not server.loopback.asked("/shop/v1/changes")


async def test_a_system_that_is_away_leads_to_a_person_and_no_untrue_word(away: Counter, server: ShopServer) -> None:
    visitor, _ = await visit(away, server, "th")
    away.services.shop._cache._entries.clear()  # type: ignore[union-attr]
    server.fault = lambda _: Answer(500, [b""])
    reply = await visitor.say("ออเดอร์ของฉันอยู่ที่ไหนคะ")
    assert reply.outcome is Outcome.HANDED_OFF
    stranger = await away.visit("vi")
    answer = await stranger.say("đơn 12345, lan.nguyen@example.com")
    assert answer.outcome is Outcome.HANDED_OFF
    assert away.services.wording.say("proof_failed", "vi") not in answer.text, "nothing was compared"


async def request_cancellation(away: Counter, server: ShopServer) -> Visitor:
    visitor, _ = await visit(away, server, "ms")
    await visitor.say(CANCEL["ms"])
    await visitor.say(YES["ms"])
    return visitor


async def test_a_refusal_brings_a_person(away: Counter, server: ShopServer) -> None:
    server.change_status = 409
    visitor = await request_cancellation(away, server)
    await server.loopback.wait_for("/shop/v1/changes")
    async with asyncio.timeout(5):
        while (await away.conversations.get(visitor.id)).handoff_reason != "shop_refused":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_change_is_sent_until_it_is_acknowledged_always_with_the_same_key(
    make_counter: MakeCounter, server: ShopServer
) -> None:
    """Also by the next process: the request is in the database."""
    server.change_status = 503
    away = await make_counter(orders_url=server.url, orders_key=KEY)
    await request_cancellation(away, server)
    await server.loopback.wait_for("/shop/v1/changes")
    store = away.services.store
    later = store.clock
    sender = Outbox(store, away.services.shop)  # type: ignore[arg-type]
    for count, status in enumerate((500, 429, 401, 202), 2):
        server.change_status = status
        store.clock = lambda count=count: later() + timedelta(hours=count)  # type: ignore[misc]
        await sender.send_due()
        assert len(server.loopback.asked("/shop/v1/changes")) == count
    await sender.send_due()
    assert len(server.loopback.asked("/shop/v1/changes")) == 5, "it was acknowledged"
    keys = {r.headers["idempotency-key"] for r in server.loopback.requests if r.path.endswith("/changes")}
    assert len(keys) == 1
