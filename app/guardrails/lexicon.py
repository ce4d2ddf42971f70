"""The word lists behind the guardrails: YAML data files, read once and compiled on first use.

Owns reading and compiling. Leaves to ``claims``, ``promises`` and ``replies`` what a match means.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load_shared(name: str) -> dict[str, Any]:
    """A data file that serves all languages: ``incoming``, ``segments``, ``shared``."""
    text = files("app.guardrails").joinpath("lexicons", f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content
