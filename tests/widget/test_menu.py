"""The menu (another language, a rating, the transcript, deletion), photos, and a shop on another origin."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.pages.site import PATIENCE
from tests.widget.axe import find_violations
from tests.widget.conftest import Arrive, MakeShop
from tests.widget.storefront import MINE, REPLIES, Storefront
from tests.widget.test_connections import find_conversation

pytestmark = pytest.mark.browser


async def test_a_picked_language_changes_strings_direction_and_replies(shop: Storefront, arrive: Arrive) -> None:
    guest, say = await arrive(shop, "en-US"), shop.services.wording
    await guest.open()
    await guest.find("header .icon").first.click()
    await guest.find("#menu select").select_option("ar")
    await expect(guest.find(".panel")).to_have_attribute("dir", "rtl", timeout=PATIENCE)
    await guest.see("h2", say.label("title", "ar"))
    assert await find_violations(guest.page) == []
    await guest.say("12345")
    assert await guest.find(REPLIES).last.get_attribute("lang") == "ar"


async def test_a_rating_is_chosen_with_arrow_keys_and_stored(shop: Storefront, arrive: Arrive) -> None:
    guest, say = await arrive(shop, "ja-JP"), shop.services.wording
    await guest.open()
    await guest.say("返品したいです")
    await guest.choose(say.label("rating_prompt", "ja"))
    assert await find_violations(guest.page) == []
    await guest.find(".star input").first.focus()
    for _ in range(3):
        await guest.page.keyboard.press("ArrowRight")
    await guest.find(".form textarea").fill("<b>早い</b>")
    await guest.find(".form [type=submit]").click()
    await guest.see(".note", say.label("rating_thanks", "ja"))
    with closing(sqlite3.connect(shop.data / "kaunter.db")) as database:
        rated = database.execute("SELECT rating_score, rating_comment FROM conversations").fetchall()
    assert rated == [(4, "<b>早い</b>")]


async def test_the_transcript_is_saved_and_a_deletion_leaves_nothing(shop: Storefront, arrive: Arrive) -> None:
    guest, say = await arrive(shop, "ko-KR"), shop.services.wording
    await guest.open()
    reply = await guest.say("반품하고 싶어요")
    async with guest.page.expect_download() as saving:
        await guest.choose(say.label("download_conversation", "ko"))
    path = await (await saving.value).path()
    saved = path.read_text(encoding="utf-8")
    assert "반품하고 싶어요" in saved
    assert reply.strip() in saved
    conversation = await find_conversation(shop)
    await guest.choose(say.label("delete_conversation", "ko"))
    assert len(await shop.services.store.messages(conversation)) == 2, "it asks first"
    await guest.find(".form [type=submit]").click()
    await guest.see(".note", say.label("conversation_deleted", "ko"))
    await expect(guest.find(MINE)).to_have_count(0)
    assert await shop.services.store.messages(conversation) == []
    assert conversation not in str(await guest.kept())


async def test_a_photo_reaches_the_agents_and_another_file_is_refused(
    shop: Storefront, arrive: Arrive, tmp_path: Path
) -> None:
    guest, say = await arrive(shop, "id-ID"), shop.services.wording
    await guest.open()
    picture = tmp_path / "rusak.jpg"
    Image.new("RGB", (40, 30), "red").save(picture)
    await guest.find("input[type=file]").set_input_files(picture)
    await guest.see(".thread", say.label("picture_sent", "id"))
    (tmp_path / "bukan.jpg").write_bytes(b"<svg onload=alert(1)>")
    before = len(await shop.services.store.messages(await find_conversation(shop)))
    await guest.find("input[type=file]").set_input_files(tmp_path / "bukan.jpg")
    await expect(guest.find(".note").last).to_have_text(say.label("picture_refused", "id"), timeout=PATIENCE)
    assert len(await shop.services.store.messages(await find_conversation(shop))) == before


async def test_a_shop_on_another_origin_talks_to_the_counter_that_allows_it(
    make_shop: MakeShop, arrive: Arrive
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shop = await make_shop(
        port=port, counter=f"http://127.0.0.1:{port}", settings={"allowed_origins": f"http://localhost:{port}"}
    )
    guest = await arrive(shop, "hi-IN")
    await guest.page.goto(f"http://localhost:{port}/shop")
    await guest.open()
    assert await guest.say("सामान कैसे लौटाऊँ?")
    await guest.find("header .icon").first.click()
    await guest.find("#menu select").select_option("ta")
    await guest.see("h2", shop.services.wording.label("title", "ta"))
