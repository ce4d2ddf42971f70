"""The lease of a turn: one answers at a time, nothing after a take-over, nothing lost in a crash (I1, I7)."""

import asyncio
import secrets
import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models import Author, Citation, Claim, Message, Metrics, Mode, Outcome, Reply
from app.store import Store, TurnLease
from tests.store.conftest import Clock

CLAIM_AND_DIE = """
import asyncio, os, sys
from app.store import Store
async def main():
    store = Store(sys.argv[1])
    await store.open()
    lease = await store.claim_turn(sys.argv[2], "child", 60)
    print(lease is not None, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""

REPLY = Reply(
    text="Pesanan #12345 belum dikirim.",
    language="id",
    outcome=Outcome.ANSWERED,
    claims=(Claim("order", "#12345", "12345", "order:12345"), Claim("date", "besok", "2026-03-01", None)),
    citations=(Citation("shipping", "delays"),),
    metrics=Metrics({"decide": 1.5}, 20.25, 100, 80, 12, 1, "none", "canned"),
)


async def start(store: Store, conversation_id: str, count: int = 1) -> TurnLease:
    for n in range(count):
        await store.add_message(conversation_id, f"k{n}", f"Di mana pesanan saya? {n}", "id")
    lease = await store.claim_turn(conversation_id, "one", 60)
    assert lease is not None
    return lease


async def outcomes(store: Store, conversation_id: str) -> list[Outcome | None]:
    return [m.outcome for m in await store.messages(conversation_id) if m.author is Author.CUSTOMER]


async def test_only_one_of_many_claimers_gets_the_turn(store: Store, conversation_id: str) -> None:
    await store.add_message(conversation_id, "k", "Hoy, nasaan na?", "fil")
    leases = await asyncio.gather(*(store.claim_turn(conversation_id, str(n), 60) for n in range(8)))
    assert sum(lease is not None for lease in leases) == 1


async def test_there_is_no_turn_without_an_open_message(store: Store, conversation_id: str) -> None:
    assert await store.claim_turn(conversation_id, "one", 60) is None
    lease = await start(store, conversation_id)
    await store.save_turn(lease, REPLY)
    assert await store.claim_turn(conversation_id, "one", 60) is None


async def test_a_saved_reply_comes_back_as_it_was(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id)
    saved = await store.save_turn(lease, REPLY, language="id")
    (_, stored) = await store.messages(conversation_id)
    assert stored == saved
    assert (stored.claims, stored.citations, stored.metrics) == (REPLY.claims, REPLY.citations, REPLY.metrics)
    assert (stored.author, stored.reply_to, stored.outcome) == (Author.ASSISTANT, 1, Outcome.ANSWERED)
    assert await store.outcome_of(conversation_id, 1) is Outcome.ANSWERED
    found = await store.get_conversation(conversation_id)
    assert found is not None
    assert found.language == "id"


async def test_a_pinned_language_stays(store: Store, conversation_id: str) -> None:
    await store.set_language(conversation_id, "ms", pinned=True)
    await store.save_turn(await start(store, conversation_id), REPLY, language="id")
    found = await store.get_conversation(conversation_id)
    assert found is not None
    assert found.language == "ms"


async def test_earlier_open_messages_are_superseded_and_later_ones_wait(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id, 3)
    assert [m.seq for m in lease.messages] == [1, 2, 3]
    await store.add_message(conversation_id, "late", "Dan alamatnya?", "id")
    await store.save_turn(lease, REPLY)
    superseded = Outcome.SUPERSEDED
    assert await outcomes(store, conversation_id) == [superseded, superseded, Outcome.ANSWERED, None]
    following = await store.claim_turn(conversation_id, "one", 60)
    assert following is not None
    assert [m.text for m in following.messages] == ["Dan alamatnya?"]


async def test_an_extended_lease_knows_the_messages_that_came_meanwhile(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id)
    await store.add_message(conversation_id, "late", "Halo?", "id")
    extended = await store.extend_lease(lease, 60)
    assert extended is not None
    assert [m.seq for m in extended.messages] == [1, 2]
    await store.save_turn(extended, REPLY)
    assert await outcomes(store, conversation_id) == [Outcome.SUPERSEDED, Outcome.ANSWERED]


async def test_nothing_of_before_a_takeover_can_be_posted(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id)
    await store.take_over(conversation_id, "mai")
    assert await store.save_turn(lease, REPLY) is None
    assert await store.extend_lease(lease, 60) is None
    assert await store.add_reply(conversation_id, REPLY) is None
    await store.hand_back(conversation_id)
    assert await store.save_turn(lease, REPLY) is None
    assert await outcomes(store, conversation_id) == [Outcome.TO_AGENT]
    assert all(m.author is Author.CUSTOMER for m in await store.messages(conversation_id))


async def test_takeover_and_save_at_once_leave_one_truth(store: Store) -> None:
    """Whichever commits first, the message has one outcome and no reply follows the take-over."""
    for n in range(12):
        conversation = await store.create_conversation(language="hi", locale="hi", token_hash=str(n))
        lease = await start(store, conversation.id)
        jobs = [store.save_turn(lease, REPLY), store.take_over(conversation.id, "mai")]
        await asyncio.gather(*(jobs if n % 2 else reversed(jobs)))
        replies = [m for m in await store.messages(conversation.id) if m.author is Author.ASSISTANT]
        expected = Outcome.ANSWERED if replies else Outcome.TO_AGENT
        assert await outcomes(store, conversation.id) == [expected]


async def test_after_a_wish_for_a_person_the_running_turn_is_void(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id)
    conversation = await store.request_handoff(conversation_id, "customer_asked")
    assert (conversation.mode, conversation.handoff_reason) == (Mode.MANUAL, "customer_asked")
    assert await store.save_turn(lease, REPLY) is None
    assert await outcomes(store, conversation_id) == [Outcome.TO_AGENT]


async def test_a_reply_that_hands_off_passes_waiting_messages_to_the_agent(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id)
    await store.add_message(conversation_id, "late", "Tolong!", "id")
    reply = Reply("Rekan kami akan membaca ini.", "id", Outcome.HANDED_OFF, handoff_reason="complaint")
    assert await store.save_turn(lease, reply) is not None
    assert await outcomes(store, conversation_id) == [Outcome.HANDED_OFF, Outcome.TO_AGENT]
    (entry,) = await store.inbox()
    assert entry.conversation.handoff_reason == "complaint"


async def test_a_turn_that_ran_out_is_taken_up_once(store: Store, conversation_id: str, clock: Clock) -> None:
    slow = await start(store, conversation_id)
    assert await store.open_conversations() == []
    clock.advance(61)
    assert await store.open_conversations() == [conversation_id]
    quick = await store.claim_turn(conversation_id, "two", 60)
    assert quick is not None
    assert await store.save_turn(slow, REPLY) is None
    assert await store.save_turn(quick, REPLY) is not None
    assert await store.save_turn(quick, REPLY) is None
    assert len(await store.messages(conversation_id)) == 2


async def test_a_late_turn_that_nobody_took_up_still_answers(store: Store, conversation_id: str, clock: Clock) -> None:
    lease = await start(store, conversation_id)
    clock.advance(3600)
    assert await store.save_turn(lease, REPLY) is not None


async def test_a_released_turn_can_be_claimed_at_once(store: Store, conversation_id: str) -> None:
    lease = await start(store, conversation_id)
    await store.release_turn(lease)
    other = await store.claim_turn(conversation_id, "two", 60)
    assert other is not None
    await store.release_turn(lease)  # no longer its own
    assert await store.save_turn(other, REPLY) is not None


async def test_the_turn_of_a_killed_process_is_found_again(
    store: Store, conversation_id: str, url: str, clock: Clock
) -> None:
    await store.add_message(conversation_id, "k", "ຂອງຢູ່ໃສ?", "lo")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLAIM_AND_DIE, url, conversation_id), stdout=subprocess.PIPE
    )
    assert (await child.communicate())[0] == b"True\n"
    clock.now = clock.now.now(clock.now.tzinfo)  # the child's lease is of the real present
    assert await store.open_conversations() == []
    clock.advance(61)
    assert await store.open_conversations() == [conversation_id]


STEPS = (
    "write",
    "again",
    "claim",
    "extend",
    "save",
    "save old",
    "release",
    "take over",
    "hand back",
    "resolve",
    "wait",
)


@given(steps=st.lists(st.sampled_from(STEPS), max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_happens_a_message_has_one_outcome_and_agents_have_the_last_word(
    steps: list[str], store: Store, clock: Clock
) -> None:
    conversation = await store.create_conversation(language="vi", locale="vi", token_hash=secrets.token_hex())
    here, leases, known = conversation.id, [], {}
    for number, step in enumerate(steps):
        clock.advance(1)
        before = await store.get_conversation(here)
        count = len(await store.messages(here))
        await take(step, store, here, number, leases, clock)
        messages = await store.messages(here)
        assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
        assert before is not None
        if before.mode is Mode.MANUAL:
            assert all(m.author is not Author.ASSISTANT for m in messages[count:])
        check_outcomes(messages, known)


async def take(step: str, store: Store, here: str, number: int, leases: list[TurnLease], clock: Clock) -> None:
    match step:
        case "write":
            await store.add_message(here, f"k{number}", "Đơn của tôi đâu?", "vi")
        case "again":
            await store.add_message(here, "again", "Alo?", "vi")
        case "claim":
            leases.extend(lease for lease in [await store.claim_turn(here, "one", 30)] if lease)
        case "extend" if leases:
            await store.extend_lease(leases[-1], 30)
        case "save" if leases:
            await store.save_turn(leases[-1], REPLY)
        case "save old" if leases:
            await store.save_turn(leases[0], REPLY)
        case "release" if leases:
            await store.release_turn(leases[-1])
        case "take over":
            await store.take_over(here, "mai")
        case "hand back":
            await store.hand_back(here)
        case "resolve":
            await store.resolve(here)
        case "wait":
            clock.advance(31)


def check_outcomes(messages: object, known: dict[int, Outcome]) -> None:
    assert isinstance(messages, list)
    for message in messages:
        assert isinstance(message, Message)
        if message.author is Author.CUSTOMER and message.outcome is not None:
            assert known.setdefault(message.seq, message.outcome) is message.outcome
        elif message.author is Author.CUSTOMER:
            assert message.seq not in known
