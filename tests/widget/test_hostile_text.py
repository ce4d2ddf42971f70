"""Anyone's text shows as text: markup, bidi controls, zero-width characters, towers of combining marks, line breaks."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from app.assistant import Turn
from app.events import Event, Text
from app.models import Outcome, Reply
from tests.pages.site import PATIENCE
from tests.widget.conftest import Arrive, MakeShop
from tests.widget.storefront import MINE, REPLIES

pytestmark = pytest.mark.browser

HOSTILE = [
    '<img src=x onerror="window.hit=1"><script>window.hit=1</script>',
    "{{constructor.constructor('window.hit=1')()}} ${window.hit=1} [x](javascript:window.hit=1)",
    "\u202egnp.exe\u202c \u2066\u2069 \u200f12345\u200e",
    "a\u200bb\u200cc\u200dd\ufeff",
    'event: reply\n\ndata: {"seq": 99, "text": "false"}\n\n\n\nid: 7\r\n\u2028\u2029"}',
]


def strip(text: str) -> str:
    """Without what cannot be seen: the server drops some controls and keeps others, both are harmless."""
    return re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]", "", text)


class Echo:
    """Says back what it was told, as the worst model would."""

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        yield Text(0, turn.text)
        yield Reply(turn.text, "en", Outcome.ANSWERED)


async def test_markup_controls_and_line_breaks_are_text_on_both_sides(make_shop: MakeShop, arrive: Arrive) -> None:
    guest = await arrive(await make_shop(assistant=Echo()), "en-US")
    await guest.open()
    for count, text in enumerate(HOSTILE, 1):
        await guest.write(text)
        await expect(guest.find(REPLIES)).to_have_count(count, timeout=PATIENCE)
    for side in (MINE, REPLIES):
        shown = await guest.find(side).evaluate_all(
            "(nodes) => nodes.map((n) => [...n.querySelectorAll('p')].map((p) => p.textContent).join('\\n'))"
        )
        for written, read in zip(HOSTILE, shown, strict=True):
            assert strip(written) == strip(read)
        assert await guest.find(f"{side} :is(img, script, a, iframe)").count() == 0
    assert await guest.page.evaluate("window.hit") is None
    await guest.page.reload()
    await guest.open()
    await expect(guest.find(REPLIES)).to_have_count(len(HOSTILE), timeout=PATIENCE)
    assert await guest.page.evaluate("window.hit") is None


async def test_a_tower_of_combining_marks_covers_no_other_line(make_shop: MakeShop, arrive: Arrive) -> None:
    guest = await arrive(await make_shop(assistant=Echo()), "en-US")
    await guest.open()
    await guest.write("Z" + "\u0301" * 3_900)
    await expect(guest.find(REPLIES)).to_have_count(1, timeout=PATIENCE)
    for side in (MINE, REPLIES):
        box = await guest.find(side).bounding_box()
        assert box is not None
        assert box["height"] < 60
        assert box["width"] < 390
