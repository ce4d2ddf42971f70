"""The demo shop's seed and its data files."""

from importlib.resources import files

SEED = "kaunter-demo-1"
"""Everything random in the demo shop starts from here, so that two of them are equal."""


def read_text(name: str) -> str:
    return files("app.demo").joinpath(name).read_text(encoding="utf-8")
