"""A model's sentence is shown only when something that code wrote supports it, in every launch language."""

from dataclasses import replace
from datetime import datetime

import pytest

from app.guardrails import support
from app.guardrails.claims import Source
from app.guardrails.replies import Context, check_phrased, check_segment
from app.language.registry import LAUNCH
from app.models import Money
from app.wording import Wording
from bench.fabrication import DATA, POLICY, join, read_sentences

WORDING = Wording()
UNSEEN = read_sentences(DATA.with_name("fabrication_unseen7.tsv"))
NUMBER = "12345"


def context(language: str, key: str = "order_waiting_stock", state: str = "waiting_stock") -> Context:
    text = WORDING.say(key, language, number=NUMBER)
    record = Source(f"order:{NUMBER}", text, frozenset({state}))
    return Context(language, (record,), canned=text, now=datetime(2026, 11, 23, 10))  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize("language", LAUNCH)
def test_promises_in_words_that_no_list_has_are_stopped(language: str) -> None:
    for code in ("h5", "h6", "h7", "h9", "h12", "h22"):
        said = UNSEEN[language][code]
        assert not check_phrased(said, context(language)).passed, said


@pytest.mark.parametrize("language", LAUNCH)
def test_another_state_in_new_words_is_stopped_and_courtesy_is_not(language: str) -> None:
    for code in ("h1", "h2", "h3"):
        said = UNSEEN[language][code].replace("{n}", NUMBER)
        assert not check_phrased(said, context(language)).passed, said
    greeting = WORDING.say("greeting_short", language)
    assert check_phrased(greeting, context(language)).passed, greeting


@pytest.mark.parametrize("language", LAUNCH)
def test_a_true_half_carries_no_lie(language: str) -> None:
    true = WORDING.say("order_waiting_stock", language, number=NUMBER)
    for code in ("h3", "h6", "h9"):
        lie = UNSEEN[language][code].replace("{n}", NUMBER)
        for said in (join(true, lie, language), join(lie, true, language)):
            assert not check_phrased(said, context(language)).passed, said


@pytest.mark.parametrize(("said", "language"), [
    ("There are a lot of orders right now, so order 12345 takes a little longer.", "en"),
    ("Đơn 12345 đi chậm hơn vì lượng đơn hiện rất nhiều ạ.", "vi"),
    ("Pesanan 12345 sedikit lambat kerana pesanan terlalu banyak sekarang.", "ms"),
    ("订单12345还没发出，因为目前订单较多。", "zh-Hans"),
])  # fmt: skip
def test_a_reason_is_true_only_of_the_order_that_has_it(said: str, language: str) -> None:
    text = WORDING.say("order_processing", language, number=NUMBER)
    states = {"processing", "trouble:high_volume"}
    busy, other = (
        Context(language, (Source(f"order:{NUMBER}", text, frozenset(s)),), canned=text)
        for s in (states, {"processing", "trouble:address_incomplete"})
    )
    assert check_phrased(said, busy).passed
    assert not check_phrased(said, other).passed


@pytest.mark.parametrize(("said", "language"), [
    ("From the day your order is delivered, you have 30 days to send it back.", "en"),
    ("நீங்கள் திருப்பி அனுப்பியது எங்களை வந்தடைந்ததும், பணம் திரும்பக் கிடைக்க 5 முதல் 7 வேலை நாட்கள் ஆகும்.", "ta"),
])  # fmt: skip
def test_a_state_in_a_rule_is_none_of_an_order(said: str, language: str) -> None:
    rule = Source("policy:returns#window", POLICY)
    there = context(language)
    assert check_phrased(said, replace(there, sources=(*there.sources, rule))).passed
    lie = {"en": "Order 12345 is delivered.", "ta": "ஆர்டர் 12345 உங்களை வந்தடைந்தது."}[language]
    assert not check_phrased(lie, replace(there, sources=(*there.sources, rule))).passed


