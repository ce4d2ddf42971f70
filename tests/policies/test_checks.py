"""`kaunter policy check` finds every planted mistake, with the file and the line that an editor shows."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import NotFound, PolicyError
from app.policies import check, load
from app.policies.rules import ReturnsRules

POLICIES = Path(__file__).resolve().parents[2] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def plant(folder: Path, name: str, old: str, new: str) -> int:
    """Replace once; the line (from 1) on which the replacement begins."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


PLANTS = [
    ("returns.md", "title: Returns", "title: [Returns", 1, "bad YAML"),
    ("returns.md", "  window_days: 30", "  windw_days: 30\n  window_days: 30", 0, "unknown rule windw_days"),
    ("returns.md", "window_days: 30", "window_days: a month", 0, "rule window_days"),
    ("returns.md", "  window_days: 30\n", "", -5, "rule window_days is missing"),
    ("returns.md", "{{ rules.window_days }}", "{{ rules.window_day }}", 0, "window_day"),
    ("returns.md", "{% if order and order.return_deadline %}", "{% if order %}", 2, "date needs a date"),
    ("returns.md", "{% endif %}", "", None, "Unexpected end of template"),
    ("exchanges.md", "window_days: 30", "window_days: 60", 0, "longer than returns.window_days 30"),
    ("address-change.md", "[pending_payment,", "[shipped, pending_payment,", 0, "the address may change in shipped"),
    ("delays.md", "late_after_days: 3", "late_after_days: 30", 0, "lost before it is late"),
    ("refunds.md", "    card: [5, 10]\n", "", -1, "does not say how long card takes"),
    ("refunds.md", "(returns.md#fee)", "(return.md#fee)", 0, "dead link return.md#fee"),
    ("refunds.md", "(returns.md#fee)", "(returns.md#fees)", 0, "dead link returns.md#fees"),
    ("cancellation.md", "## Until when you can cancel {#when}", "## Until when {#after}", None, "appears twice"),
    ("warranty.md", "id: warranty", "id: guarantee", 0, "differ"),
    ("customs.md", "  km:\n", "  kh:\n", 0, "unknown language kh"),
    ("payment.md", "cod_countries: [VN,", "cod_countries: [NO,", 0, 'write "NO" in quotes'),
    ("privacy.md", "    delete:", "    deleted:", None, "names no section of this policy: deleted"),
    ("vouchers.md", "  per_order: 1\n", "  per_order: 1\n  per_order: 2\n", 1, "rules.per_order appears twice"),
    ("shop.yaml", "time_zone: Asia/Singapore", "time_zone: Asia/Singapur", 0, "is not a time zone"),
]


@pytest.mark.parametrize(("file", "old", "new", "offset", "message"), PLANTS)
def test_a_planted_mistake_is_found_where_it_is(
    folder: Path, file: str, old: str, new: str, offset: int | None, message: str
) -> None:
    line = plant(folder, file, old, new)
    found = [mistake for mistake in check(folder) if message in str(mistake)]
    assert found, [str(mistake) for mistake in check(folder)]
    assert {mistake.file for mistake in found} == {file}
    if offset is not None and offset >= 0:
        assert line + offset in {mistake.line for mistake in found}


def test_several_mistakes_in_several_files_are_reported_together(folder: Path) -> None:
    plant(folder, "returns.md", "window_days: 30", "window_days: none")
    plant(folder, "customs.md", "usual_days: [1, 4]", "usual_days: [4, 1]")
    plant(folder, "refunds.md", "(returns.md#fee)", "(nowhere.md)")
    assert {mistake.file for mistake in check(folder)} >= {"returns.md", "customs.md", "refunds.md"}


