"""Proposals: what is summarised, confirmed once, checked again and done; and everything that is refused."""

import asyncio
from dataclasses import replace

import pytest

from app.errors import NotFound
from app.identity import Proof
from app.llm.scripted import ScriptedModel
from app.models import Identity, Mode, Order, OrderStatus, Outcome, Trouble
from app.tools.registry import ToolCall
from tests.conftest import MakeCounter
from tests.counter import Counter, Visitor

CANCEL = {
    "en": "please cancel my order",
    "vi": "cho em hủy đơn hàng này với ạ",
    "th": "ขอยกเลิกออเดอร์ค่ะ",
    "id": "tolong batalkan pesanan saya kak",
    "ms": "tolong batalkan pesanan saya",
    "fil": "paki-cancel po ng order ko",
    "zh-Hans": "我要取消订单",
    "ja": "注文をキャンセルしたいです",
    "ko": "주문 취소해 주세요",
    "ar": "أريد إلغاء طلبي",
    "hi": "मेरा ऑर्डर कैंसिल कर दीजिए",
    "es": "quiero cancelar mi pedido",
}
YES = {
    "en": "yes", "vi": "ừ", "th": "ได้ค่ะ", "id": "iya", "ms": "boleh", "fil": "sige", "zh-Hans": "好的",
    "ja": "はい", "ko": "네", "ar": "نعم", "hi": "हाँ", "es": "sí",
}  # fmt: skip


async def orders_of(counter: Counter, **wanted: object) -> list[Order]:
    entries = await counter.services.store.list_orders()
    return [e.order for e in entries if all(getattr(e.order, k) == v for k, v in wanted.items())]


async def visit_order(counter: Counter, order: Order, locale: str = "en") -> Visitor:
    visitor = await counter.visit(locale)
    await visitor.prove(Proof(order.number, order.email))
    return visitor


async def sign_in(counter: Counter, order: Order, locale: str = "en") -> Visitor:
    """As if the storefront's JWT had opened the whole account."""
    visitor = await counter.visit(locale)
    await counter.services.store.set_identity(visitor.id, Identity("customer", order.customer_id))
    return visitor


async def read_order(counter: Counter, number: str) -> Order:
    return next(e.order for e in await counter.services.store.list_orders() if e.order.number == number)


@pytest.mark.parametrize("language", CANCEL)
async def test_a_cancellation_is_proposed_then_confirmed_by_a_typed_yes_and_done_once(
    counter: Counter, language: str
) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    asked = await visitor.say(CANCEL[language])
    assert (asked.outcome, asked.language, len(asked.proposals)) == (Outcome.PROPOSED, language, 1)
    assert (await read_order(counter, "12345")).status is OrderStatus.WAITING_STOCK
    done = await visitor.say(YES[language])
    assert done.outcome is Outcome.DONE
    assert done.text == counter.services.wording.say("done_cancel_order", language, number="12345")
    order = await read_order(counter, "12345")
    assert order.status is OrderStatus.CANCELLED
    assert sum(r.amount.amount for r in order.refunds) == order.total.amount
    again = await visitor.say(YES[language])
    assert again.outcome is not Outcome.DONE
    assert len((await read_order(counter, "12345")).refunds) == 1


async def test_a_typed_no_changes_nothing_and_the_proposal_cannot_be_confirmed_later(counter: Counter) -> None:
    visitor = await counter.visit("th")
    await visitor.prove()
    asked = await visitor.say(CANCEL["th"])
    declined = await visitor.say("ไม่เอาค่ะ")
    assert declined.text == counter.services.wording.say("declined", "th")
    _, late = await counter.conversations.decide_proposal(visitor.id, asked.proposals[0].id, "confirm")
    assert late.outcome is Outcome.REFUSED
    assert (await read_order(counter, "12345")).status is OrderStatus.WAITING_STOCK