def test_what_came_back_has_arrived_at_the_shop_and_not_at_the_customer() -> None:
    said = "Ihre Rücksendung zur Bestellung 12345 ist bei uns angekommen."
    there = context("de", "order_returned", "returned")
    assert check_phrased(said, there).passed
    assert not check_phrased(said, context("de")).passed
    assert not check_phrased("Ihre Bestellung 12345 ist bei Ihnen angekommen.", there).passed


@pytest.mark.parametrize(("said", "language", "key", "state"), [
    ("Your order 12345 is being processed with customs.", "en", "order_in_customs", "in_customs"),
    ("기사님이 주문 12345 상품을 전달하러 방문하셨으나 받으실 분이 안 계셔서 배달하지 못했습니다.", "ko",
     "order_delivery_failed", "delivery_failed"),
])  # fmt: skip
def test_a_clear_meaning_outweighs_a_word_that_may_mean_two_things(
    said: str, language: str, key: str, state: str
) -> None:
    assert check_phrased(said, context(language, key, state)).passed
    assert not check_phrased(said, context(language)).passed


def test_that_the_shop_refunded_is_true_only_of_a_paid_refund() -> None:
    said = "Le reembolsamos el importe del pedido 12345."
    text = WORDING.say("refund_paid", "es", number=NUMBER, amount=Money(4267700, "EUR"), route="Visa")
    paid, due = (
        Context("es", (Source(f"order:{NUMBER}", text, frozenset({"returned", f"refund:{state}"})),), canned=text)
        for state in ("paid", "processing")
    )
    assert check_phrased(said, paid).passed
    assert not check_phrased(said, due).passed
    other = replace(due.sources[0], id="order:67890")
    assert check_segment(said, replace(paid, sources=(*paid.sources, other))).kind == "promise"


def test_what_is_true_of_one_order_is_not_said_while_another_may_be_meant() -> None:
    said = "Dạ, hàng của mình đã rời kho và đang trên đường tới chỗ anh/chị rồi ạ."
    there, other = context("vi"), context("vi", "order_shipped", "shipped")
    sent = replace(other.sources[0], id="order:67890", text=other.sources[0].text.replace(NUMBER, "67890"))
    both = replace(there, sources=(*there.sources, sent))
    assert not check_phrased(said, both).passed
    assert check_phrased(said, replace(both, shown="Đơn hàng #67890: ")).passed
    assert not check_phrased(said, replace(both, shown="Đơn hàng #12345: ")).passed


@pytest.mark.parametrize("language", LAUNCH)
def test_the_canned_response_itself_is_always_supported(language: str) -> None:
    for key, state in (("order_waiting_stock", "waiting_stock"), ("order_out_for_delivery", "out_for_delivery")):
        there = context(language, key, state)
        assert check_phrased(there.canned, there).passed, there.canned


@pytest.mark.parametrize("language", ["en", "th", "zh-Hans", "ar"])
def test_a_way_to_say_one_state_supports_no_other(language: str) -> None:
    said = read_sentences()[language]["s2"]
    assert check_phrased(said, context(language, "order_shipped", "shipped")).passed
    assert not check_phrased(said, context(language)).passed
    assert not check_phrased(said, context(language, "order_delivered", "delivered")).passed


@pytest.mark.parametrize("language", ["en", "vi", "km", "ja"])
def test_without_an_encoder_less_is_let_through_and_never_more(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [s.replace("{n}", NUMBER) for c, s in UNSEEN[language].items() if "{d" not in s and "{a" not in s]
    there = context(language)
    with_it = {s for s in said if check_phrased(s, there).passed}
    support._read_meaning.cache_clear()
    monkeypatch.setattr(support, "shared", lambda: None)
    try:
        assert {s for s in said if check_phrased(s, there).passed} <= with_it
        assert check_phrased(there.canned, replace(there)).passed
    finally:
        support._read_meaning.cache_clear()
