"""Which models may choose the tool of a message of which the index is not sure."""

import pytest

from app.llm.scripted import ScriptedModel
from app.model_files import CATALOGUE
from tests.conftest import MakeCounter

UNSURE = {
    "en": "so yeah, the purple stuff, like we talked about",
    "vi": "cái hôm bữa á, như mọi khi đó shop biết mà",
    "th": "เรื่องเดิมนั่นแหละ ที่คุยกันวันก่อนอะ",
}
CHOICE = {"tool": "small_talk", "kind": "bye"}
"""What no index would choose for these."""


async def ask(make_counter: MakeCounter, name: str, language: str, **settings: bool) -> tuple[str, int]:
    """The reply of a counter whose model of this name says goodbye to everybody, and how often it was asked."""
    if not name:
        return (await (await (await make_counter()).visit(language)).say(UNSURE[language])).text, 0
    model = ScriptedModel(["warm"], default=CHOICE)
    model.name = name
    counter = await make_counter(model, model_languages="ru", **settings)
    reply = await (await counter.visit(language)).say(UNSURE[language])
    return reply.text, len(model.calls) - 1


@pytest.mark.parametrize("language", UNSURE)
async def test_a_model_that_chooses_worse_than_the_index_is_not_asked(make_counter: MakeCounter, language: str) -> None:
    without, _ = await ask(make_counter, "", language)
    goodbye, _ = await ask(make_counter, "somebody-elses-7b", language)
    assert goodbye != without
    for entry in CATALOGUE:
        expected = (goodbye, 1) if entry.decides else (without, 0)
        assert await ask(make_counter, entry.name, language) == expected, entry.name


@pytest.mark.parametrize(("name", "wish"), [("qwen2.5-coder-1.5b", True), ("qwen3-4b", False)])
async def test_the_owner_may_choose_otherwise(make_counter: MakeCounter, name: str, wish: bool) -> None:
    _, asked = await ask(make_counter, name, "vi", model_decides=wish)
    assert asked == int(wish)
