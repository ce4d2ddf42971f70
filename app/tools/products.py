"""Tools that read what everybody may know: the catalogue and the policies."""

from app.guardrails.claims import Source
from app.models import Citation, Product
from app.tools.registry import Desk, Kind, PolicyId, ToolResult, Words, tool

SHOWN = 5
"""Products in one answer; more would not be read."""


@tool(Kind.READ)
async def find_product(desk: Desk, query: Words) -> ToolResult:
    """Find products of the shop: price, sizes, colours, whether they are in stock."""
    found = desk.policies.match_products(query, await desk.shop.products(), SHOWN)
    if not found:
        return ToolResult(desk.wording.say("product_not_found", desk.language))
    text = desk.wording.products_found(found, desk.language)
    return ToolResult(text, sources=tuple(_source(p, desk) for p in found))


def _source(product: Product, desk: Desk) -> Source:
    return Source(f"product:{product.id}", desk.wording.products_found([product], desk.language))


@tool(Kind.READ)
async def answer_from_policy(desk: Desk, policy: PolicyId) -> ToolResult:
    """Explain what the shop promises: any question about its rules, deadlines, fees or conditions."""
    orders = await desk.shop.orders()
    order = orders[0] if len(orders) == 1 else None
    passages = desk.policies.passages(desk.question, policy, order, desk.language, desk.time_zone, desk.now)
    return ToolResult(
        desk.wording.policy_summary(policy, desk.policies.rules(policy), desk.language),
        settles=False,
        sources=tuple(Source(f"policy:{p.policy}#{p.section}", p.text) for p in passages),
        citations=tuple(Citation(p.policy, p.section) for p in passages),
    )
