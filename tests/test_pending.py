"""The question before the proof: answered by itself after the form too, once, and with I1 as it is."""

import asyncio

import httpx
import pytest

from app.api.application import build_api
from app.identity import SHELL, Proof
from app.models import Author, Message, Outcome
from app.pages.visits import Visits
from tests.conftest import MakeCounter
from tests.counter import LAN, Counter, Visitor

QUESTIONS = {
    "en": "Where is my order?",
    "vi": "Đơn hàng của tôi đang ở đâu?",
    "th": "พัสดุของฉันอยู่ที่ไหนคะ",
    "ar": "أين طلبي؟",
    "zh-Hans": "我的订单到哪里了？",
}


async def read_all(visitor: Visitor, count: int) -> list[Message]:
    """The first ``count`` messages, as a watcher sees them come."""
    found: list[Message] = []
    async with asyncio.timeout(20):
        async for message in visitor.conversations.watch(visitor.id, 0):
            found.append(message)
            if len(found) == count:
                break
    return found


async def settle(counter: Counter) -> None:
    """Wait for the turns under way."""
    async with asyncio.timeout(20):
        await asyncio.gather(*(live.task for live in counter.conversations.turns._live.values() if live.task))


@pytest.mark.parametrize(("language", "question"), QUESTIONS.items())
async def test_the_form_has_the_question_before_it_answered_in_its_language(
    counter: Counter, language: str, question: str
) -> None:
    visitor = await counter.visit(language)
    first = await visitor.say(question)
    assert first.outcome is Outcome.CLARIFIED
    await visitor.prove()
    asked, _, answer = await read_all(visitor, 3)
    assert (answer.author, answer.reply_to, answer.outcome) == (Author.ASSISTANT, 1, Outcome.ANSWERED)
    assert answer.language == language
    assert "12345" in answer.text
    assert asked.outcome is Outcome.CLARIFIED, "its one outcome stays (I1)"
    await settle(counter)
    assert (await counter.conversations.get(visitor.id)).pending_seq is None
    assert await counter.services.store.open_conversations() == []


async def test_it_is_answered_once_though_the_form_is_sent_twice(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    await visitor.prove()
    await settle(counter)
    await visitor.prove()
    await settle(counter)
    assert len(await counter.conversations.messages(visitor.id)) == 3


async def test_a_wrong_form_answers_nothing_and_the_right_one_after_it_does(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    assert (
        await counter.conversations.verify_contact(visitor.id, Proof("12345", "x@example.com"), address=SHELL) is None
    )
    await settle(counter)
    assert len(await counter.conversations.messages(visitor.id)) == 2
    await visitor.prove()
    assert "12345" in (await read_all(visitor, 3))[-1].text


async def test_after_a_typed_proof_that_failed_the_form_still_finds_the_question(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    await visitor.say("12345 wrong@example.com")
    await visitor.prove()
    answer = (await read_all(visitor, 5))[-1]
    assert (answer.reply_to, answer.outcome) == (1, Outcome.ANSWERED)


@pytest.mark.parametrize("talk", [["hello"], ["Where is my order?", "thanks, forget it"], ["What do you sell?"], []])
async def test_where_nothing_waits_for_the_proof_nothing_is_said(counter: Counter, talk: list[str]) -> None:
    visitor = await counter.visit("en")
    for text in talk:
        await visitor.say(text)
    await visitor.prove()
    await settle(counter)
    assert len(await counter.conversations.messages(visitor.id)) == 2 * len(talk)


async def test_a_typed_proof_gives_one_reply_not_two(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    reply = await visitor.say(f"{LAN.order_number} {LAN.contact}")
    assert reply.outcome is Outcome.ANSWERED
    await settle(counter)
    assert len(await counter.conversations.messages(visitor.id)) == 4


async def test_an_agent_who_took_over_answers_instead(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    await counter.services.store.take_over(visitor.id, "Mai")
    await visitor.prove()
    await settle(counter)
    await counter.services.store.hand_back(visitor.id)
    assert len(await counter.conversations.messages(visitor.id)) == 2
    assert await counter.services.store.open_conversations() == []


async def test_a_proof_that_was_stored_before_a_crash_is_answered_by_the_next_start(make_counter: MakeCounter) -> None:
    counter = await make_counter()
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    await settle(counter)
    await counter.conversations.turns.close()  # from here on no turn begins: the process is dying
    await visitor.prove()
    assert len(await counter.conversations.messages(visitor.id)) == 2
    again = await make_counter(fresh=False)
    answer = (await read_all(Visitor(again.conversations, visitor.started), 3))[-1]
    assert (answer.reply_to, answer.outcome) == (1, Outcome.ANSWERED)


async def test_the_agents_lease_rule_holds_for_it_too(counter: Counter) -> None:
    """I7: what began before a takeover is not posted after it."""
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    await settle(counter)
    store, turns = counter.services.store, counter.conversations.turns
    await turns.close()
    await visitor.prove()
    lease = await store.claim_turn(visitor.id, "me", 60)
    assert lease is not None
    assert [m.seq for m in lease.messages] == [1]
    await store.take_over(visitor.id, "Mai")
    assert await store.claim_turn(visitor.id, "me", 60) is None
    assert not await store.is_waiting(visitor.id, 1)


async def test_the_widget_sees_the_answer_come_over_its_events(counter: Counter) -> None:
    transport = httpx.ASGITransport(build_api(counter.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        started = (await http.post("/api/conversations", json={"locale": "en"})).json()
        path, auth = f"/api/conversations/{started['id']}", {"Authorization": f"Bearer {started['token']}"}
        await http.post(f"{path}/messages", json={"client_id": "1", "text": "Where is my order?"}, headers=auth)
        form = {"order_number": LAN.order_number, "contact": LAN.contact}
        assert (await http.post(f"{path}/verification", json=form, headers=auth)).json()["verified"]
        await settle(counter)
        found = (await http.get(f"{path}/messages?after=2", headers=auth)).json()["messages"]
    assert [(m["author"], m["outcome"]) for m in found] == [("assistant", "answered")]


async def test_the_page_watches_until_it_is_answered(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.say("Where is my order?")
    await settle(counter)
    visits = Visits(counter.conversations, ["en"], counter.services.clock)
    visit = await visits.read({"id": visitor.id, "token": visitor.started.token}, "en")
    assert (await visits.look(visit)).open_message is None
    await counter.conversations.turns.close()
    await visitor.prove()
    waiting = (await visits.look(visit)).open_message
    assert waiting is not None
    assert waiting.seq == 1
