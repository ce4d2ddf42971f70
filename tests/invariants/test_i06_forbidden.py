"""I6: what the policies forbid is refused, with the true reason, whoever calls the tool and however often.

The caller of these tests always wants to act. What must come of it is written here from the words of the demo shop's
policies, and not by asking the rules.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.assistant import Assistant
from app.config import find_content
from app.intents import Router
from app.llm.loan import Lender
from app.models import (
    Customer,
    Draft,
    Identity,
    Order,
    OrderStatus,
    Outcome,
    PaymentMethod,
    PaymentStatus,
    Product,
    Reply,
    Shipment,
    ShipmentStatus,
    Trouble,
    Variant,
)
from app.prompts import Prompts
from app.tools import TOOLS
from app.tools.registry import Kind, ToolCall
from app.wording import Wording
from tests.policies.orders import CARD, COD, SAIGON, item, local, order, parcel, vnd

LANGUAGES = ("vi", "th", "id", "km", "ta", "zh-Hans", "ja", "ar")
WORDING = Wording()
ARRIVAL = date(2028, 1, 30)
"""Its thirtieth day after is a 29 February."""
PLACED = ARRIVAL - timedelta(days=5)
ACCOUNT = Identity("customer", "c1")
CONTACT = Identity("order", "c1", "12345")
TITLE = "Item i1 (M)"

S = OrderStatus
UNSHIPPED = (S.PENDING_PAYMENT, S.PROCESSING, S.WAITING_STOCK)
ON_THE_WAY = (S.SHIPPED, S.IN_CUSTOMS, S.OUT_FOR_DELIVERY, S.DELIVERY_FAILED)
ARRIVED = (S.DELIVERED, S.PARTLY_RETURNED, S.RETURNED)

NEW_ADDRESS = "Nguyễn An, 12 Trần Phú, Đà Nẵng"
CALLS = {
    "cancel_order": ToolCall("cancel_order", {"order_number": "12345"}),
    "change_items": ToolCall("change_items", {"order_number": "12345", "item": "i1", "variant": "v-new"}),
    "change_address": ToolCall("change_address", {"order_number": "12345", "address": NEW_ADDRESS}),
    "abroad": ToolCall("change_address", {"order_number": "12345", "address": "bangkok"}),
    "change_payment_method": ToolCall("change_payment_method", {"order_number": "12345", "method": "m1"}),
    "apply_voucher": ToolCall("apply_voucher", {"order_number": "12345", "code": "FOREVER"}),
    "return_items": ToolCall("return_items", {"order_number": "12345", "item": "i1"}),
    "exchange_items": ToolCall("exchange_items", {"order_number": "12345", "item": "i1", "variant": "v-new"}),
    "damaged": ToolCall("report_problem", {"order_number": "12345", "problem": "damaged", "item": "i1"}),
    "wrong": ToolCall("report_problem", {"order_number": "12345", "problem": "wrong", "item": "i1"}),
    "missing": ToolCall("report_problem", {"order_number": "12345", "problem": "missing", "item": "i1"}),
    "not_received": ToolCall("report_problem", {"order_number": "12345", "problem": "not_received"}),
    "request_refund": ToolCall("request_refund", {"order_number": "12345"}),
    "resend_invoice": ToolCall("resend_invoice", {"order_number": "12345"}),
    "update_customer_address": ToolCall("update_customer_address", {"order_number": "12345", "address": NEW_ADDRESS}),
}
EDGES = [
    (days, at) for end in (7, 14, 30, 360) for days, at in ((end, "23:59:59"), (end + 1, "00:00:00"))
]  # fmt: skip
"""Days after the arrival: 7 for damage, 14 for parcels, 30 for returns; 365 after the order (placed 5 days before)."""


@dataclass(frozen=True)
class OneOrderShop:
    """A shop with one customer and one order; a proof of contact opens the order and not the account."""

    order_kept: Order
    identity: Identity | None = ACCOUNT
    variants: tuple[Variant, ...] = ()

    async def customer(self) -> Customer | None:
        home = self.order_kept.address
        abroad = replace(home, id="a2", city="Bangkok", country="TH")
        return Customer(
            "c1", "Nguyễn An", "an@example.com", "+84900000000", "vi", "VN", "Asia/Ho_Chi_Minh", vnd(0),
            (home, abroad), (CARD, COD),
        )  # fmt: skip

    async def orders(self) -> Sequence[Order]:
        return [self.order_kept] if self.identity else []

    async def order(self, number: str) -> Order | None:
        return next((o for o in await self.orders() if o.number == number), None)

    async def products(self) -> Sequence[Product]:
        return [Product("p-i1", "Item i1", "shoes", "", self.variants)]


@pytest.fixture(scope="module")
def assistant(router: Router) -> Assistant:
    prompts = Prompts(
        find_content("prompts"),
        shop=router.policies.shop,
        tools=list(TOOLS),
        policies=router.policies.policies.values(),
    )
    return Assistant(Lender(None), prompts, router.policies, WORDING, TOOLS, router, languages=LANGUAGES)


def make_order(status: OrderStatus, category: str = "shoes", method: PaymentMethod = CARD) -> Order:
    """Two of one thing, in a state as a real order of this status is; half of it back when partly returned."""
    back = {S.PARTLY_RETURNED: 1, S.RETURNED: 2}.get(status, 0)
    goods = item(quantity=2, category=category, back=back)
    base = order(goods, status=status, method=method, paid=status is not S.PENDING_PAYMENT)
    base = replace(base, placed_at=local(PLACED.year, PLACED.month, PLACED.day), version=7)
    arrived, left = local(2028, 1, 30, 22, 30), local(2028, 1, 27)
    if status in ARRIVED:
        return replace(base, shipments=(parcel("s1", arrived, "i1"),), shipped_at=left, delivered_at=arrived)
    if status in ON_THE_WAY:
        sent = Shipment("s1", "GHN", "GHN1", ShipmentStatus.IN_TRANSIT, ("i1",), left)
        return replace(base, shipments=(sent,), shipped_at=left, expected_delivery_at=arrived)
    return base


def variant(price: int = 100_000, stock: int = 5) -> Variant:
    return Variant("v-new", "p-i1", {"size": "L"}, vnd(price), stock)


def moment(days: int, at: str) -> datetime:
    """So many local days after the arrival, in the customer's time zone."""
    return datetime.fromisoformat(f"{ARRIVAL + timedelta(days=days)}T{at}").replace(tzinfo=SAIGON)


