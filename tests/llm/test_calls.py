"""Structured replies are whole, valid and obedient, or they are broken; warming asks for one token and no more."""

import pytest

from app.errors import ModelUnavailable, ReplyBroken
from app.llm.base import ChatMessage, Chunk, Health, Sampling, Usage
from app.llm.calls import complete_json, wait_until_ready, warm
from app.llm.scripted import ScriptedModel
from app.llm.slots import SlottedModel

ASKED = [ChatMessage("user", "kailan darating ang order ko?")]
SCHEMA = {"type": "object", "properties": {"intent": {"enum": ["track"]}}, "required": ["intent"]}


async def test_a_good_reply_comes_with_its_usage() -> None:
    value, usage = await complete_json(ScriptedModel([{"intent": "track"}]), ASKED, SCHEMA)
    assert value == {"intent": "track"}
    assert usage.generated > 0


@pytest.mark.parametrize(
    "line", ["", "ok", '{"intent": "tra', "[]", '"track"', "null", '{"intent": "pay"}', "{}", "NaN"]
)
async def test_everything_else_is_broken(line: str) -> None:
    with pytest.raises(ReplyBroken):
        await complete_json(ScriptedModel([line]), ASKED, SCHEMA)


async def test_a_reply_that_the_limit_cut_is_broken_even_when_it_parses() -> None:
    class Cut(ScriptedModel):
        async def stream(self, *args, **options):  # type: ignore[no-untyped-def]
            yield Chunk('{"intent": "track"}')
            yield Chunk("", Usage(5, 0, 5), "length")

    with pytest.raises(ReplyBroken, match="tokens"):
        await complete_json(Cut(), ASKED, SCHEMA)


async def test_warming_reads_the_prefix_for_one_token_without_taking_a_slot() -> None:
    inner = ScriptedModel(default="x")
    model = SlottedModel(inner, slots=1, queue=0)
    async with model.slot():
        await warm(model, ASKED, Sampling(temperature=0.3))
    (call,) = inner.calls
    assert call.messages == tuple(ASKED)
    assert call.sampling.max_tokens == 1


async def test_waiting_ends_when_the_model_is_ready() -> None:
    class Loading(ScriptedModel):
        asked = 0

        async def health(self) -> Health:
            self.asked += 1
            return Health("loading" if self.asked < 3 else "ready", self.backend, self.name)

    assert (await wait_until_ready(Loading(), 10)).state == "ready"


async def test_waiting_ends_in_time() -> None:
    class Loading(ScriptedModel):
        async def health(self) -> Health:
            return Health("loading", self.backend, self.name)

    assert (await wait_until_ready(Loading(), 0.0)).state == "loading"


async def test_a_script_that_is_used_up_is_an_absent_model() -> None:
    with pytest.raises(ModelUnavailable):
        await complete_json(ScriptedModel(), ASKED, SCHEMA)
