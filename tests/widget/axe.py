"""What axe-core finds wrong with a page, shadow roots included, by the rules of WCAG 2.2 A and AA."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def find_violations(page: Page) -> list[str]:
    """One line for each violation: the rule and the first element that breaks it."""
    await page.evaluate(f"typeof axe === 'undefined' && (() => {{ {SCRIPT} }})()")
    found: dict[str, Any] = await page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    assert found["passes"], "axe looked at nothing"
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0]['failureSummary']}" for v in found["violations"]]
