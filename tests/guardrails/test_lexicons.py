"""Every word list compiles, in every launch language, and says as much as the English one."""

import pytest
import regex

from app.guardrails.lexicon import compiled, entry, fragments, lexicon_code, load_shared
from app.language.registry import LAUNCH

SECTIONS = (
    "numbers",
    "multipliers",
    "currencies",
    "units",
    "relative",
    "periods",
    "weekdays",
    "clock",
    "statuses",
    "will",
    "did",
    "grants",
)
PLAIN = ("order", "courtesy", "joins", "negations", "modals", "offers", "insults", "advice")
STATUSES = {
    "shipped",
    "delivered",
    "cancelled",
    "refunded",
    "out_for_delivery",
    "delivery_failed",
    "waiting_stock",
    "processing",
}
PROMISES = {"check", "contact", "call_back", "handed_off", "cancelled", "refunded", "changed", "sent", "arranged"}


@pytest.mark.parametrize("language", LAUNCH)
def test_a_launch_language_has_a_lexicon_of_its_own_with_every_section(language: str) -> None:
    assert lexicon_code(language) == language
    for section in SECTIONS:
        assert isinstance(entry(language, section), dict), section
    for section in PLAIN:
        assert fragments(language, section), section
    assert entry(language, "statuses").keys() >= STATUSES
    assert entry(language, "will").keys() >= PROMISES - {"exchanged"}
    assert entry(language, "relative").keys() >= {-1, 0, 1, 2}
    assert entry(language, "weekdays").keys() == set(range(1, 8))


@pytest.mark.parametrize("language", LAUNCH)
def test_every_entry_compiles_and_none_matches_nothing(language: str) -> None:
    def visit(path: tuple[str | int, ...], value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                visit((*path, key), inner)
        elif path[0] not in ("words", "negation_window", "verb_final", "units_first", "spaces_in_clause"):
            for part in fragments(language, *path):
                assert not regex.compile(part).fullmatch(""), (path, part)
            compiled(language, *path)

    visit((), load_shared(language))


@pytest.mark.parametrize("language", LAUNCH)
def test_chinese_lists_keep_to_their_own_characters(language: str) -> None:
    from app.language.scripts import han_standard

    other = {"zh-Hant": "Hans", "zh-Hans": "Hant"}.get(language)
    if other:
        text = str(load_shared(language))
        assert {c for c in text if han_standard(c) == other} == set()
