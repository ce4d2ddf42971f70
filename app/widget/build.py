"""Builds what a storefront loads into ``static/``: the locale files from the catalogues, the bundle where Node is.

``python app/widget/build.py`` writes; with ``--check`` it only says whether what is committed is what would be built.
The bundle needs ``npm ci`` in this folder; nobody who only runs Kaunter needs Node. Leaves serving to ``assets``.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[1]))

from app.language.registry import LANGUAGES, LAUNCH  # noqa: E402
from app.wording import Wording  # noqa: E402

STATIC = FOLDER / "static"
ESBUILD = FOLDER / "node_modules" / ".bin" / "esbuild"
KEYS = (FOLDER / "keys.txt").read_text().split()
"""The strings of the domain ``customer`` that the widget shows; a test finds each of them in the source."""


def build_locales(folder: Path) -> None:
    """One JSON file a language, small enough to load on demand."""
    wording = Wording()
    for code in LAUNCH:
        labels = wording.labels(code)
        text = json.dumps({key: labels[key] for key in KEYS}, ensure_ascii=False, separators=(",", ":"))
        (folder / "locales").mkdir(parents=True, exist_ok=True)
        (folder / "locales" / f"{code}.json").write_text(text)


def build_languages() -> str:
    """The source of ``languages.ts``: the picker's names, and which locales there are."""
    names = json.dumps({code: LANGUAGES[code].autonym for code in LAUNCH}, ensure_ascii=False, indent=2)
    rtl = json.dumps([code for code in LAUNCH if LANGUAGES[code].direction == "rtl"])
    return (
        "/** Written by `build.py` from the registry: the launch languages, and who reads leftwards. */\n"
        f"export const LOCALES: Record<string, string> = {names};\n\nexport const RTL: string[] = {rtl};\n"
    )


def bundle(folder: Path) -> None:
    """The core, then the loader that names its version and hash; both are the same bytes on every machine."""
    style = _esbuild("style.css", "--minify")
    target = ["--bundle", "--minify", "--charset=utf8", "--target=es2022", "--format=iife"]
    core = _esbuild("support-chat.ts", *target, f"--define:STYLE={json.dumps(style, ensure_ascii=False)}")
    (folder / "core.js").write_text(core)
    manifest = describe(folder)
    named = [
        f"--define:VERSION={json.dumps(manifest['version'])}",
        f"--define:INTEGRITY={json.dumps(manifest['core'])}",
    ]
    (folder / "loader.js").write_text(_esbuild("loader.ts", *target, *named))


def keep_bundle(folder: Path) -> None:
    """Without Node: the committed bundle, with a loader that asks for the version of the new locales."""
    (folder / "core.js").write_bytes((STATIC / "core.js").read_bytes())
    former = json.loads((STATIC / "manifest.json").read_text())["version"]
    loader = (STATIC / "loader.js").read_text()
    (folder / "loader.js").write_text(loader.replace(former, describe(folder)["version"]))


def describe(folder: Path) -> dict[str, str]:
    """Hashes of what is built: ``version`` of core and locales together, ``core`` as browsers check it (SRI)."""
    files = [folder / "core.js", *sorted((folder / "locales").glob("*.json"))]
    version = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    digest = hashlib.sha384((folder / "core.js").read_bytes()).digest()
    return {"version": version, "core": f"sha384-{base64.b64encode(digest).decode()}"}


def _esbuild(source: str, *options: str) -> str:
    command = [str(ESBUILD), source, *options]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def build(folder: Path) -> None:
    build_locales(folder)
    if ESBUILD.exists():
        bundle(folder)
    else:
        keep_bundle(folder)
    (folder / "manifest.json").write_text(json.dumps(describe(folder), indent=2) + "\n")


def find_differences() -> list[str]:
    """The built files that are not what is committed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        built = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    committed = {path.relative_to(STATIC): path.read_bytes() for path in STATIC.rglob("*") if path.is_file()}
    differing = {str(path) for path in built.keys() | committed.keys() if built.get(path) != committed.get(path)}
    if (FOLDER / "languages.ts").read_text() != build_languages():
        differing.add("languages.ts")
    return sorted(differing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something would change")
    if not parser.parse_args().check:
        (FOLDER / "languages.ts").write_text(build_languages())
        STATIC.mkdir(exist_ok=True)
        build(STATIC)
        return
    if differing := find_differences():
        sys.exit(f"Not what is committed: {', '.join(differing)}. Run python app/widget/build.py and commit.")


if __name__ == "__main__":
    main()
