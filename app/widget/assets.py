"""The built files of the widget as browsers get them: read once, compressed once, named by the build's version.

Owns the look-up of a file and the choice of an encoding. Leaves HTTP to ``api.widget`` and what is in the files,
the version and the core's integrity hash inside the loader among it, to the build (README.md beside this).
"""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli

STATIC = Path(__file__).with_name("static")
LOADER = "loader.js"
JAVASCRIPT = "text/javascript; charset=utf-8"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Asset:
    """One file, ready to be sent."""

    body: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        """Weak, because it stands for every encoding."""
        return f'W/"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    @cached_property
    def brotli(self) -> bytes:
        return bytes(brotli.compress(self.body, mode=brotli.MODE_TEXT, quality=11))

    @cached_property
    def gzip(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)

    def encode(self, accepted: str) -> tuple[bytes, str | None]:
        """The body and its Content-Encoding for an Accept-Encoding header."""
        names = _accepted_names(accepted)
        if "br" in names:
            return self.brotli, "br"
        if "gzip" in names:
            return self.gzip, "gzip"
        return self.body, None


class Assets:
    """All files of one build. Raises FileNotFoundError where the build is missing."""

    def __init__(self, folder: Path = STATIC) -> None:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        self.version: str = manifest["version"]
        """Changes with any byte of the build."""
        self.loader = Asset((folder / LOADER).read_bytes(), JAVASCRIPT)
        self._files = {"core.js": Asset((folder / "core.js").read_bytes(), JAVASCRIPT)}
        for path in sorted((folder / "locales").glob("*.json")):
            self._files[f"locales/{path.name}"] = Asset(path.read_bytes(), JSON)

    def find(self, version: str, name: str) -> Asset | None:
        """A file by its path below the version. Only names that were read at the start exist."""
        return self._files.get(name) if version == self.version else None


def _accepted_names(header: str) -> set[str]:
    """The encodings that an Accept-Encoding header allows; ``*`` is not taken for any."""
    names = set()
    for part in header.split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0") not in ("q=", "q=0."):
            names.add(name.strip().lower())
    return names
