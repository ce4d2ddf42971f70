"""A policy's prose says of an order what the rules decide, and nothing personal."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.language.registry import LAUNCH
from app.models import OrderStatus
from app.policies import load
from app.policies.rendering import plain_text
from tests.policies.orders import SAIGON, delivered, local, order

POLICIES = load(Path(__file__).resolve().parents[2] / "policies")
NOW = local(2026, 11, 10)


def text_of(policy: str, section: str, about: object = None) -> str:
    (rendered,) = POLICIES.render(policy, section, about, SAIGON, NOW)  # type: ignore[arg-type]
    return rendered.text


def test_the_deadline_in_the_prose_is_the_day_on_which_the_window_closes() -> None:
    assert "returns close on December 1, 2026" in text_of("returns", "window", delivered(local(2026, 11, 1, 23, 55)))


def test_without_an_order_nothing_is_said_about_one() -> None:
    for policy in POLICIES.policies.values():
        for section in POLICIES.render(policy.id):
            assert "12345" not in section.text
            assert "{" not in section.text
            assert "None" not in section.text


@pytest.mark.parametrize("language", LAUNCH)
def test_every_section_renders_for_every_status_and_names_no_person(language: str) -> None:
    for status in OrderStatus:
        some = replace(delivered(local(2026, 11, 1)), status=status)
        for policy in POLICIES.policies.values():
            for section in POLICIES.render(policy.id, None, some, SAIGON, NOW, language):
                assert section.language == language
                assert some.email not in section.text
                assert some.phone not in section.text
                assert some.address.recipient not in section.text


def test_the_prose_about_cancelling_follows_the_decision() -> None:
    assert "can still be cancelled" in text_of("cancellation", "when", order())
    assert "cannot be cancelled any more" in text_of("cancellation", "when", order(status=OrderStatus.SHIPPED))


def test_links_and_marks_become_plain_text() -> None:
    assert plain_text("See [the **fee**](returns.md#fee).\n\n\n\n`x`") == "See the fee.\n\nx"


@pytest.mark.parametrize(
    ("language", "days"), [("en", "Monday–Saturday"), ("th", "วันจันทร์–วันเสาร์"), ("hi", "सोमवार–शनिवार")]
)
def test_what_may_be_said_of_the_shop_holds_its_hours_in_the_customers_language(language: str, days: str) -> None:
    lines = POLICIES.describe_shop(language).split("\n")
    assert lines[0] == f"Shop: {POLICIES.shop.name}"
    assert lines[-1].startswith(days)
    assert POLICIES.shop.contacts["phone"] in lines[-2]