def expect(name: str, status: OrderStatus, days: int, category: str = "shoes") -> str:
    """The reason for which the policies forbid it; empty when they allow it."""
    if name == "update_customer_address":
        return ""
    if name == "request_refund":
        return "not_eligible"  # nothing was paid twice
    if name == "resend_invoice":
        return "not_paid" if status is S.PENDING_PAYMENT else "too_late" if days > 360 else ""
    if status is S.CANCELLED:
        return "already_cancelled"
    if name in {"cancel_order", "change_items", "change_address", "abroad", "change_payment_method", "apply_voucher"}:
        return _expect_before_shipping(name, status)
    if name == "not_received":
        if status in UNSHIPPED:
            return "wrong_status"
        late = days > 14
        return ("too_late" if late else "") if status in ARRIVED else ("" if late else "too_early")
    if status not in ARRIVED:
        return "not_delivered"
    if name in {"damaged", "wrong", "missing"}:
        return "too_late" if days > 7 else ""
    if status is S.RETURNED:
        return "already_returned"
    if category in {"underwear", "perishables"}:
        return "final_sale" if name == "return_items" else "not_exchangeable"
    return "too_late" if days > 30 else ""


def _expect_before_shipping(name: str, status: OrderStatus) -> str:
    if status in ON_THE_WAY:
        return "already_shipped"
    if status in ARRIVED:
        return "already_returned" if status is S.RETURNED else "already_delivered"
    if name in {"change_payment_method", "apply_voucher"} and status is not S.PENDING_PAYMENT:
        return "wrong_status"
    return "other_country" if name == "abroad" else ""


def say_refusal(name: str, reason: str, language: str, status: OrderStatus) -> str:
    window = {"not_received": 14, "return_items": 30, "exchange_items": 30, "resend_invoice": 360}.get(name, 7)
    label = WORDING.label(f"status_{status}", language)
    deadline = ARRIVAL + timedelta(days=window)
    return WORDING.say(
        f"refused_{reason}", language, number="12345", items=[TITLE], status=label, deadline=deadline
    )  # fmt: skip