async def test_a_yes_that_says_more_than_yes_confirms_nothing(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    await visitor.say(CANCEL["en"])
    await visitor.say("yes, but when would I get my money back?")
    assert (await read_order(counter, "12345")).status is OrderStatus.WAITING_STOCK


async def test_a_yes_after_something_else_was_said_confirms_nothing(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    await visitor.say(CANCEL["en"])
    await visitor.say("thank you")
    await visitor.say("yes")
    assert (await read_order(counter, "12345")).status is OrderStatus.WAITING_STOCK


async def test_ten_clicks_at_once_execute_once(counter: Counter) -> None:
    visitor = await counter.visit("id")
    await visitor.prove()
    asked = await visitor.say(CANCEL["id"])
    answers = await asyncio.gather(
        *(counter.conversations.decide_proposal(visitor.id, asked.proposals[0].id, "confirm") for _ in range(10))
    )
    assert [m.outcome for _, m in answers].count(Outcome.DONE) == 1
    assert len((await read_order(counter, "12345")).refunds) == 1


async def test_a_proposal_of_another_conversation_is_not_there(counter: Counter) -> None:
    visitor, thief = await counter.visit("en"), await counter.visit("en")
    await visitor.prove()
    asked = await visitor.say(CANCEL["en"])
    with pytest.raises(NotFound):
        await counter.conversations.decide_proposal(thief.id, asked.proposals[0].id, "confirm")


async def test_an_order_that_changed_meanwhile_gets_a_fresh_proposal_instead(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    first = await visitor.say(CANCEL["en"])
    second = await visitor.say(CANCEL["en"])
    ids = [m.proposals[0].id for m in (first, second)]
    _, done = await counter.conversations.decide_proposal(visitor.id, ids[1], "confirm")
    assert done.outcome is Outcome.DONE
    _, refused = await counter.conversations.decide_proposal(visitor.id, ids[0], "confirm")
    assert refused.outcome is Outcome.REFUSED
    assert len((await read_order(counter, "12345")).refunds) == 1


async def test_a_takeover_voids_the_open_proposal(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    asked = await visitor.say(CANCEL["en"])
    await counter.services.store.take_over(visitor.id, "Mai")
    assert (await counter.conversations.get(visitor.id)).mode is Mode.MANUAL
    found = await counter.services.store.get_proposal(asked.proposals[0].id)
    assert found is not None
    assert found.state == "voided"


@pytest.mark.parametrize("status", [OrderStatus.SHIPPED, OrderStatus.IN_CUSTOMS, OrderStatus.OUT_FOR_DELIVERY])
async def test_a_shipped_order_is_not_cancelled_and_the_reason_is_told(counter: Counter, status: OrderStatus) -> None:
    order = (await orders_of(counter, status=status))[0]
    visitor = await visit_order(counter, order, "vi")
    refused = await visitor.say(CANCEL["vi"])
    assert refused.outcome is Outcome.REFUSED
    assert refused.text == counter.services.wording.say("refused_already_shipped", "vi", number=order.number)
    assert await read_order(counter, order.number) == order


async def test_an_item_is_returned_for_its_price(counter: Counter) -> None:
    orders = await orders_of(counter, status=OrderStatus.DELIVERED, trouble=None)
    order = next(
        o
        for o in orders
        if len(o.items) == 1
        and o.delivered_at
        and (counter.services.clock() - o.delivered_at).days < 10
        and o.items[0].category not in {"underwear", "food", "beauty"}
    )
    visitor = await visit_order(counter, order)
    asked = await visitor.say("I want to return this")
    assert asked.outcome is Outcome.PROPOSED
    await visitor.say("yes")
    after = await read_order(counter, order.number)
    assert after.status is OrderStatus.RETURNED
    assert after.refunds[-1].reason == "returned_items"
    assert 0 < after.refunds[-1].amount.amount <= order.total.amount


async def test_an_address_cannot_be_redirected_with_contact_proof_alone(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    refused = await visitor.say("please change the delivery address of my order")
    assert refused.text == counter.services.wording.say("needs_account", "en")


async def test_a_signed_in_customer_is_asked_for_the_new_address_and_it_is_changed(counter: Counter) -> None:
    order = await read_order(counter, "12345")
    visitor = await sign_in(counter, order, "vi")
    asked = await visitor.say("đổi địa chỉ nhận hàng đơn 12345 giúp em")
    assert asked.text == counter.services.wording.say("ask_new_address", "vi")
    proposed = await visitor.say("Nguyễn Thị Lan, 12 Trần Phú, Đà Nẵng 550000")
    assert proposed.outcome is Outcome.PROPOSED
    assert "12 Trần Phú" in proposed.text
    await visitor.say("vâng ạ")
    assert "12 Trần Phú" in " ".join((await read_order(counter, "12345")).address.lines)


async def test_two_requests_in_one_message_are_proposed_one_after_the_other(counter: Counter) -> None:
    entries = await counter.services.store.list_orders()
    can = (OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK)
    by_customer: dict[str, list[Order]] = {}
    for entry in entries:
        if entry.order.status in can and not any(s.shipped_at for s in entry.order.shipments):
            by_customer.setdefault(entry.order.customer_id, []).append(entry.order)
    first, second = next(orders for orders in by_customer.values() if len(orders) >= 2)[:2]
    visitor = await sign_in(counter, first)
    asked = await visitor.say(f"please cancel order {first.number} and cancel order {second.number}")
    assert [p.order_number for p in asked.proposals] == [first.number]
    onward = await visitor.say("yes")
    assert [p.order_number for p in onward.proposals] == [second.number]
    await visitor.say("yes")
    for number in (first.number, second.number):
        assert (await read_order(counter, number)).status is OrderStatus.CANCELLED


async def test_money_paid_twice_is_asked_back(counter: Counter) -> None:
    order = (await orders_of(counter, trouble=Trouble.PAID_TWICE))[0]
    visitor = await visit_order(counter, order)
    shop = counter.services.store.customer_shop((await counter.conversations.get(visitor.id)).identity)
    assistant = counter.conversations._assistant
    reply = await assistant.run(
        ToolCall("request_refund", {"order_number": order.number}), shop, "en", counter.services.clock()
    )
    assert reply.outcome is (Outcome.REFUSED if order.refunds else Outcome.PROPOSED)


async def test_a_model_that_always_obeys_cannot_cancel_what_the_rules_forbid(make_counter: MakeCounter) -> None:
    counter = await make_counter()
    order = (await orders_of(counter, status=OrderStatus.SHIPPED))[0]
    model = ScriptedModel(default={"tool": "cancel_order", "order_number": order.number})
    counter = await make_counter(model, fresh=False)
    visitor = await visit_order(counter, order)
    reply = await visitor.say("hmm, do the usual thing with that one, you know which I mean")
    assert reply.outcome is Outcome.REFUSED
    assert await read_order(counter, order.number) == order


async def test_the_audit_keeps_what_was_and_what_is(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    before = await read_order(counter, "12345")
    await visitor.say(CANCEL["en"])
    await visitor.say("yes")
    rows = await counter.services.store.audit(visitor.id)
    assert [(r.action, r.subject) for r in rows] == [("cancel_order", "order 12345")]
    assert rows[0].before is not None
    assert rows[0].after is not None
    assert (rows[0].before["status"], rows[0].after["status"]) == (before.status, OrderStatus.CANCELLED)
    assert replace(before, version=2).version == rows[0].after["version"]


@pytest.mark.parametrize(
    ("code", "outcome", "key"),
    [
        ("WELCOME10", Outcome.PROPOSED, None),
        ("welcome10", Outcome.PROPOSED, None),
        ("MEGA1111", Outcome.REFUSED, "refused_voucher_expired"),
        ("NOSUCHCODE", Outcome.REFUSED, "refused_voucher_invalid"),
    ],
)
async def test_a_voucher_is_taken_by_its_terms(counter: Counter, code: str, outcome: Outcome, key: str | None) -> None:
    orders = await orders_of(counter, status=OrderStatus.PENDING_PAYMENT)
    order = next(o for o in orders if not o.discount.amount and o.items[0].category != "perishables")
    visitor = await visit_order(counter, order, "ms")
    shop = counter.services.store.customer_shop((await counter.conversations.get(visitor.id)).identity)
    call = ToolCall("apply_voucher", {"order_number": order.number, "code": code})
    reply = await counter.conversations._assistant.run(call, shop, "ms", counter.services.clock())
    assert reply.outcome is outcome
    if key:
        start = counter.services.wording.say(key, "ms", code="•", date="•").split("•")[0]
        assert reply.text.startswith(start)
    else:
        change = reply.drafts[0].change.order
        assert change is not None
        assert 0 < change.discount.amount < order.total.amount
        assert change.total.amount + change.discount.amount == order.total.amount


@pytest.mark.parametrize(("language", "yes"), [("es", "si, dale"), ("id", "iya kak lanjut"), ("zh-Hans", "嗯 确认")])
async def test_a_casual_yes_is_a_yes_and_does_not_change_the_language(
    counter: Counter, language: str, yes: str
) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    await visitor.say(CANCEL[language])
    done = await visitor.say(yes)
    assert done.text == counter.services.wording.say("done_cancel_order", language, number="12345")


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-Hans", "{number} 邮箱{email}"), ("ja", "{number}、メールは{email}です"), ("th", "{number} อีเมล{email}ค่ะ")],
)
async def test_an_e_mail_proves_between_words_that_have_no_spaces(counter: Counter, language: str, text: str) -> None:
    (order,) = await orders_of(counter, number="12345")
    visitor = await counter.visit(language)
    await visitor.say(text.format(number=order.number, email=order.email))
    assert (await counter.conversations.get(visitor.id)).identity is not None


async def test_a_voucher_code_is_not_taken_for_an_order_number(counter: Counter) -> None:
    unpaid = await orders_of(counter, status=OrderStatus.PENDING_PAYMENT)
    order = next(o for o in unpaid if not o.discount.amount and o.items[0].category != "perishables")
    visitor = await visit_order(counter, order)
    reply = await visitor.say("please use the voucher MEGA1111 for my order")
    assert reply.outcome is Outcome.REFUSED
