"""A policy's value is said of what the policy says it of, also where another value of it stands beside."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.guardrails.claims import Evidence, judge
from app.guardrails.folding import fold
from app.guardrails.records import read_sources
from app.guardrails.segments import Segmenter
from app.guardrails.subjects import find_places, is_misplaced
from app.language.registry import LAUNCH
from app.policies import load
from bench.swaps import read_sections

POLICIES = load(Path(__file__).parents[2] / "policies")


def untraced(text: str, policy: str, language: str, *, shown: str = "", question: str = "") -> list[str]:
    evidence = Evidence(language, read_sections(POLICIES, policy, language), shown=shown, question=question)
    return [claim.text for claim in judge(text, evidence) if claim.source is None]


PLACED = [
    ("en", "warranty", "Bags have {} months of warranty.", "6", "12"),
    ("en", "shipping", "Shipping costs {}.", "S$3.90", "S$40.00"),
    ("vi", "refunds", "Tiền về ví điện tử mất {} ngày ạ.", "1–3", "5–10"),
    ("th", "refunds", "คืนเงินเข้าอีวอลเล็ตใช้เวลา {} วันค่ะ", "1–3", "5–10"),
    ("ms", "shipping", "Penghantaran ke Thailand mengambil masa {} hari.", "3–6", "2–4"),
    ("id", "shipping", "Pengiriman di dalam Vietnam butuh {} hari, Kak.", "2–4", "3–5"),
    ("zh-Hans", "refunds", "退到电子钱包需要{}天。", "1–3", "5–10"),
    ("ja", "warranty", "バッグの保証期間は{}か月です。", "6", "12"),
    ("ar", "warranty", "ضمان الحقائب {} أشهر.", "6", "3"),
    ("hi", "refunds", "रिफ़ंड ई-वॉलेट में {} दिन में आ जाता है।", "1–3", "5–10"),
    ("de", "refunds", "Auf ein Bankkonto dauert die Erstattung {} Tage.", "2–5", "5–10"),
    ("ru", "refunds", "На карту деньги приходят за {} дней.", "5–10", "1–3"),
]


@pytest.mark.parametrize(("language", "policy", "sentence", "own", "other"), PLACED)
def test_a_value_is_that_of_its_own_rule_and_of_no_other(
    language: str, policy: str, sentence: str, own: str, other: str
) -> None:
    assert untraced(sentence.format(own), policy, language) == []
    assert len(untraced(sentence.format(other), policy, language)) == 1


def test_two_values_of_one_sentence_are_each_held_to_their_own_words() -> None:
    sentence = "A refund to an e-wallet takes {} days and to a card {} days."
    assert untraced(sentence.format("1–3", "5–10"), "refunds", "en") == []
    assert len(untraced(sentence.format("5–10", "1–3"), "refunds", "en")) == 2


@pytest.mark.parametrize(
    ("language", "question", "sentence", "own", "other"),
    [
        ("en", "how long until it is on my e-wallet", "It takes {} days.", "1–3", "5–10"),
        ("vi", "hoàn về thẻ thì bao lâu em", "Mất {} ngày ạ.", "5–10", "1–3"),
        ("zh-Hans", "退到银行账户要几天", "需要{}天。", "2–5", "5–10"),
    ],
)
def test_where_a_sentence_tells_nothing_apart_the_question_does(
    language: str, question: str, sentence: str, own: str, other: str
) -> None:
    assert untraced(sentence.format(own), "refunds", language, question=question) == []
    assert untraced(sentence.format(other), "refunds", language, question=question) != []
    assert untraced(sentence.format(other), "refunds", language) == []


def test_what_was_just_said_comes_before_the_question() -> None:
    question = "how long until it is on my e-wallet"
    shown = "You paid by card, so it goes to your card."
    assert untraced("It takes 5–10 days.", "refunds", "en", shown=shown, question=question) == []


def test_one_bound_of_a_span_is_that_span() -> None:
    assert untraced("A refund to an e-wallet takes at most 3 days.", "refunds", "en") == []


@pytest.mark.parametrize("language", LAUNCH)
def test_what_a_policy_itself_says_is_never_held_against_it(language: str) -> None:
    for policy in POLICIES.policies:
        facts = read_sources(read_sections(POLICIES, policy, language), language)
        for source in facts:
            segmenter = Segmenter()
            for sentence in (*segmenter.feed(source.text), *segmenter.flush()):
                text = fold(sentence).text
                for place in find_places(text, language):
                    assert not is_misplaced(place.span, text, language, facts, ())


@given(st.text(st.sampled_from("0123456789 -–,.:$฿days ngày วัน日ကယ្ថ"), max_size=60), st.sampled_from(LAUNCH))
@settings(max_examples=200, deadline=None)
def test_any_text_has_places_that_lie_in_it(text: str, language: str) -> None:
    folded = fold(text).text
    for place in find_places(text, language, text):
        assert 0 <= place.span.start < place.span.end <= len(folded)
