"""Messages: stored once, in order, complete, and before anything else happens (I1)."""

import asyncio
import random
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import NotFound
from app.models import Author, Identity, Outcome, Status
from app.store import Store
from tests.store.conftest import POSTGRES

BURMESE = "မင်္ဂလာပါ။ ကျွန်တော့်အော်ဒါ ဘယ်ရောက်နေပြီလဲ။ "

ADD_AND_DIE = """
import asyncio, os, sys
from app.store import Store
async def main():
    store = Store(sys.argv[1])
    await store.open()
    message, created = await store.add_message(sys.argv[2], sys.argv[3], "ຂໍຖາມແດ່", "lo")
    print(message.seq, created, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""


async def test_the_same_client_id_at_once_is_one_message(store: Store, conversation_id: str) -> None:
    results = await asyncio.gather(
        *(store.add_message(conversation_id, f"key-{n % 4}", f"ข้อความ {n % 4}", "th") for n in range(24))
    )
    assert sorted(message.seq for message, created in results if created) == [1, 2, 3, 4]
    by_key = {message.client_id: message.seq for message, _ in results}
    assert all(by_key[message.client_id] == message.seq for message, _ in results)
    assert [m.seq for m in await store.messages(conversation_id)] == [1, 2, 3, 4]


async def test_processes_that_send_the_same_client_id_and_die_at_once_leave_one_message(
    store: Store, conversation_id: str, url: str
) -> None:
    children = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", ADD_AND_DIE, url, conversation_id, "same"), stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await child.communicate())[0].decode().split() for child in children]
    assert sorted(created for _, created in said) == ["False", "False", "True"]
    assert {seq for seq, _ in said} == {"1"}
    assert [m.text for m in await store.messages(conversation_id)] == ["ຂໍຖາມແດ່"]


async def test_several_processes_write_at_once_and_none_is_told_to_wait(
    store: Store, conversation_id: str, url: str
) -> None:
    """Each store has a connection and a queue of its own, as a process has."""
    stores = [store, Store(url), Store(url)]
    for other in stores[1:]:
        await other.open()
    keys = [f"k{n}" for n in range(20)]
    await asyncio.gather(*(s.add_message(conversation_id, k, "மீண்டும்", "ta") for k in keys for s in stores))
    messages = await store.messages(conversation_id)
    assert sorted(m.client_id or "" for m in messages) == sorted(keys)
    assert [m.seq for m in messages] == list(range(1, 21))
    for other in stores[1:]:
        await other.close()


async def test_a_long_burmese_message_comes_back_whole(store: Store, conversation_id: str) -> None:
    text = (BURMESE * 200)[:4000]
    await store.add_message(conversation_id, "k", text, "my")
    assert [m.text for m in await store.messages(conversation_id)] == [text]


# PostgreSQL keeps no NUL; incoming messages have lost theirs before they come here.
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0" if POSTGRES else "")))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_comes_back_unchanged(text: str, store: Store) -> None:
    conversation = await store.create_conversation(language="ta", locale="ta", token_hash=secrets.token_hex())
    await store.add_message(conversation.id, "k", text, "ta")
    assert [m.text for m in await store.messages(conversation.id)] == [text]


async def test_a_text_that_cannot_be_stored_leaves_no_gap(store: Store, conversation_id: str) -> None:
    with pytest.raises(UnicodeEncodeError if not POSTGRES else Exception):
        await store.add_message(conversation_id, "broken", "សួស្តី \ud800", "km")
    message, _ = await store.add_message(conversation_id, "whole", "សួស្តី", "km")
    assert message.seq == 1


async def test_cancelled_writes_are_done_or_not_done_and_the_store_goes_on(store: Store, conversation_id: str) -> None:
    chance = random.Random(7)
    for n in range(40):
        task = asyncio.create_task(store.add_message(conversation_id, f"k{n}", "Halo kak", "id"))
        for _ in range(chance.randint(0, 25)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await store.add_message(conversation_id, "last", "Masih ada?", "id")
    messages = await store.messages(conversation_id)
    assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
    assert messages[-1].client_id == "last"


async def test_a_message_in_manual_mode_goes_to_the_agent_at_once(store: Store, conversation_id: str) -> None:
    await store.take_over(conversation_id, "mai")
    message, _ = await store.add_message(conversation_id, "k", "ฮัลโหล", "th")
    assert message.outcome is Outcome.TO_AGENT
    await store.hand_back(conversation_id)
    message, _ = await store.add_message(conversation_id, "k2", "ขอบคุณค่ะ", "th")
    assert message.outcome is None


async def test_a_message_opens_a_resolved_conversation_for_the_assistant(store: Store, conversation_id: str) -> None:
    await store.take_over(conversation_id, "mai")
    resolved = await store.resolve(conversation_id)
    assert (resolved.status, resolved.assignee) == (Status.RESOLVED, None)
    message, _ = await store.add_message(conversation_id, "k", "還有一個問題", "zh-Hant")
    found = await store.get_conversation(conversation_id)
    assert found is not None
    assert (found.status, message.outcome) == (Status.OPEN, None)


async def test_an_agents_answer_takes_over(store: Store, conversation_id: str) -> None:
    await store.add_message(conversation_id, "k", "ช่วยด้วย", "th")
    message = await store.add_agent_message(conversation_id, "mai", "สวัสดีค่ะ")
    found = await store.get_conversation(conversation_id)
    assert found is not None
    assert (message.author, message.language, found.assignee) == (Author.AGENT, "th", "mai")
    assert [m.outcome for m in await store.messages(conversation_id)] == [Outcome.TO_AGENT, None]


async def test_the_inbox_shows_handed_off_conversations_with_their_last_messages(store: Store) -> None:
    ids = []
    for n in range(3):
        conversation = await store.create_conversation(language="ko", locale="ko", token_hash=str(n))
        for k in range(5):
            await store.add_message(conversation.id, f"k{k}", f"{n}번째 {k}", "ko")
        ids.append(conversation.id)
    await store.request_handoff(ids[1], "customer_asked", text="상담원에게 전달했습니다.", language="ko")
    (entry,) = await store.inbox(last=2)
    assert (entry.conversation.id, entry.conversation.handoff_reason) == (ids[1], "customer_asked")
    assert [m.text for m in entry.messages] == ["1번째 4", "상담원에게 전달했습니다."]


async def test_a_watcher_sees_what_this_and_another_process_write_each_once(
    store: Store, conversation_id: str, url: str
) -> None:
    other = Store(url)
    await other.open()
    seen: asyncio.Queue[int | None] = asyncio.Queue()

    async def watch() -> None:
        async for message in store.watch(conversation_id, after=1):
            seen.put_nowait(message.seq)
        seen.put_nowait(None)

    await store.add_message(conversation_id, "k0", "নমস্কার", "bn")
    watching = asyncio.create_task(watch())
    await store.add_message(conversation_id, "k1", "আমার অর্ডার?", "bn")
    await other.add_message(conversation_id, "k2", "শুনছেন?", "bn")
    await other.add_message(conversation_id, "k2", "শুনছেন?", "bn")
    assert [await seen.get(), await seen.get()] == [2, 3]
    await store.delete_conversation(conversation_id)
    assert await seen.get() is None
    await watching
    await other.close()


async def test_nothing_that_was_said_is_left_after_deletion(url: str, tmp_path: Path) -> None:
    secret = "สวนสัตว์ที่ไม่มีใครรู้จัก"
    store = Store(url)
    await store.open()
    kept = await store.create_conversation(language="th", locale="th", token_hash="kept")
    gone = await store.create_conversation(language="th", locale="th", token_hash="gone", page_url=f"/?q={secret}")
    for n in range(50):
        await store.add_message(gone.id, f"k{n}", f"{secret} {n}", "th")
    await store.delete_conversation(gone.id)
    assert await store.get_conversation(gone.id) is None
    assert await store.messages(gone.id) == []
    assert await store.get_conversation(kept.id) is not None
    with pytest.raises(NotFound):
        await store.delete_conversation(gone.id)
    await store.close()
    assert all(secret.encode() not in content for content in read_files(tmp_path))


def read_files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("kaunter.db*")]


async def test_an_unknown_conversation_is_not_found(store: Store) -> None:
    assert await store.get_conversation("nobody") is None
    assert await store.find_token_hash("nobody") is None
    assert await store.messages("nobody") == []
    with pytest.raises(NotFound):
        await store.add_message("nobody", "k", "สวัสดี", "th")
    with pytest.raises(NotFound):
        await store.set_language("nobody", "th", pinned=True)


async def test_a_token_finds_only_its_own_conversation(store: Store, conversation_id: str) -> None:
    found = await store.find_conversation_by_token("ab" * 32)
    assert found is not None
    assert found.id == conversation_id
    assert await store.find_conversation_by_token("ab" * 31 + "ac") is None
    assert await store.find_token_hash(conversation_id) == "ab" * 32


async def test_a_proof_of_an_own_order_does_not_narrow_an_open_account(store: Store, conversation_id: str) -> None:
    account = Identity("customer", "cust-1")
    await store.set_identity(conversation_id, account)
    kept = await store.set_identity(conversation_id, Identity("order", "cust-1", "12345"))
    assert kept.identity == account
    other = Identity("order", "cust-2", "54321")
    assert (await store.set_identity(conversation_id, other)).identity == other
