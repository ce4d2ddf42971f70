"""A shop's own tools: the documented example works, and every mistake is one sentence at the start."""

import re
from pathlib import Path

import pytest

from app.config import load_settings
from app.errors import ConfigurationError
from app.llm.scripted import ScriptedModel
from app.main import build_services
from app.models import Outcome
from app.tools import TOOLS
from app.tools.own import load_tools
from tests.conftest import MakeCounter

DOCS = Path(__file__).parents[2] / "docs/own-tools.md"
HEAD = "from app.tools.registry import *\nfrom app.models import Outcome\n"


def example() -> str:
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "shop_tools.py"
    path.write_text(example(), encoding="utf-8")
    return path


def test_the_example_is_short() -> None:
    lines = [line for line in example().splitlines() if line.strip()]
    assert len(lines) <= 20


@pytest.mark.parametrize(("language", "word"), [("ms", "diambil"), ("th", "รับคำสั่งซื้อ")])
async def test_the_documented_tool_answers_for_the_own_order_only(
    make_counter: MakeCounter, module: Path, language: str, word: str
) -> None:
    def choose(messages: object, schema: object) -> dict[str, str] | str:
        if schema is None:
            return "ok"  # the model is being warmed
        assert "find_collection" in str(schema)
        return {"tool": "find_collection", "order_number": "12345", "branch": "georgetown"}

    model = ScriptedModel(default=choose)
    counter = await make_counter(model, tools_module=str(module))
    assert "find_collection" in counter.services.prompts.prefix
    visitor = await counter.visit(language)
    await visitor.prove()
    reply = await visitor.say(
        {"ms": "boleh ambil sendiri di Georgetown tak?", "th": "ไปรับเองที่จอร์จทาวน์ได้ไหมคะ"}[language]
    )
    assert word in reply.text
    assert "12345" in reply.text
    assert "18:00" in reply.text
    assert reply.outcome is Outcome.ANSWERED


async def test_a_stranger_is_not_offered_a_tool_about_orders(make_counter: MakeCounter, module: Path) -> None:
    model = ScriptedModel(default={"tool": "find_collection", "order_number": "12345", "branch": "bangsar"})
    counter = await make_counter(model, tools_module=str(module))
    visitor = await counter.visit("ms")
    reply = await visitor.say("boleh ambil sendiri pesanan 12345 di Bangsar tak?")
    assert "21:00" not in reply.text
    assert all("find_collection" not in str(call.schema) for call in model.calls)


MISTAKES = {
    "a file that is not there": (None, "cannot be loaded: FileNotFoundError"),
    "a syntax error": ("def f(:\n", "cannot be loaded: SyntaxError"),
    "an exception": ("1 / 0\n", "cannot be loaded: ZeroDivisionError"),
    "no tools": ("x = 1\n", "has no tools"),
    "a name that exists": (
        HEAD + '@tool(Kind.READ)\nasync def track_order(desk: Desk) -> ToolResult:\n    "Hello."\n',
        "a tool 'track_order' already",
    ),
    "an argument without a schema": (
        HEAD + '@tool(Kind.READ)\nasync def greet(desk: Desk, name: str) -> ToolResult:\n    "Hello."\n',
        "an argument of 'greet' has no schema",
    ),
    "no description": (
        HEAD + "@tool(Kind.READ)\nasync def greet(desk: Desk) -> ToolResult: ...\n",
        "'greet' needs a docstring",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_stops_the_start_with_one_sentence(tmp_path: Path, mistake: str) -> None:
    code, told = MISTAKES[mistake]
    path = tmp_path / "shop_tools.py"
    if code is not None:
        path.write_text(code, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="KAUNTER_TOOLS_MODULE") as caught:
        load_tools(str(path), TOOLS)
    assert told in str(caught.value)
    with pytest.raises(ConfigurationError):
        await build_services(load_settings(data_dir=tmp_path, model_backend="none", tools_module=str(path)))


def test_a_module_on_the_path_is_found_by_its_name_and_a_missing_one_is_told() -> None:
    with pytest.raises(ConfigurationError, match="no_such_module cannot be loaded"):
        load_tools("no_such_module", TOOLS)
    with pytest.raises(ConfigurationError, match="already; choose another name"):
        load_tools("app.tools.account", TOOLS)
    assert load_tools("", TOOLS) is TOOLS