def check_refused(reply: Reply, sentence: str) -> None:
    assert (reply.outcome, reply.drafts, reply.proposals) == (Outcome.REFUSED, (), ())
    assert reply.text == sentence


def check_draft(draft: Draft, before: Order) -> None:
    """Nothing but what may change changes, no money comes back that was not paid, no stock comes from nowhere."""
    assert (draft.order_number, draft.order_version) == (before.number, before.version)
    after = draft.change.order
    if after is None:
        assert draft.tool == "update_customer_address"
        return
    same = ("number", "customer_id", "currency", "placed_at", "shipments", "version", "email", "phone")
    assert [getattr(after, key) for key in same] == [getattr(before, key) for key in same]
    paid = sum(p.amount.amount for p in before.payments if p.status is PaymentStatus.PAID)
    assert sum(r.amount.amount for r in after.refunds) <= paid
    assert after.refunds[: len(before.refunds)] == before.refunds
    assert after.total.amount >= 0
    old, new = before.items[0], after.items[0]
    assert old.quantity_returned <= new.quantity_returned <= new.quantity == old.quantity
    left = old.quantity - old.quantity_returned
    assert draft.change.stock == {
        "cancel_order": {"v-i1": left},
        "change_items": {"v-i1": left, "v-new": -left},
        "exchange_items": {"v-new": -left},
    }.get(draft.tool, {})


def test_every_tool_that_writes_is_called() -> None:
    assert {c.name for c in CALLS.values()} == {t.name for t in TOOLS if t.kind is Kind.WRITE}


@pytest.mark.parametrize("name", CALLS)
async def test_every_status_and_both_sides_of_every_deadline_get_the_policys_own_answer(
    assistant: Assistant, name: str
) -> None:
    call = CALLS[name]
    tried = 0
    for status, (days, at), category in itertools.product(S, EDGES, ("shoes", "underwear")):
        shop = OneOrderShop(make_order(status, category), variants=(variant(),))
        reason = expect(name, status, days, category)
        for language in LANGUAGES:
            reply = await assistant.run(call, shop, language, moment(days, at))
            tried += 1
            if name == "apply_voucher" and not reason:  # a code that no policy knows
                check_refused(reply, WORDING.say("refused_voucher_invalid", language, code="FOREVER"))
            elif reason:
                check_refused(reply, say_refusal(name, reason, language, status))
            else:
                assert (reply.outcome, len(reply.drafts)) == (Outcome.PROPOSED, 1), (status, days, category)
                check_draft(reply.drafts[0], shop.order_kept)
    assert tried == len(S) * len(EDGES) * 2 * len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["change_address", "abroad", "change_payment_method", "update_customer_address"])
async def test_a_proof_of_contact_alone_redirects_neither_goods_nor_money(
    assistant: Assistant, name: str, language: str
) -> None:
    for status in S:
        shop = OneOrderShop(make_order(status), CONTACT)
        reply = await assistant.run(CALLS[name], shop, language, moment(1, "12:00:00"))
        reason = "" if name == "abroad" and status in UNSHIPPED else expect(name, status, 1)
        sentence = say_refusal(name, reason, language, status) if reason else WORDING.say("needs_account", language)
        check_refused(reply, sentence)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CALLS)
async def test_nobody_and_a_number_that_is_not_theirs_get_no_draft(
    assistant: Assistant, name: str, language: str
) -> None:
    stranger = OneOrderShop(make_order(S.PROCESSING), None)
    foreign = ToolCall(CALLS[name].name, {**CALLS[name].arguments, "order_number": "99999"})
    owner = OneOrderShop(make_order(S.PROCESSING))
    for call, shop, number in ((CALLS[name], stranger, "12345"), (foreign, owner, "99999")):
        reply = await assistant.run(call, shop, language, moment(1, "12:00:00"))
        if name == "update_customer_address" and shop is stranger:
            check_refused(reply, WORDING.say("needs_account", language))
            continue
        assert (reply.outcome, reply.drafts) == (Outcome.CLARIFIED, ())
        assert reply.text == WORDING.say("order_not_found", language, number=number)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", ["return_items", "exchange_items"])
