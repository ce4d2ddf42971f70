"""A translation promises what its original promises, is quoted word for word, and never breaks an answer."""

from pathlib import Path
from shutil import copytree

import pytest

from app.language.registry import LAUNCH
from app.models import Outcome
from app.policies import check, load
from tests.counter import Counter

POLICIES = Path(__file__).resolve().parents[2] / "policies"
QUESTIONS = {
    "en": "does the warranty cover water damage",
    "vi": "bảo hành có bao gồm hư do nước không",
    "th": "ประกันกี่เดือน",
    "ms": "kena hujan, warranty cover tak?",
    "id": "garansi kena air berlaku gak",
    "km": "ធានាប៉ុន្មានខែ",
    "my": "အာမခံ ဘယ်နှလလဲ",
    "ar": "كم مدة الضمان",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copytree(POLICIES, tmp_path / "policies")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("language", [code for code in LAUNCH if code != "en"])
def test_every_policy_of_the_demo_shop_is_translated(language: str) -> None:
    missing = [p.id for p in load(POLICIES).policies.values() if language not in p.translations]
    assert not missing


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("{{ rules.window_days }}", "30", "section window: does not use rules.window_days"),
        ("{{ rules.window_days }}", "{{ rules.send_within_days }}", "section window: uses rules.send_within_days"),
        ("{#window}\n", "{#window}\n45 ", "section window: says 45"),
        ("{#fee}", "{#how}", "section fee: is not translated"),
    ],
)
def test_what_a_translation_promises_otherwise_is_found(folder: Path, old: str, new: str, complaint: str) -> None:
    edit(folder / "returns.th.md", old, new)
    found = [str(mistake) for mistake in check(folder)]
    assert any("returns.th.md" in mistake and complaint in mistake for mistake in found), found


def test_an_edit_of_the_original_that_its_translations_miss_is_found(folder: Path) -> None:
    edit(folder / "shipping.md", "can take 2 days more", "can take 3 days more")
    (found,) = [mistake for mistake in check(folder) if "does not say 3" in str(mistake)]
    assert found.file == "shipping.md"
    assert all(f"shipping.{code}.md" in str(found) for code in LAUNCH if code != "en")


def test_a_translation_that_cannot_be_rendered_gives_way_to_the_original(folder: Path) -> None:
    edit(folder / "returns.vi.md", "{{ rules.window_days }}", "{{ rules.windows }}")
    (rendered,) = load(folder).render("returns", "window", language="vi")
    assert rendered.language == "en"
    assert "30 days" in rendered.text
    assert any(mistake.file == "returns.vi.md" for mistake in check(folder))


@pytest.mark.parametrize("language", QUESTIONS)
async def test_a_question_about_a_rule_is_answered_with_the_section_that_was_asked_for(
    counter: Counter, language: str
) -> None:
    reply = await (await counter.visit(language)).say(QUESTIONS[language])
    (section,) = counter.services.policies.render("warranty", "length", language=language)
    assert reply.outcome is Outcome.ANSWERED
    assert reply.text == section.text
    assert ("warranty", "length") in {(citation.policy, citation.section) for citation in reply.citations}
