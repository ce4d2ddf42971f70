"""The examples and tables of docs/shop-data.md are what the code takes."""

import json
import re
from pathlib import Path

from app.shopdata.documents import ShopDocument
from app.shopdata.importing import import_files
from app.shopdata.layouts import LAYOUTS
from app.store import Store

DOCS = (Path(__file__).parents[2] / "docs/shop-data.md").read_text(encoding="utf-8")


async def test_the_example_of_the_json_form_can_be_imported(store: Store, tmp_path: Path) -> None:
    [example] = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
    (tmp_path / "shop.json").write_text(example, encoding="utf-8")
    report = await import_files(store, [tmp_path / "shop.json"])
    assert {kind: counts["added"] for kind, counts in report.counts.items()} == {
        **{"customers": 1, "products": 1},
        "orders": 1,
    }
    assert set(json.loads(example)) == set(ShopDocument.model_fields)


def test_every_column_of_every_table_is_documented() -> None:
    for layout in LAYOUTS:
        [row] = re.findall(rf"\| {layout.name}[^|]*\| (.*) \|", DOCS)
        named = [cell.strip("` ") for cell in row.split(",")]
        assert {name.strip("*") for name in named if name.startswith("**")} == set(layout.required)
        assert set(layout.optional) <= set(named)
        assert layout.has_options == any(name.startswith("option:") for name in named)
