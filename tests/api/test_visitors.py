"""What else a visitor may do: rate, send photos, delete, and learn who answers."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image

from app import conversations
from app.photos import LONGEST_SIDE
from tests.api.test_conversations import LAN, say, start
from tests.counter import Counter


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if form == "PNG" else "RGB", size, "orange").save(file, form, **options)
    return file.getvalue()


async def attach(http: httpx.AsyncClient, path: str, auth: dict[str, str], data: bytes) -> httpx.Response:
    return await http.post(f"{path}/attachments", files={"file": ("../../x.php", data, "text/html")}, headers=auth)


async def test_a_rating_is_kept_and_replaced(http: httpx.AsyncClient, counter: Counter) -> None:
    path, auth = await start(http, locale="ta")
    for score, comment in [(1, "மோசம்"), (5, None)]:
        answer = await http.post(f"{path}/rating", json={"score": score, "comment": comment}, headers=auth)
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await http.post(f"{path}/rating", json={"score": 6}, headers=auth)).status_code == 422


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_reaches_the_agents_without_its_metadata(
    http: httpx.AsyncClient, counter: Counter, form: str
) -> None:
    path, auth = await start(http, locale="vi")
    exif = Image.Exif()
    exif[0x010E] = "bí mật: 10.7769 N"
    answer = await attach(http, path, auth, picture(form, (3000, 1000), exif=exif))
    assert answer.status_code == 201, answer.text
    photo = answer.json()["attachment"]
    assert (photo["width"], photo["media_type"]) == (LONGEST_SIDE, "image/jpeg")
    got = await http.get(f"{path}/attachments/{photo['id']}", headers=auth)
    assert "bí mật".encode() not in got.content
    assert not Image.open(io.BytesIO(got.content)).getexif()
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-security-policy"] == "sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"
    (entry,) = await counter.services.store.inbox()
    assert entry.messages[-1].text == counter.services.wording.say("photo_received", "vi")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        picture()[:200],
        picture("GIF"),
        b"\xff\xd8" * 999,
    ],
)
async def test_what_is_no_photo_is_refused_and_hands_nothing_off(
    http: httpx.AsyncClient, counter: Counter, data: bytes
) -> None:
    path, auth = await start(http, locale="ar")
    answer = await attach(http, path, auth, data)
    assert answer.status_code == 422
    assert await counter.services.store.inbox() == []


async def test_a_picture_that_unpacks_to_gigabytes_is_refused(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="hi")
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert (await attach(http, path, auth, bomb.getvalue())).json()["code"] == "photo_invalid"


async def test_of_many_photos_at_once_only_as_many_as_allowed_are_kept(
    counter: Counter, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "MOST_PHOTOS", 2)
    path, auth = await start(http, locale="ta")
    answers = await asyncio.gather(*(attach(http, path, auth, picture()) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422]
    [entry] = await counter.services.store.inbox(last=9)
    assert len(entry.messages) == 2
    assert b'kaunter_handoffs_total{reason="photo"}' in counter.services.meters.render()


async def test_a_photo_is_seen_only_with_its_own_conversations_token(http: httpx.AsyncClient) -> None:
    path, auth = await start(http, locale="ko")
    photo = (await attach(http, path, auth, picture())).json()["attachment"]["id"]
    other, other_auth = await start(http, locale="ko")
    assert (await http.get(f"{path}/attachments/{photo}", headers=other_auth)).status_code == 401
    assert (await http.get(f"{other}/attachments/{photo}", headers=other_auth)).status_code == 404


async def test_deletion_leaves_nothing_that_was_said_or_sent(http: httpx.AsyncClient, counter: Counter) -> None:
    path, auth = await start(http, locale="lo")
    await say(http, path, auth, "ສະບາຍດີ ຄວາມລັບ")
    await attach(http, path, auth, picture())
    assert (await http.delete(path, headers=auth)).status_code == 204
    assert (await http.get(f"{path}/messages", headers=auth)).status_code == 401
    assert "ຄວາມລັບ".encode() not in (counter.services.settings.data_dir / "kaunter.db").read_bytes()


async def read_news(counter: Counter, path: str, after: int, count: int) -> list[tuple[str, int, Any]]:
    from app.api.routes import _stream_conversation

    news = []
    frames: AsyncIterator[bytes] = _stream_conversation(counter.conversations, path.rsplit("/", 1)[1], after)
    async for frame in frames:
        lines = dict(line.split(": ", 1) for line in frame.decode().strip().splitlines())
        news.append((lines["event"], int(lines["id"]), json.loads(lines["data"])))
        if len(news) == count:
            break
    return news


async def test_a_stream_tells_who_answers_and_what_became_of_a_proposal(
    http: httpx.AsyncClient, counter: Counter
) -> None:
    path, auth = await start(http, locale="en")
    await http.post(f"{path}/verification", json=LAN, headers=auth)
    (proposal,) = (await say(http, path, auth, "cancel my order 12345 please")).json()["proposals"]
    await counter.services.store.take_over(path.rsplit("/", 1)[1], "Mai")
    news = await read_news(counter, path, 1, 3)
    assert [name for name, _, _ in news] == ["message", "status", "proposal"]
    assert news[1][2] == {"mode": "manual", "status": "open", "assignee": "Mai"}
    assert (news[2][2]["id"], news[2][2]["state"]) == (proposal["id"], "voided")
    assert {seq for _, seq, _ in news} == {2}
    assert [name for name, _, _ in await read_news(counter, path, 2, 2)] == ["status", "proposal"]
