"""``/metrics``: who may read it, what it counts, and that nothing of a customer is in it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.api.application import build_api
from app.llm.scripted import ScriptedModel
from tests.conftest import MakeCounter
from tests.counter import LAN, RETURNS, Counter

TOKEN = "scrape-me-0123456789"


@asynccontextmanager
async def open_http(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_api(counter.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def scrape(counter: Counter) -> tuple[str, Callable[..., float]]:
    """The text, and a function that adds up the samples of a name with these labels."""
    async with open_http(counter) as http:
        answer = await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]

    def read(name: str, **labels: str) -> float:
        return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())

    return answer.text, read


async def test_without_a_token_in_the_settings_there_are_no_metrics(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert (await http.get("/metrics", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ก"]
)
async def test_another_token_reads_nothing(make_counter: MakeCounter, given: str | None) -> None:
    counter = await make_counter(metrics_token=TOKEN)
    async with open_http(counter) as http:
        headers = {} if given is None else {"Authorization": given.encode()}
        answer = await http.get("/metrics", headers=headers)
        assert (await http.get(f"/metrics?token={TOKEN}")).status_code == 401
    assert answer.status_code == 401
    assert "kaunter_" not in answer.text


async def test_replies_are_counted_by_outcome_voice_and_language(make_counter: MakeCounter) -> None:
    counter = await make_counter(metrics_token=TOKEN)
    visitor = await counter.visit("th")
    await visitor.say("สวัสดีค่ะ")
    await visitor.say("ขอบคุณมากค่ะ")
    _, read = await scrape(counter)
    assert read("kaunter_replies_total", outcome="answered", spoke="canned", language="th") == 2
    assert read("kaunter_turn_seconds_count", spoke="canned") == 2
    assert read("kaunter_stage_seconds_count", stage="route") == 2
    assert read("kaunter_model_slots") == 4


async def test_rejected_segments_are_counted_by_kind_and_the_second_try_too(make_counter: MakeCounter) -> None:
    model = ScriptedModel(default="Anh/chị có thể trả hàng trong vòng 77 ngày.")
    counter = await make_counter(model, translated=False, metrics_token=TOKEN)
    reply = await (await counter.visit("vi")).say(RETURNS)
    assert reply.metrics is not None
    assert reply.metrics.regenerations == 1
    _, read = await scrape(counter)
    assert read("kaunter_verdicts_total", kind="claim", language="vi") == len(reply.metrics.verdicts) == 2
    assert read("kaunter_regenerations_total", language="vi") == 1
    assert read("kaunter_model_calls_total") == reply.metrics.model_calls


async def test_a_handoff_counts_once_with_a_reason_of_ours(make_counter: MakeCounter) -> None:
    counter = await make_counter(metrics_token=TOKEN)
    await (await counter.visit("en")).say("I want to talk to a human")
    await counter.conversations.request_handoff((await counter.visit("en")).id, "call me on +84 90 555 0199")
    _, read = await scrape(counter)
    assert read("kaunter_handoffs_total", reason="customer_asked") == 1
    assert read("kaunter_handoffs_total", reason="other") == 1


async def test_nothing_that_a_customer_wrote_is_in_the_metrics(make_counter: MakeCounter) -> None:
    counter = await make_counter(metrics_token=TOKEN)
    visitor = await counter.visit("en")
    for text in (
        f"order {LAN.order_number}, {LAN.contact}",
        'evil"} 1\nkaunter_fake 1',
        "where is it?",
        "human please",
    ):
        await visitor.say(text)
        if (await counter.conversations.get(visitor.id)).mode == "manual":
            break
    text, _ = await scrape(counter)
    # A sample's value is a measured number, and its digits may spell anything.
    names = "\n".join(line if line.startswith("#") else line.rpartition(" ")[0] for line in text.splitlines())
    for secret in (LAN.order_number, LAN.contact, "evil", "kaunter_fake", visitor.id, visitor.started.token):
        assert secret not in names
