"""What is committed is what the sources build; the sources parse no markup and use every string that they carry."""

import json
import re
from pathlib import Path

from app.language.registry import LAUNCH
from app.widget import build
from app.wording import Wording

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in build.FOLDER.glob("*.ts")}
WORDING = Wording()


def test_what_is_committed_is_what_the_sources_build() -> None:
    """With Node also the bundle; without it the locales, the version and the loader."""
    assert build.find_differences() == []


def test_a_changed_string_would_be_found(tmp_path: Path) -> None:
    build.build(tmp_path)
    path = tmp_path / "locales" / "km.json"
    path.write_text(path.read_text(encoding="utf-8").replace("ផ្ញើ", "ផ្ញើ!"), encoding="utf-8")
    assert build.describe(tmp_path)["version"] != json.loads((build.STATIC / "manifest.json").read_text())["version"]


def test_every_string_is_there_in_every_language_and_used() -> None:
    for code in LAUNCH:
        labels = json.loads((build.STATIC / "locales" / f"{code}.json").read_text(encoding="utf-8"))
        assert list(labels) == build.KEYS
        assert labels == {key: WORDING.labels(code)[key] for key in build.KEYS}
    source = "".join(SOURCES.values())
    assert [key for key in build.KEYS if f'"{key}"' not in source] == []


def test_the_code_parses_no_markup_and_leaves_no_globals() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|srcdoc|window\.\w+ ="
    )
    for name, source in SOURCES.items():
        assert not re.search(forbidden, source), name
    assert (build.STATIC / "core.js").read_text(encoding="utf-8").startswith('"use strict";(()=>{')
