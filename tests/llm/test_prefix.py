"""A conversation finds its own slot again, and a kept prefix is used only by the very setup that made it."""

import asyncio
import json
from pathlib import Path

import pytest

from app.errors import ModelUnavailable
from app.llm.base import ChatMessage
from app.llm.prefix import PrefixFile, SlotPicker, SlotServer, count_shared
from tests.llm.loopback import Answer, Request, serve

PREFIX = ChatMessage("system", "Anda melayani pelanggan toko. " * 30)
SETUP = {"file": ["qwen.gguf", 1, 2], "context": 8192, "server": "1"}


def talk(who: int, turns: int = 1) -> list[ChatMessage]:
    """The conversation of customer ``who``: every turn is long enough to be worth keeping."""
    past = [ChatMessage("user", f"Halo, saya pelanggan {who}, " + f"pesanan {who} " * 20) for _ in range(turns)]
    return [PREFIX, *past]


def take(picker: SlotPicker, messages: list[ChatMessage]) -> int:
    with picker.pick(messages) as slot:
        return slot


def test_the_second_turn_takes_the_slot_of_the_first() -> None:
    picker = SlotPicker(3)
    picker.hold([PREFIX])
    first = {who: take(picker, talk(who)) for who in (1, 2, 3)}
    assert sorted(first.values()) == [0, 1, 2]
    assert {who: take(picker, talk(who, 2)) for who in (3, 1, 2)} == first


def test_a_new_conversation_takes_the_slot_that_was_unused_longest() -> None:
    picker = SlotPicker(2)
    picker.hold([PREFIX])
    old = take(picker, talk(1))
    take(picker, talk(2))
    assert take(picker, talk(3)) == old


def test_a_short_greeting_does_not_push_out_a_long_conversation() -> None:
    picker = SlotPicker(2)
    picker.hold([PREFIX])
    long = take(picker, talk(1, 9))
    short = [PREFIX, ChatMessage("user", "Halo, saya pelanggan 1, terima kasih")]
    assert take(picker, short) != long
    assert take(picker, talk(1, 10)) == long


def test_a_conversation_that_went_silent_gives_its_slot_up() -> None:
    picker = SlotPicker(2)
    picker.hold([PREFIX])
    silent = take(picker, talk(1, 9))
    places = [take(picker, talk(who)) for who in range(2, 40)]
    assert silent not in places[:3]
    assert silent in places


def test_the_two_calls_of_a_turn_share_a_slot() -> None:
    picker = SlotPicker(3)
    picker.hold([PREFIX])
    message = "Pesanan saya belum tiba. " * 10
    decide = take(picker, [PREFIX, ChatMessage("user", message + "Pilih alat.")])
    assert take(picker, [PREFIX, ChatMessage("user", message + "Tulis jawaban.")]) == decide


def test_a_busy_slot_is_not_given_twice_and_a_failure_gives_it_back() -> None:
    picker = SlotPicker(2)
    with picker.pick(talk(1)) as one, picker.pick(talk(1)) as two:
        assert {one, two} == {0, 1}
        assert take(picker, talk(1)) == -1
    with pytest.raises(RuntimeError), picker.pick(talk(1)):
        raise RuntimeError
    assert take(picker, talk(1)) in (0, 1)


@pytest.mark.parametrize(("left", "right", "shared"), [("", "", 0), ("คำ", "คำสั่ง", 2), ("a", "b", 0), ("xy", "xz", 1)])
def test_shared_beginnings_are_measured(left: str, right: str, shared: int) -> None:
    assert count_shared(left, right) == shared


def test_any_difference_in_text_or_setup_is_another_file(tmp_path: Path) -> None:
    files = [
        PrefixFile(tmp_path, [PREFIX], SETUP),
        PrefixFile(tmp_path, [ChatMessage("user", PREFIX.content)], SETUP),
        PrefixFile(tmp_path, [PREFIX, ChatMessage("user", "x")], SETUP),
        PrefixFile(tmp_path, [PREFIX], SETUP | {"context": 4096}),
        PrefixFile(tmp_path, [PREFIX], SETUP | {"file": ["qwen.gguf", 1, 3]}),
        PrefixFile(tmp_path, [PREFIX], SETUP | {"server": "2"}),
    ]
    assert len({file.path for file in files}) == len(files)
    assert PrefixFile(tmp_path, [PREFIX], SETUP).path == files[0].path


def answer(body: dict[str, int], status: int = 200) -> Answer:
    return Answer(status, [json.dumps(body).encode()], "application/json")


async def test_a_kept_prefix_goes_into_every_slot(tmp_path: Path) -> None:
    kept = PrefixFile(tmp_path, [PREFIX], SETUP)
    kept.path.write_bytes(b"kv")
    async with serve(lambda request: answer({"n_restored": 900})) as loopback:
        assert await kept.restore(SlotServer(port(loopback.url), "sesame"), 3)
    assert [request.path for request in loopback.requests] == [f"/slots/{n}?action=restore" for n in range(3)]
    assert all(request.headers["authorization"] == "Bearer sesame" for request in loopback.requests)


@pytest.mark.parametrize("refusal", [answer({}, 400), answer({"n_restored": 0}), Answer(200, [b"junk"])])
async def test_a_file_that_the_server_refuses_is_thrown_away(tmp_path: Path, refusal: Answer) -> None:
    kept = PrefixFile(tmp_path, [PREFIX], SETUP)
    kept.path.write_bytes(b"kv")
    async with serve(lambda request: refusal) as loopback:
        assert not await kept.restore(SlotServer(port(loopback.url), "k"), 2)
    assert not kept.path.exists()


async def test_saving_keeps_two_files_and_no_more(tmp_path: Path) -> None:
    def save(request: Request) -> Answer:
        (tmp_path / request.body["filename"]).write_bytes(b"kv")
        return answer({"n_saved": 900})

    async with serve(save) as loopback:
        for number in range(4):
            kept = PrefixFile(tmp_path, [PREFIX], SETUP | {"context": number})
            assert await kept.save(SlotServer(port(loopback.url), "k"), 0)
    assert count_files(tmp_path) == 2
    assert kept.path.exists()


async def test_a_dead_server_is_an_absent_model(tmp_path: Path) -> None:
    kept = PrefixFile(tmp_path, [PREFIX], SETUP)
    kept.path.write_bytes(b"kv")
    with pytest.raises(ModelUnavailable):
        await asyncio.wait_for(kept.restore(SlotServer(9, "k"), 1), 5)
    assert kept.path.exists()


def port(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def count_files(folder: Path) -> int:
    return len(list(folder.iterdir()))