async def test_an_item_that_is_back_already_cannot_be_sent_again_though_others_can(
    assistant: Assistant, tool: str, language: str
) -> None:
    goods = (item("i1", back=1), item("i2"))
    base = make_order(S.PARTLY_RETURNED)
    arrived = base.delivered_at
    kept = replace(base, items=goods, shipments=(parcel("s1", arrived, "i1", "i2"),))
    call = ToolCall(tool, {"order_number": "12345", "item": "i1", "variant": "v-new"})
    reply = await assistant.run(call, OneOrderShop(kept, variants=(variant(),)), language, moment(1, "12:00:00"))
    check_refused(reply, WORDING.say("refused_already_returned", language, items=[TITLE]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("tool", "status"), [("change_items", S.PROCESSING), ("exchange_items", S.DELIVERED)])
async def test_more_than_the_stock_holds_is_refused(
    assistant: Assistant, tool: str, status: OrderStatus, language: str
) -> None:
    shop = OneOrderShop(make_order(status), variants=(variant(stock=1),))
    reply = await assistant.run(CALLS[tool], shop, language, moment(1, "12:00:00"))
    check_refused(reply, WORDING.say("refused_out_of_stock", language, items=[TITLE]))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_cash_on_delivery_is_refused_above_its_limit_and_where_it_does_not_exist(
    assistant: Assistant, language: str
) -> None:
    call = ToolCall("change_payment_method", {"order_number": "12345", "method": "m2"})
    cheap = make_order(S.PENDING_PAYMENT)
    dear = replace(cheap, total=vnd(3_000_001))
    abroad = replace(cheap, address=replace(cheap.address, country="SG"))
    for kept, reason in ((dear, "cod_limit"), (abroad, "cod_not_available")):
        reply = await assistant.run(call, OneOrderShop(kept), language, moment(1, "12:00:00"))
        check_refused(reply, WORDING.say(f"refused_{reason}", language, number="12345"))
    reply = await assistant.run(call, OneOrderShop(cheap), language, moment(1, "12:00:00"))
    assert reply.outcome is Outcome.PROPOSED


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(CALLS)),
    status=st.sampled_from(S),
    days=st.integers(0, 900),
    second=st.integers(0, 86_399),
    category=st.sampled_from(["shoes", "underwear", "perishables"]),
    language=st.sampled_from(LANGUAGES),
    prices=st.tuples(st.integers(1_000, 900_000), st.integers(1_000, 900_000)),
    quantities=st.tuples(st.integers(1, 5), st.integers(0, 5)),
    discount=st.integers(0, 100),
    twice=st.booleans(),
)
async def test_whatever_the_order_nothing_forbidden_is_drafted_and_no_money_is_made(
    assistant: Assistant, name: str, status: OrderStatus, days: int, second: int, category: str, language: str,
    prices: tuple[int, int], quantities: tuple[int, int], discount: int, twice: bool,
) -> None:  # fmt: skip
    many, back = quantities
    back = {S.RETURNED: many, S.PARTLY_RETURNED: min(back, many - 1)}.get(status, 0)
    goods = item(price=prices[0], quantity=many, category=category, back=back)
    saved = prices[0] * many * discount // 100
    total = vnd(prices[0] * many + 30_000 - saved)
    base = make_order(status)
    payments = tuple(replace(p, amount=total) for p in base.payments)
    doubled = twice and status is not S.PENDING_PAYMENT
    kept = replace(
        base, items=(goods,), total=total, discount=vnd(saved), payments=payments * 2 if doubled else payments,
        trouble=Trouble.PAID_TWICE if doubled else None,
    )  # fmt: skip
    now = moment(days, "00:00:00") + timedelta(seconds=second)
    shop = OneOrderShop(kept, variants=(variant(prices[1], stock=9),))
    reply = await assistant.run(CALLS[name], shop, language, now)
    reason = "" if doubled and name == "request_refund" else expect(name, status, days, category)
    if reason:
        check_refused(reply, say_refusal(name, reason, language, status))
    elif name == "apply_voucher":
        assert (reply.outcome, reply.drafts) == (Outcome.REFUSED, ())
    elif name == "return_items" and reply.outcome is Outcome.REFUSED:  # all of its price was a discount
        assert saved >= prices[0] * many
    else:
        assert (reply.outcome, len(reply.drafts)) == (Outcome.PROPOSED, 1)
        check_draft(reply.drafts[0], kept)
