"""What a shop wrote in the customer's language is quoted; what it did not write in it, a model may phrase."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.canned import Canned
from app.config import find_content
from app.policies import load
from app.tools import products
from app.tools.registry import Desk, ToolResult
from app.wording import Wording
from tests.counter import Counter

FEE = "ai trả phí gửi trả hàng"


async def answer(counter: Counter, folder: Path, question: str, language: str) -> ToolResult:
    wording = Wording()
    desk = Desk(
        counter.services.store.customer_shop(None), load(folder), wording, Canned(wording), language,
        "Asia/Ho_Chi_Minh", datetime.now(UTC), question,
    )  # fmt: skip
    return await products.answer_from_policy.run(desk, "returns")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo shop's policies, of whose Vietnamese returns only the fee is translated."""
    copy = tmp_path / "policies"
    shutil.copytree(find_content("policies"), copy)
    vietnamese = copy / "returns.vi.md"
    head, *sections = vietnamese.read_text(encoding="utf-8").split("\n## ")
    fee = next(section for section in sections if "{#fee}" in section.split("\n")[0])
    vietnamese.write_text(f"{head}\n## {fee}", encoding="utf-8")
    return copy


async def test_a_section_in_her_language_is_quoted_though_its_neighbours_are_not(
    counter: Counter, folder: Path
) -> None:
    result = await answer(counter, folder, FEE, "vi")
    assert result.settles
    assert result.canned in load(folder).render("returns", "fee", language="vi")[0].text


async def test_a_section_that_is_not_in_her_language_may_be_phrased(counter: Counter, folder: Path) -> None:
    assert not (await answer(counter, folder, "mua bao lâu thì không trả được nữa", "vi")).settles
    assert (await answer(counter, folder, "how long do I have to return it", "en")).settles
