"""The comparison with rivals is fair: calls are understood, lies are caught, and nobody is judged by another rule."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.config import find_content, load_settings
from app.errors import ScenarioError
from app.evaluation.results import Result
from app.evaluation.runner import Bench, Run, load_contents, read_rules
from app.evaluation.sampling import list_scenarios, read_list
from app.evaluation.scenario import read_suite
from app.intents import Router
from app.main import Services
from app.models import Outcome
from bench.peers.adapter import Adapter, Call, gather, read_calls, translate, write_tools
from bench.peers.counter import Ledger, PeerConversations, Pending, Spoken
from bench.peers.desk import ShopDesk
from bench.peers.prompts import introduce
from bench.peers.sample import SITUATIONS, ease, list_keys

OFFERED = {"get_order", "cancel_order", "return_items", "hand_off"}
SAMPLE = Path(__file__).parents[2] / "bench" / "peers" / "sample.txt"

RECORDED = [
    ('<tools>\n{"name": "get_order", "arguments": {"order_number": "12465"}}\n</tools>', ["get_order"]),
    ('{"name": "get_order", "arguments": {"order_number": "12465"}}', ["get_order"]),
    ("Tài khoản của bạn chưa được cập nhật. Bạn cần kiểm tra lại thông tin tài khoản của mình.", []),
]
"""Replies of Qwen2.5-Coder-1.5B to prompts with tools, 27 November 2026."""


@pytest.mark.parametrize(("text", "names"), RECORDED)
def test_what_the_model_really_wrote_is_read_as_the_calls_that_it_meant(text: str, names: list[str]) -> None:
    rest, calls = read_calls(text, OFFERED)
    assert [call["name"] for call in calls] == names
    assert all(isinstance(json.loads(call["arguments"]), dict) for call in calls)
    assert rest == "" if names else rest == text


@pytest.mark.parametrize(
    "text",
    [
        "ออเดอร์ของคุณอยู่ที่ {get_order} ค่ะ",
        '{"name": "delete_everything", "arguments": {}}',
        '{"order_number": "KM-1", "status": "shipped"}',
        'Đơn {"name": "get_order", "arguments": "KM-1"}',
        "[]",
        "{" * 50,
    ],
)
def test_what_is_no_call_to_an_offered_tool_stays_as_it_is(text: str) -> None:
    assert read_calls(text, OFFERED) == (text, [])


def test_calls_and_results_reach_the_model_as_its_template_writes_them() -> None:
    tool = {"type": "function", "function": {"name": "get_order", "parameters": {}}}
    made = {"id": "1", "type": "function", "function": {"name": "get_order", "arguments": '{"order_number": "7"}'}}
    written = write_tools(
        [
            {"role": "system", "content": "Hãy trả lời."},
            {"role": "user", "content": [{"type": "text", "text": "đơn 7 đâu?"}]},
            {"role": "assistant", "content": None, "tool_calls": [made]},
            {"role": "tool", "tool_call_id": "1", "content": "đang giao"},
        ],
        [tool],
    )
    assert [m["role"] for m in written] == ["system", "user", "assistant", "user"]
    assert json.dumps(tool) in written[0]["content"]
    assert read_calls(written[2]["content"], OFFERED)[1] == [
        {"name": "get_order", "arguments": '{"order_number": "7"}'}
    ]
    assert written[3]["content"] == "<tool_response>\nđang giao\n</tool_response>"


async def stream(*pieces: str) -> AsyncIterator[dict[str, Any]]:
    """Chunks as llama.cpp sends them."""
    for piece in pieces:
        yield {"id": "x", "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
    yield {"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    timings = {"prompt_n": 12, "cache_n": 700, "predicted_n": len(pieces)}
    yield {"id": "x", "choices": [], "usage": {"prompt_tokens": 712}, "timings": timings}


async def test_a_call_that_comes_in_pieces_is_a_call_and_no_text() -> None:
    call = Call(0.0)
    pieces = ('{"na', 'me": "get_order", "argu', 'ments": {"order_number": "KM-10245"}}')
    answer = await gather(translate(stream(*pieces), OFFERED, call))
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {"order_number": "KM-10245"}
    assert (call.tools, call.first_text) == (["get_order"], None)
    assert (call.computed, call.cached) == (12, 700)


@pytest.mark.parametrize("offered", [OFFERED, set()])
async def test_words_pass_through_whole(offered: set[str]) -> None:
    call = Call(0.0)
    pieces = ("お客様の", "ご注文 [KM-1] は ", "{配送中} です。", "<また>")
    answer = await gather(translate(stream(*pieces), offered, call))
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "".join(pieces)}
    assert call.first_text is not None


def test_the_list_is_the_sample_and_the_suite_has_all_of_it() -> None:
    assert SAMPLE.read_text(encoding="utf-8").split() == list_keys()
    chosen = read_list(SAMPLE, list_scenarios(read_suite(find_content("scenarios"))))
    assert len({s.key for s in chosen}) == 72
    rounds = [{s.situation.situation for s in chosen[at : at + 6]} for at in range(0, 72, 6)]
    assert rounds == [set(SITUATIONS)] * 12


def test_a_list_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("where-is-it/th\n# a remark\nwhere-is-it/tlh\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_list(path, list_scenarios(read_suite(find_content("scenarios"))))
    assert (caught.value.line, "tlh" in str(caught.value)) == (3, True)


class Scripted:
    """A rival that takes a return when asked to, or only says so."""

    def __init__(self, desk: ShopDesk, honest: bool) -> None:
        self._desk, self._honest = desk, honest

    async def say(self, text: str) -> Spoken:
        self._number = (await self._desk.list_orders())[0].number
        if self._honest:
            return Spoken("", Pending("return_items", self._number))
        return Spoken(f"Đã nhận trả hàng đơn {self._number} cho anh chị rồi ạ, 777.000 đ đã được hoàn.")

    async def decide(self, confirm: bool) -> Spoken:
        await self._desk.execute("return_items", self._number)
        return Spoken(f"Đơn hàng {self._number} đã được ghi nhận trả lại, tiền sẽ được hoàn lại cho anh chị.")


async def play(router: Router, folder: Path, honest: bool) -> Result:
    settings = load_settings(data_dir=folder, model_backend="none")
    bench, adapter = Bench(settings, router, None), Adapter("http://127.0.0.1:1")
    contents = await load_contents(settings)

    async def make(desk: ShopDesk, opening: str) -> Scripted:
        assert "Vietnamese" in opening
        return Scripted(desk, honest)

    async def build(path: Path) -> Services:
        services = await bench.build(path)
        services.conversations = PeerConversations(services, make, introduce, Ledger(adapter))  # type: ignore[assignment]
        return services

    scenarios = list_scenarios(read_suite(find_content("scenarios")), ["vi"])
    chosen = [ease(s) for s in scenarios if s.situation.situation == "return-in-time"]
    rules = read_rules(router.policies, contents)
    (result,) = await Run(chosen, build, rules, contents, folder / "results.jsonl").execute()
    await adapter.close()
    return result


async def test_a_rival_that_takes_a_return_after_the_confirmation_has_resolved_it(
    router: Router, tmp_path: Path
) -> None:
    result = await play(router, tmp_path, honest=True)
    assert result.resolved, result.findings
    assert [e["outcome"] for e in result.exchanges] == ["proposed", "done"]


async def test_a_rival_that_only_says_so_has_not(router: Router, tmp_path: Path) -> None:
    result = await play(router, tmp_path, honest=False)
    kinds = {finding["kind"] for finding in result.findings}
    assert {"state", "fabrication", "outcome"} <= kinds
    assert not result.forbidden


def test_a_rival_may_answer_where_kaunter_refuses_but_never_skip_a_confirmation() -> None:
    found = {
        s.situation.situation: ease(s).situation.expect.outcome
        for s in list_scenarios(read_suite(find_content("scenarios")), ["th"])
        if s.situation.situation in SITUATIONS
    }
    assert Outcome.ANSWERED in found["cancel-shipped"]
    assert found["return-in-time"] == (Outcome.DONE,)
