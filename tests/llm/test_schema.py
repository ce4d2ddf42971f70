"""A structured reply is believed only when it obeys its schema, here as well as on the server."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.schema import check_value

DECISION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "call": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"tool": {"const": "track_order"}, "order": {"enum": ["12345", "77001"]}},
                    "required": ["tool", "order"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"tool": {"const": "hand_off"}, "reason": {"type": "string", "maxLength": 10}},
                    "required": ["tool", "reason"],
                    "additionalProperties": False,
                },
            ]
        },
        "urgent": {"type": "boolean"},
        "items": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 2},
        "note": {"type": ["string", "null"]},
    },
    "required": ["call"],
    "additionalProperties": False,
}
TRACK = {"tool": "track_order", "order": "12345"}


@pytest.mark.parametrize(
    "value",
    [
        {"call": TRACK},
        {"call": {"tool": "hand_off", "reason": "ขอคุยกับคน"}, "urgent": True, "items": [1, 2], "note": None},
        {"call": TRACK, "items": [], "note": "မြန်မာ"},
    ],
)
def test_what_obeys_passes(value: Any) -> None:
    assert check_value(value, DECISION) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"call": {"tool": "track_order", "order": "99999"}},
        {"call": {"tool": "track_order"}},
        {"call": {"tool": "delete_everything", "order": "12345"}},
        {"call": {"tool": "hand_off", "reason": "x" * 11}},
        {"call": TRACK | {"customer": "someone else"}},
        {"call": TRACK, "urgent": 1},
        {"call": TRACK, "urgent": "true"},
        {"call": TRACK, "items": [0]},
        {"call": TRACK, "items": [True]},
        {"call": TRACK, "items": [1, 2, 3]},
        {"call": TRACK, "items": [1.5]},
        {"call": TRACK, "note": 5},
        {"call": TRACK, "surprise": 1},
    ],
)
def test_what_breaks_the_schema_is_found(value: Any) -> None:
    assert check_value(value, DECISION) is not None


def test_true_is_not_one() -> None:
    assert check_value(True, {"enum": [1]}) is not None
    assert check_value(1, {"const": True}) is not None
    assert check_value(True, {"type": "integer"}) is not None


def test_a_mistake_is_described_without_the_customers_words() -> None:
    mistake = check_value({"call": TRACK, "note": {"email": "siti@example.com"}}, DECISION)
    assert mistake is not None
    assert "siti" not in mistake


def test_a_keyword_that_nobody_checks_is_refused_loudly() -> None:
    with pytest.raises(ValueError, match="pattern"):
        check_value("x", {"type": "string", "pattern": "^a"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_json_gets_a_verdict(value: Any) -> None:
    verdict = check_value(value, DECISION)
    assert verdict is None or isinstance(verdict, str)
