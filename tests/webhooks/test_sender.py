"""Webhooks out against a real receiver: signed, at least once, never half, and only where the owner said."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import StatementError
from structlog.testing import capture_logs

from app.config import load_settings
from app.errors import ConfigurationError
from app.logs import trace_without_words
from app.models import Metrics, Outcome, Reply
from app.store import Store
from app.store.database import utc_now
from app.store.opening import name_target
from app.webhooks import sender
from app.webhooks.sender import MOST_TRIES, Sender
from tests.conftest import MakeCounter
from tests.counter import LAN

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
EVENTS = ("conversation.handed_off", "conversation.resolved", "message.created", "proposal.executed")
EVIL = '\u202e\u0000</script>"\\ \r\n\r\ndata: x\u2028💥 สวัสดี' + "\u0301" * 50


@dataclass
class Receiver:
    """A loopback HTTP server; ``answers`` are its next statuses, 0 hangs up without one, then 200 for ever."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    resolved: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {k.lower(): v for k, v in re.findall(r"^([\w-]+): (.*)\r$", head, re.M)}
        self.taken.append((headers, await reader.readexactly(int(headers["content-length"]))))
        if b"conversation.resolved" in self.taken[-1][1]:
            self.resolved.set()
        status = self.answers.pop(0) if self.answers else 200
        if status == -1:
            await reader.read()  # until the other side gives up
        elif status:
            location = f"Location: {self.url}/elsewhere\r\n" if 300 <= status < 400 else ""
            writer.write(f"HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.taken]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.taken]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@dataclass
class Clock:
    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Desk:
    """A store with one conversation, whose events go to ``urls``, and a sender for each."""

    store: Store
    clock: Clock
    senders: list[Sender]
    id: str
    tries: list[tuple[str, str]]

    async def send(self) -> None:
        for each in self.senders:
            while await each.send_next():
                pass


Open = Callable[..., Any]


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[Open]:
    desks: list[Desk] = []

    async def open_(*urls: str, events: tuple[str, ...] = EVENTS, known: str | None = None) -> Desk:
        clock, tries = Clock(), list[tuple[str, str]]()
        store = Store(
            f"sqlite:///{tmp_path / 'k.db'}", clock=clock, targets=[name_target(u) for u in urls], events=events
        )
        await store.open()
        found = known or (await store.create_conversation(language="vi", locale="vi", token_hash="h")).id
        senders = [Sender(store, u, KEY, lambda *each: tries.append(each), place=n) for n, u in enumerate(urls, 1)]
        desks.append(Desk(store, clock, senders, found, tries))
        return desks[-1]

    yield open_
    for desk in desks:
        await asyncio.gather(*(each.close() for each in desk.senders))
        await desk.store.close()


async def test_a_delivery_is_signed_over_id_timestamp_and_body(open_desk: Open, receiver: Receiver) -> None:
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", EVIL, "th")
    await desk.send()
    [(headers, body)] = receiver.taken
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert int(headers["webhook-timestamp"]) == int(desk.clock.now.timestamp())
    event = json.loads(body)
    assert event["type"] == "message.created"
    assert event["data"]["text"] == EVIL
    assert (event["data"]["conversation_id"], event["data"]["seq"], event["data"]["author"]) == (desk.id, 1, "customer")
    assert desk.clock.now.isoformat() == event["timestamp"]


async def test_two_failures_then_success_are_one_event_with_one_id(open_desk: Open, receiver: Receiver) -> None:
    receiver.answers = [500, 503]
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", "hi", "en")
    await desk.send()
    assert len(receiver.taken) == 1
    desk.clock.pass_(seconds=3.9)
    await desk.send()
    assert len(receiver.taken) == 1, "tried again before its time"
    for seconds in (2.2, 36, 3600, 3600):
        desk.clock.pass_(seconds=seconds)
        await desk.send()
    assert len(receiver.taken) == 3
    assert len(set(receiver.ids())) == 1
    assert desk.tries == [("message.created", result) for result in ("delayed", "delayed", "delivered")]
    assert await desk.store.count_announcements() == {}


@pytest.mark.parametrize("status", [0, 301, 302, 307, 308, 204, 404, 410])
async def test_only_2xx_means_taken_and_no_redirect_is_followed(
    open_desk: Open, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", "hi", "en")
    await desk.send()
    assert [result for _, result in desk.tries] == ["delivered" if status == 204 else "delayed"]
    assert len(receiver.taken) == 1


async def test_a_receiver_that_never_answers_costs_its_time_limit_and_is_tried_again(
    open_desk: Open, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TIMEOUT_SECONDS", 0.05)
    receiver.answers = [-1]
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", "hi", "en")
    await desk.send()
    desk.clock.pass_(minutes=1)
    await desk.send()
    assert [result for _, result in desk.tries] == ["delayed", "delivered"]


async def test_an_event_outlives_a_crash_between_commit_and_delivery(open_desk: Open, receiver: Receiver) -> None:
    before = await open_desk(receiver.url)
    await before.store.add_message(before.id, "1", "hi", "en")
    claimed = await before.store.claim_announcement(name_target(receiver.url), before.clock.now + sender.CLAIM)
    await before.store.close()  # the process died while it sent
    after = await open_desk(receiver.url, known=before.id)
    await after.send()
    assert receiver.taken == [], "another process may still be sending it"
    after.clock.pass_(seconds=31)
    await after.send()
    assert receiver.ids() == [claimed.id]


async def test_what_is_rolled_back_is_not_told(open_desk: Open, receiver: Receiver) -> None:
    desk = await open_desk(receiver.url)
    reply = Reply("x", "en", Outcome.ANSWERED, metrics=Metrics(asked={"not": object()}))
    with pytest.raises(StatementError, match="not JSON"):
        await desk.store.add_reply(desk.id, reply)
    await desk.send()
    assert receiver.taken == []


async def test_two_processes_send_each_event_once(open_desk: Open, receiver: Receiver) -> None:
    one = await open_desk(receiver.url)
    two = await open_desk(receiver.url, known=one.id)
    for n in range(12):
        await one.store.add_message(one.id, str(n), f"text {n}", "en")
    two.clock.now = one.clock.now
    await asyncio.gather(one.send(), two.send())
    assert sorted(e["data"]["seq"] for e in receiver.bodies()) == list(range(1, 13))
    assert len(set(receiver.ids())) == 12


async def test_after_a_day_it_is_given_up_and_told_without_a_word_of_the_customer(
    open_desk: Open, receiver: Receiver
) -> None:
    receiver.answers = [500] * 99
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", "my phone is +84 90 555 0199", "en")
    with capture_logs() as logs:
        for _ in range(40):
            await desk.send()
            desk.clock.pass_(hours=1.3)
    assert desk.tries[-1] == ("message.created", "given_up")
    assert len(desk.tries) == MOST_TRIES
    [end] = [each for each in logs if each["event"] == "webhook.given_up"]
    assert end["log_level"] == "error"
    assert "555" not in str(logs)
    assert receiver.url not in str(logs)
    assert await desk.store.count_announcements() == {(name_target(receiver.url), "given_up"): 1}
    receiver.answers = []
    assert await desk.store.retry_announcements() == 1
    await desk.send()
    assert desk.tries[-1] == ("message.created", "delivered")
    assert len({body["timestamp"] for body in receiver.bodies()}) == 1, (
        "it says when it happened, however late it comes"
    )


async def test_a_sender_outlives_an_error_that_nobody_expected(open_desk: Open, receiver: Receiver) -> None:
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", "ສະບາຍດີ zebra-7731", "lo")
    told = asyncio.Event()

    def count(type: str, result: str) -> None:
        if not told.is_set():
            told.set()
            raise RuntimeError("zebra-7731")

    running = asyncio.create_task(Sender(desk.store, receiver.url, KEY, count).run())
    with capture_logs(processors=[trace_without_words]) as logs:
        await told.wait()
        await desk.store.resolve(desk.id)
        async with asyncio.timeout(10):
            await receiver.resolved.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [each["event"] for each in logs] == ["webhook.failed"]
    assert "zebra" not in str(logs)


async def test_each_url_is_retried_by_itself(open_desk: Open, receiver: Receiver) -> None:
    async with receiving() as broken:
        broken.answers = [500] * 5
        desk = await open_desk(broken.url, receiver.url)
        await desk.store.add_message(desk.id, "1", "hi", "en")
        await desk.send()
        desk.clock.pass_(minutes=2)
        await desk.send()
    assert (len(broken.taken), len(receiver.taken)) == (2, 1)


async def test_events_that_the_owner_left_out_are_not_even_stored(open_desk: Open, receiver: Receiver) -> None:
    desk = await open_desk(receiver.url, events=("conversation.handed_off",))
    await desk.store.add_message(desk.id, "1", "secret words", "en")
    await desk.store.request_handoff(desk.id, "customer_asked")
    await desk.store.request_handoff(desk.id, "customer_asked")
    await desk.send()
    assert [e["type"] for e in receiver.bodies()] == ["conversation.handed_off"]
    assert "secret" not in str(receiver.taken)


async def test_what_a_deleted_conversation_held_is_not_sent_any_more(open_desk: Open, receiver: Receiver) -> None:
    desk = await open_desk(receiver.url)
    await desk.store.add_message(desk.id, "1", "forget me", "en")
    await desk.store.delete_conversation(desk.id)
    await desk.send()
    assert receiver.taken == []


async def test_a_url_that_is_configured_no_more_is_not_called(open_desk: Open, receiver: Receiver) -> None:
    async with receiving() as old:
        before = await open_desk(old.url)
        await before.store.add_message(before.id, "1", "hi", "en")
        after = await open_desk(receiver.url, known=before.id)
        await after.send()
        assert (old.taken, receiver.taken) == ([], [])
        await after.store.prune_announcements(after.clock.now + timedelta(seconds=1))
        assert await after.store.count_announcements() == {}


async def test_a_whole_conversation_is_told_in_order(make_counter: MakeCounter, receiver: Receiver) -> None:
    counter = await make_counter(webhook_urls=receiver.url, webhook_secret=SECRET)
    visitor = await counter.visit("en")
    await visitor.prove(LAN)
    proposed = await visitor.say("please cancel order 12345")
    assert proposed.outcome is Outcome.PROPOSED
    await counter.conversations.decide_proposal(visitor.id, proposed.proposals[0].id, "confirm")
    await visitor.say("I want to talk to a human")
    store = counter.services.store
    await store.add_agent_message(visitor.id, "Mai", EVIL)
    await store.resolve(visitor.id)
    async with asyncio.timeout(20):
        await receiver.resolved.wait()
    told = [(e["type"], e["data"].get("author")) for e in receiver.bodies()]
    assert told == [
        ("message.created", "customer"),
        ("message.created", "assistant"),
        ("proposal.executed", None),
        ("message.created", "assistant"),
        ("message.created", "customer"),
        ("message.created", "assistant"),
        ("conversation.handed_off", None),
        ("message.created", "agent"),
        ("conversation.resolved", None),
    ]
    done = receiver.bodies()[2]["data"]
    assert (done["tool"], done["order_number"]) == ("cancel_order", "12345")
    assert receiver.bodies()[7]["data"]["text"] == EVIL


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"webhook_urls": "https://a.example/h"}, "KAUNTER_WEBHOOK_SECRET"),
        ({"webhook_urls": "https://a.example/h", "webhook_secret": "short"}, "24 bytes"),
        ({"webhook_urls": "https://a.example/h", "webhook_secret": "whsec_!!"}, "Base64"),
        ({"webhook_urls": "file:///etc/passwd", "webhook_secret": SECRET}, "KAUNTER_WEBHOOK_URLS"),
        ({"webhook_urls": "https://", "webhook_secret": SECRET}, "KAUNTER_WEBHOOK_URLS"),
        ({"webhook_events": "message.deleted"}, "KAUNTER_WEBHOOK_EVENTS"),
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load_settings(**values)
