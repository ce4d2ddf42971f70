"""The buttons under a proposal: what they do, when they are there, and what they never confirm."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from playwright.async_api import expect

from app.models import Author, Message, Mode, OrderStatus, Outcome, Proposal
from app.pages.visits import find_open
from tests.counter import LAN
from tests.pages.conftest import Arrive
from tests.pages.site import PATIENCE, REPLIES, Shopper, Site
from tests.pages.test_endpoints import call

CANCEL = "cho em hủy đơn hàng này với ạ"


async def read_status(site: Site) -> OrderStatus:
    entries = await site.services.store.list_orders()
    return next(e.order.status for e in entries if e.order.number == LAN.order_number)


def find_conversation(site: Site) -> str:
    """The id of the only conversation."""
    with closing(sqlite3.connect(site.data / "kaunter.db")) as database:
        ((found,),) = database.execute("SELECT id FROM conversations").fetchall()
    return str(found)


async def ask_to_cancel(site: Site, arrive: Arrive) -> Shopper:
    """A Vietnamese shopper who has proven her order and reads the proposal."""
    shopper = await arrive(site, "vi-VN")
    await shopper.prove(LAN.order_number, LAN.contact)
    await shopper.see("#card .order", LAN.order_number)
    await expect(shopper.page.locator("#confirm")).to_be_hidden()
    await shopper.say(CANCEL)
    await shopper.see("#confirm", site.services.wording.label("confirm", "vi"))
    await shopper.see("#decline", site.services.wording.label("decline", "vi"))
    return shopper


@pytest.mark.browser
async def test_a_vietnamese_shopper_confirms_once_and_sees_the_order_cancelled(site: Site, arrive: Arrive) -> None:
    shopper, say = await ask_to_cancel(site, arrive), site.services.wording
    assert await read_status(site) is OrderStatus.WAITING_STOCK
    await shopper.page.dblclick("#confirm")
    await shopper.see(f"{REPLIES} >> nth=2", say.say("done_cancel_order", "vi", number=LAN.order_number))
    await shopper.see("#card .pill", say.label("status_cancelled", "vi"))
    await expect(shopper.page.locator("#decision")).to_be_hidden(timeout=PATIENCE)
    assert await read_status(site) is OrderStatus.CANCELLED
    assert len(await shopper.texts(REPLIES)) == 3, "a double click is one answer"


@pytest.mark.browser
async def test_the_buttons_are_back_after_a_reload_and_go_when_an_agent_takes_over(site: Site, arrive: Arrive) -> None:
    shopper = await ask_to_cancel(site, arrive)
    await shopper.reload()
    await expect(shopper.page.locator("#confirm")).to_be_visible(timeout=PATIENCE)
    await site.services.store.take_over(find_conversation(site), "mai")
    await expect(shopper.page.locator("#decision")).to_be_hidden(timeout=PATIENCE)
    assert await read_status(site) is OrderStatus.WAITING_STOCK


@pytest.mark.browser
async def test_a_no_is_answered_and_changes_nothing(site: Site, arrive: Arrive) -> None:
    shopper, say = await ask_to_cancel(site, arrive), site.services.wording
    await shopper.page.click("#decline")
    await shopper.see(f"{REPLIES} >> nth=2", say.say("declined", "vi"))
    await expect(shopper.page.locator("#decision")).to_be_hidden(timeout=PATIENCE)
    assert await read_status(site) is OrderStatus.WAITING_STOCK


async def propose(site: Site) -> tuple[str, str, Proposal]:
    """A conversation whose last message is a proposal: its id, its token, the proposal."""
    conversations = site.services.conversations
    started = await conversations.start("vi")
    assert await conversations.verify_contact(started.conversation.id, LAN) is not None
    receipt = await conversations.receive_message(started.conversation.id, "m1", CANCEL)
    replies = [e async for e in conversations.follow(started.conversation.id, receipt.message.seq)]
    reply = replies[-1]
    assert isinstance(reply, Message)
    assert reply.outcome is Outcome.PROPOSED
    return started.conversation.id, started.token, reply.proposals[0]


async def test_neither_another_visitors_token_nor_an_id_from_outside_confirms_anything(site: Site) -> None:
    conversation_id, token, proposal = await propose(site)
    other = await site.services.conversations.start("th")
    strangers = [
        {"id": conversation_id, "token": other.token},
        {"id": other.conversation.id, "token": other.token},
        {"id": conversation_id, "token": ""},
        {"id": conversation_id, "token": token},  # her own, but this session was shown nothing
        None,
    ]
    for reference in strangers:
        for name in ("confirm", "decline"):
            for shown in (proposal.id, None, {"$ne": ""}):
                answer = await call(site, name, [shown, reference])
                assert "process_completed" in answer
                assert proposal.id not in answer
    kept = await site.services.store.get_proposal(proposal.id)
    assert kept is not None
    assert kept.state == "open"
    assert await read_status(site) is OrderStatus.WAITING_STOCK


async def test_only_the_last_message_of_the_assistant_offers_and_only_until_it_expires(site: Site) -> None:
    conversation_id, _, proposal = await propose(site)
    conversations = site.services.conversations
    messages = await conversations.messages(conversation_id)
    found = find_open(messages, proposal.expires_at - timedelta(seconds=1))
    assert found is not None
    assert found.id == proposal.id
    assert find_open(messages, proposal.expires_at) is None
    assert find_open([*messages, messages[0]], proposal.created_at) is None
    assert find_open([], proposal.created_at) is None
    _, done = await conversations.decide_proposal(conversation_id, proposal.id, "confirm")
    assert done.author is Author.ASSISTANT
    assert (await conversations.get(conversation_id)).mode is Mode.AUTO
    assert find_open((await conversations.messages(conversation_id))[:-1], proposal.created_at) is None
