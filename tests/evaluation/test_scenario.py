"""A scenario file says what is wrong with it, by file and line, before anything runs."""

from pathlib import Path

import pytest

from app.config import find_content
from app.errors import ScenarioError
from app.evaluation.sampling import draw_sample, list_scenarios
from app.evaluation.scenario import Situation, read_situation, read_suite

GOOD = """\
situation: late-parcel
title: A late parcel
expect:
  outcome: answered
  says: [order.number]
languages:
  th: ["ของยังไม่มา {order.number}"]
  vi: ["đơn {order.number} sao lâu quá"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "late-parcel.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    situation = read_situation(write(tmp_path, GOOD))
    assert situation.languages["th"].turns[0].say == "ของยังไม่มา {order.number}"
    assert situation.expect.handoff is False


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("outcome: answered", "outcome: solved", 4, "outcome"),
        ("says: [order.number]", "says: [order number]", 5, "path"),
        ("says: [order.number]", "says: [parcel.number]", 1, "parcel.number"),
        ("says: [order.number]", "says: [{en: [late]}]", 1, "no words in th"),
        ("says: [order.number]", "saying: [order.number]", 5, "saying"),
        ("{order.number}", "{account.number}", 1, "account.number"),
        ("  th: [", "  thai!: [", 1, "thai!"),
        ("title: A late parcel", "title: [", 4, "YAML"),
        ("  vi: [", "  vi: {turn: [", 9, "YAML"),
        ("expect:", "turns: [{}, {}]\nexpect:", 1, "2 entries"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, part: str) -> None:
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ScenarioError) as caught:
        read_situation(path)
    assert part in str(caught.value)
    assert abs(caught.value.line - line) <= 1


def test_garbage_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for data in (b"", b"\xff\xfe\x00", b"- a\n- b\n", b"a: &b [*b]\n"):
        path.write_bytes(data)
        with pytest.raises(ScenarioError):
            read_situation(path)


def test_the_suite_of_this_version_can_be_read() -> None:
    suite = read_suite(find_content("scenarios"))
    assert all(Path(f"scenarios/{s.situation}.yaml").name for s in suite)
    assert all((find_content("scenarios") / f"{s.situation}.yaml").is_file() for s in suite)


def test_two_files_with_the_same_situation_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "other.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ScenarioError, match="same situation"):
        read_suite(tmp_path)


def make_suite(situations: int, languages: list[str]) -> list[Situation]:
    return [
        Situation.model_validate(
            {"situation": f"s{n}", "title": "x", "expect": {}, "languages": {code: ["a"] for code in languages}}
        )
        for n in range(situations)
    ]


def test_a_sample_gives_every_situation_and_every_language_its_share() -> None:
    scenarios = list_scenarios(make_suite(20, ["en", "vi", "th", "ms", "id", "km", "lo", "my", "ta", "hi", "ar", "ja"]))
    sample = draw_sample(scenarios, 60)
    counts = [sum(s.situation.situation == f"s{n}" for s in sample) for n in range(20)]
    assert set(counts) == {3}
    shares = [sum(s.language == code for s in sample) for code in ("vi", "km", "ar")]
    assert all(3 <= share <= 7 for share in shares)
    assert [s.key for s in sample] == [s.key for s in draw_sample(scenarios, 60)]
    assert len({s.key for s in draw_sample(scenarios, 10_000)}) == 240


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ScenarioError, match="xx"):
        list_scenarios(make_suite(1, ["en"]), ["xx"])
