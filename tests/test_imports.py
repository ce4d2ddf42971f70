"""Who may import whom: left may import right, never back (see docs/architecture.md)."""

import ast
from pathlib import Path

APP = Path(__file__).parents[1] / "app"

FORBIDDEN = {
    # who            must not reach
    "assistant": {"store", "conversations", "api", "pages", "main", "cli"},
    "tools": {"store", "conversations", "api", "pages", "main", "assistant", "llm"},
    "guardrails": {"store", "conversations", "api", "pages", "main", "assistant", "tools", "llm", "prompts"},
    "language": {"store", "conversations", "api", "pages", "main", "assistant", "tools", "llm", "policies", "wording"},
    "policies": {"store", "conversations", "api", "pages", "main", "assistant", "tools", "llm"},
    "wording": {"store", "conversations", "api", "pages", "main", "assistant", "tools", "llm", "policies"},
    "prompts": {"store", "conversations", "api", "pages", "main", "assistant", "tools"},
    "llm": {"store", "conversations", "api", "pages", "main", "assistant", "tools", "policies", "prompts"},
    "store": {
        "assistant",
        "conversations",
        "api",
        "pages",
        "main",
        "tools",
        "llm",
        "guardrails",
        "policies",
        "prompts",
    },
    "conversations": {"api", "pages", "main", "cli"},
    "models": {"store", "assistant", "config", "language", "policies"},
    "errors": {"models", "store", "config"},
}
ENVIRONMENT = {"config.py", "pages/__init__.py"}
"""The only files that touch the environment; the second sets Gradio's switch before its import."""


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        found |= {name.split(".")[1] for name in names if name.startswith("app.")}
    return found


def test_nothing_imports_back() -> None:
    for path in APP.rglob("*.py"):
        noun = path.relative_to(APP).parts[0].removesuffix(".py")
        back = imports_of(path) & FORBIDDEN.get(noun, set())
        assert not back, f"{path.relative_to(APP)} imports {', '.join(sorted(back))}"


def test_only_the_settings_read_the_environment() -> None:
    for path in APP.rglob("*.py"):
        name = path.relative_to(APP).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        reads = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in {"environ", "getenv"}]
        assert not reads or name in ENVIRONMENT, name


def test_only_the_store_sees_a_database_session() -> None:
    for path in APP.rglob("*.py"):
        noun = path.relative_to(APP).parts[0]
        assert noun == "store" or "sqlalchemy" not in path.read_text(encoding="utf-8"), path
