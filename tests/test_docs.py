"""The reference names everything that an owner can set, run, call or meet, and the README's commands exist."""

import re
from pathlib import Path

import typer
from typer.testing import CliRunner

from app.api import routes
from app.cli import app
from app.config import Settings
from app.tools import TOOLS
from tests.counter import Counter

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_reference_with_its_description() -> None:
    for name, field in Settings.model_fields.items():
        assert f"`KAUNTER_{name.upper()}`" in REFERENCE
        assert field.description
        assert field.description in REFERENCE


def test_the_reference_names_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"KAUNTER_[A-Z_]+", REFERENCE + README))
    assert named <= {f"KAUNTER_{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_in_the_reference() -> None:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        for tail in getattr(command, "commands", {"": None}):
            assert f"kaunter {name} {tail}".strip() in REFERENCE


def test_every_route_is_in_the_reference() -> None:
    for route in routes.router.routes:
        for method in route.methods:  # type: ignore[attr-defined]
            assert f"{method} {route.path}" in REFERENCE  # type: ignore[attr-defined]


async def test_every_metric_is_in_the_reference(counter: Counter) -> None:
    for family in counter.services.meters.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert f"`{name}`" in REFERENCE


def test_every_tool_is_in_the_reference() -> None:
    for tool in TOOLS:
        assert f"| `{tool.name}` | {tool.kind} | {tool.description} |" in REFERENCE


def test_every_kaunter_command_of_the_readme_exists() -> None:
    runner = CliRunner()
    commands = set(re.findall(r"kaunter ((?:[a-z]+ ?){1,2})", README))
    assert commands
    for words in commands:
        path = words.split()
        known = runner.invoke(app, [*path[:2], "--help"]).exit_code == 0
        assert known or runner.invoke(app, [path[0], "--help"]).exit_code == 0, words


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target
