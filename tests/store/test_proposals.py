"""Proposals are stored with the reply that made them, decided once, and void after a take-over (I6, I7)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.models import Identity, Outcome, Proposal, Reply
from app.store import Store
from tests.store.conftest import Clock


def propose(conversation_id: str, clock: Clock, key: str = "p1") -> Proposal:
    return Proposal(
        id=key,
        conversation_id=conversation_id,
        customer_id="C001",
        tool="cancel_order",
        arguments={"order_number": "12345", "items": [{"id": "12345-1", "quantity": 1}]},
        arguments_hash="ff" * 32,
        summary="ยกเลิกคำสั่งซื้อ #12345 ใช่ไหมคะ",
        state="open",
        created_at=clock.now,
        expires_at=clock.now + timedelta(minutes=15),
        order_number="12345",
        order_version=3,
    )


async def test_a_proposal_comes_back_with_its_message(store: Store, conversation_id: str, clock: Clock) -> None:
    proposals = (propose(conversation_id, clock), propose(conversation_id, clock, "p2"))
    await store.add_message(conversation_id, "k", "ยกเลิกได้ไหม", "th")
    lease = await store.claim_turn(conversation_id, "one", 60)
    assert lease is not None
    await store.save_turn(lease, Reply("ยืนยันไหมคะ", "th", Outcome.PROPOSED, proposals=proposals))
    question, answer = await store.messages(conversation_id)
    assert (question.proposals, answer.proposals) == ((), proposals)
    assert tuple(await store.open_proposals(conversation_id)) == proposals


async def test_a_reply_that_is_not_posted_proposes_nothing(store: Store, conversation_id: str, clock: Clock) -> None:
    await store.take_over(conversation_id, "mai")
    reply = Reply("ยืนยันไหมคะ", "th", Outcome.PROPOSED, proposals=(propose(conversation_id, clock),))
    assert await store.add_reply(conversation_id, reply) is None
    assert await store.get_proposal("p1") is None


async def test_only_one_of_many_decisions_counts(store: Store, conversation_id: str, clock: Clock) -> None:
    await store.add_proposal(replace(propose(conversation_id, clock), order_number="12345", order_version=1))
    decided = await asyncio.gather(*(store.decide_proposal("p1", "executed", clock.now) for _ in range(6)))
    assert sum(proposal is not None for proposal in decided) == 1
    assert await store.decide_proposal("p1", "declined", clock.now) is None
    found = await store.get_proposal("p1")
    assert found is not None
    assert (found.state, found.decided_at) == ("executed", clock.now)


async def test_the_same_proposal_is_stored_once(store: Store, conversation_id: str, clock: Clock) -> None:
    await store.add_proposal(propose(conversation_id, clock))
    with pytest.raises(IntegrityError):
        await store.add_proposal(replace(propose(conversation_id, clock), summary="อื่น"))


async def test_a_proposal_is_open_for_its_time_only(store: Store, conversation_id: str, clock: Clock) -> None:
    await store.add_proposal(propose(conversation_id, clock))
    clock.advance(15 * 60 - 1)
    assert len(await store.open_proposals(conversation_id)) == 1
    clock.advance(1)
    assert await store.open_proposals(conversation_id) == []


@pytest.mark.parametrize("event", ["take over", "wish", "other customer", "resolve"])
async def test_open_proposals_are_void_after(event: str, store: Store, conversation_id: str, clock: Clock) -> None:
    await store.set_identity(conversation_id, Identity("customer", "C001"))
    await store.add_proposal(propose(conversation_id, clock))
    match event:
        case "take over":
            await store.take_over(conversation_id, "mai")
        case "wish":
            await store.request_handoff(conversation_id, "customer_asked")
        case "resolve":
            await store.resolve(conversation_id)
        case _:
            await store.set_identity(conversation_id, Identity("customer", "C002"))
    found = await store.get_proposal("p1")
    assert found is not None
    assert found.state == "voided"
    assert await store.decide_proposal("p1", "executed", clock.now) is None


async def test_an_identity_is_kept_and_can_be_taken_back(store: Store, conversation_id: str) -> None:
    for identity in (Identity("order", "C001", "12345"), Identity("customer", "C001"), None):
        conversation = await store.set_identity(conversation_id, identity)
        assert conversation.identity == identity
        assert await store.get_conversation(conversation_id) == conversation
