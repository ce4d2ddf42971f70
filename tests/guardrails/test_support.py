"""A model's sentence is shown only when something that code wrote supports it, in every launch language."""

from dataclasses import replace
from datetime import datetime

import pytest

from app.guardrails import support
from app.guardrails.claims import Source
from app.guardrails.replies import Context, check_phrased
from app.language.registry import LAUNCH
from app.wording import Wording
from bench.fabrication import DATA, read_sentences

WORDING = Wording()
UNSEEN = read_sentences(DATA.with_name("fabrication_unseen5.tsv"))
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
