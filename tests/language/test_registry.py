"""The registry names every language that the product speaks, and finds them under all their tags."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.language import LANGUAGES, LAUNCH, find, negotiate


def test_the_launch_languages_are_the_twenty_two_of_the_design() -> None:
    design = "en zh-Hans zh-Hant vi th ms id fil km lo my ta hi bn ja ko ar es pt fr de ru"
    assert " ".join(LAUNCH) == design
    assert list(LANGUAGES)[: len(LAUNCH)] == list(LAUNCH)


@pytest.mark.parametrize("code", LANGUAGES)
def test_babel_knows_every_locale_and_agrees_on_direction(code: str) -> None:
    language = LANGUAGES[code]
    locale = Locale.parse(language.locale)
    assert locale.territory
    assert locale.text_direction == language.direction
    assert find(code) is find(code.upper()) is find(language.locale) is language


def test_fallbacks_end() -> None:
    for language in LANGUAGES.values():
        seen = {language.code}
        while language.fallback:
            assert language.fallback not in seen
            seen.add(language.fallback)
            language = LANGUAGES[language.fallback]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"), ("zh-Hans-HK", "zh-Hans"),
        ("ZH-hant", "zh-Hant"),
        ("tl", "fil"), ("tl-PH", "fil"), ("in", "id"), ("iw", "he"), ("th-TH", "th"), ("pt_BR", "pt"),
        ("yue", "zh-Hant"),
        ("zsm", "ms"), ("vi-VN-x-private", "vi"),
    ],
)  # fmt: skip
def test_a_tag_finds_its_language(tag: str, code: str) -> None:
    found = find(tag)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("header", "served", "expected"),
    [
        ("vi-VN,vi;q=0.9,en;q=0.8", ("en", "vi"), "vi"),
        ("km;q=0.3, lo;q=0.9", ("km", "lo"), "lo"),
        ("zh-TW", ("en", "zh-Hans"), "zh-Hans"),
        ("zh-CN", ("en", "zh-Hant"), "zh-Hant"),
        ("jv", ("th", "id"), "id"),
        ("my;q=0, ms", ("my", "ms"), "ms"),
        ("xx, ta", ("en", "ta"), "ta"),
        (";;q=,,*", ("th",), "th"),
        (None, ("th",), "th"),
    ],
)
def test_a_header_is_answered_with_a_served_language(
    header: str | None, served: tuple[str, ...], expected: str
) -> None:
    assert negotiate(header, served, served[0] if header is None or header.startswith(";") else "en") == expected


@given(st.text(max_size=80))
def test_any_header_gets_an_answer(header: str) -> None:
    assert negotiate(header, ("th", "id"), "th") in ("th", "id")
    found = find(header)
    assert found is None or found.code in LANGUAGES
