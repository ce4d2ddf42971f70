"""States are read from sentences of every language: asserted, denied, or only spoken of."""

from datetime import date

import pytest

from app.guardrails.folding import fold
from app.guardrails.statuses import find_statuses, known_statuses
from app.language.registry import LAUNCH
from app.models import Money
from app.wording import Wording
from bench.fabrication import read_sentences

WORDING = Wording()
SENTENCES = read_sentences()
# What each canned sentence asserts.
CANNED = {
    "order_pending_payment": {"payment_pending"},
    "order_processing": {"processing", "not_shipped"},
    "order_waiting_stock": {"waiting_stock", "not_shipped"},
    "order_shipped": {"shipped"},
    "order_shipped_on": {"shipped"},
    "order_in_customs_on": {"in_customs"},
    "order_out_for_delivery": {"out_for_delivery"},
    "order_delivered": {"delivered"},
    "order_delivered_on": {"delivered"},
    "delivered_on": {"delivered"},
    "order_delivery_failed": {"delivery_failed"},
    "order_cancelled": {"cancelled"},
    "order_cancelled_on": {"cancelled"},
    "order_returned": {"returned"},
    "no_refund": {"not_refunded"},
    "refund_requested": {"refund_pending"},
    "refund_approved": {"refund_approved"},
    "refund_processing": {"refund_pending"},
    "refund_paid_on": {"refunded"},
    "refund_rejected": {"refund_rejected"},
    "why_payment_failed": {"payment_failed"},
    "ship_expected": set(),
    "delivery_expected": set(),
    "ask_order_number": set(),
    "thanks_reply": set(),
}


def states(text: str, language: str) -> set[str]:
    return {span.value for span in find_statuses(fold(text).text, language)}


@pytest.mark.parametrize("language", LAUNCH)
@pytest.mark.parametrize("key", CANNED)
def test_a_canned_sentence_asserts_its_state_and_no_other(language: str, key: str) -> None:
    values = {"number": "12345", "date": date(2026, 5, 13), "amount": Money(5990, "MYR"), "route": "Visa"}
    found = states(WORDING.say(key, language, **values), language)
    assert CANNED[key] <= known_statuses((), found)
    assert found <= known_statuses((), CANNED[key])


@pytest.mark.parametrize("language", LAUNCH)
@pytest.mark.parametrize("code", ["p1", "p2", "p3", "p4", "p5", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8"])
def test_rules_conditions_offers_and_questions_assert_no_state(language: str, code: str) -> None:
    assert states(SENTENCES[language][code], language) == set()


@pytest.mark.parametrize("language", LAUNCH)
def test_not_yet_shipped_is_never_read_as_shipped(language: str) -> None:
    assert "shipped" not in states(SENTENCES[language]["w1"], language)


def test_a_record_implies_what_comes_before_and_denies_what_comes_after() -> None:
    known = known_statuses(["shipment:out_for_delivery"], [])
    assert {"shipped", "out_for_delivery", "not_delivered", "not_cancelled"} <= known
    assert known.isdisjoint({"delivered", "cancelled", "not_shipped", "refunded"})


def test_the_codes_of_a_record_overrule_what_its_prose_seems_to_say() -> None:
    known = known_statuses(["waiting_stock"], ["delivered", "delayed"])
    assert "delivered" not in known
    assert {"waiting_stock", "not_delivered", "delayed"} <= known