def test_a_policy_without_examples_is_a_mistake(folder: Path) -> None:
    path = folder / "warranty.md"
    front, body = path.read_text(encoding="utf-8").split("examples:\n", 1)
    path.write_text(f"{front}---\n{body.split('---', 1)[1].lstrip()}", encoding="utf-8")
    assert any("no example questions" in str(mistake) for mistake in check(folder))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"no front matter", "first line must be ---"),
        (b"---\nid: extra\n", "no end"),
        (b"---\n- a\n- b\n---\n## T\nx", "key: value"),
        (b"---\nid: extra\ntitle: T\nexamples: {vi: 5}\n---\n## T\nx", "list of questions"),
        (b"---\nid: extra\ntitle: T\n---\n", "no text"),
        (b"---\nid: extra\ntitle: T\nrules: 5\n---\n## T\nx", "rules must be a map"),
        (b"---\nid: extra\ntitle: T\n---\n## T\n{{ ''.__class__.__mro__ }}", "unsafe"),
        (b"---\nid: extra\ntitle: T\n---\n## T\n{% if %}", "section t"),
    ],
)
def test_any_broken_file_is_one_clear_mistake_and_never_an_exception(
    folder: Path, content: bytes, message: str
) -> None:
    (folder / "extra.md").write_bytes(content)
    found = [mistake for mistake in check(folder) if mistake.file == "extra.md"]
    assert any(message in str(mistake) for mistake in found), [str(mistake) for mistake in found]


def test_the_demo_shops_policies_have_no_mistake() -> None:
    assert check(POLICIES) == []


def test_loading_stops_at_the_first_mistake_with_its_place(folder: Path) -> None:
    line = plant(folder, "returns.md", "window_days: 30", "window_days: x")
    with pytest.raises(PolicyError) as caught:
        load(folder)
    assert (caught.value.file, caught.value.line) == ("returns.md", line)


def test_a_good_edit_is_taken_live_and_a_bad_one_keeps_the_last_good_and_says_so(folder: Path) -> None:
    policies = load(folder)
    assert policies.reload_if_changed() is None
    plant(folder, "returns.md", "window_days: 30", "window_days: 45")
    reload = policies.reload_if_changed()
    assert reload is not None
    assert reload.ok
    assert policies.rules(ReturnsRules).window_days == 45
    plant(folder, "returns.md", "window_days: 45", "window_days: forever")
    reload = policies.reload_if_changed()
    assert reload is not None
    assert not reload.ok
    assert "returns.md" in reload.message
    assert policies.rules(ReturnsRules).window_days == 45
    assert policies.mistakes
    assert policies.reload_if_changed() is None


def test_an_edit_that_checks_clean_but_cannot_be_rendered_is_a_bad_edit_too(folder: Path) -> None:
    policies = load(folder)
    plant(folder, "returns.md", "{{ rules.window_days }}", "{{ rules.windows }}")
    reload = policies.reload_if_changed()
    assert reload is not None
    assert not reload.ok
    assert "30 days" in policies.render("returns", "window")[0].text


def test_a_translation_is_rendered_in_its_language_and_checked_against_the_original(folder: Path) -> None:
    vietnamese = "---\ntitle: Trả hàng\n---\n## Hạn trả {#window}\nTrong {{ rules.window_days }} ngày.\n"
    (folder / "returns.vi.md").write_text(vietnamese, encoding="utf-8")
    policies = load(folder)
    assert policies.render("returns", "window", language="vi")[0].text == "Trong 30 ngày."
    assert policies.render("returns", "window", language="sw")[0].text.startswith("Delivered items")
    (folder / "returns.vi.md").write_text(vietnamese.replace("#window", "#hạn"), encoding="utf-8")
    assert any(mistake.file == "returns.vi.md" for mistake in check(folder))


def test_an_unknown_policy_or_section_is_not_found() -> None:
    policies = load(POLICIES)
    for wrong in (("nothing", None), ("returns", "nothing")):
        with pytest.raises(NotFound):
            policies.render(*wrong)


def test_a_template_cannot_reach_the_machine(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    escape: Callable[[str], str] = "{{% for c in ''.__class__.__mro__ %}}{}{{% endfor %}}".format
    plant(folder, "returns.md", "{{ rules.window_days }}", escape("x"))
    assert any(mistake.file == "returns.md" for mistake in check(folder))
