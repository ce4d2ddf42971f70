"""Tools that read what everybody may know: the catalogue and the policies."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app import formats
from app.catalogue import find_products
from app.guardrails.claims import Source
from app.models import Citation, Money, Order, Product
from app.policies import Rendered
from app.policies.rules import ShippingRules
from app.requests import SAYS_SOMETHING, count_letters, split_clauses
from app.tools.registry import Desk, Kind, PolicyId, ToolResult, Words, tool

SHOWN = 5
"""Products in one answer; more would not be read."""

PASSAGES = 2
"""Sections of a policy that the model reads when the index names none; each has about 100 tokens."""

QUESTIONS = 3
"""Clauses of a message that are looked at one by one; who writes more tells a story."""


@tool(Kind.READ)
async def find_product(desk: Desk, query: Words) -> ToolResult:
    """Find products of the shop: price, sizes, colours, whether they are in stock."""
    found = find_products(query, await desk.shop.products(), SHOWN)
    if not found:
        return ToolResult(desk.wording.say("product_not_found", desk.language))
    text = desk.canned.products_found(found, desk.language)
    return ToolResult(text, sources=tuple(_source(p, desk) for p in found))


def _source(product: Product, desk: Desk) -> Source:
    return Source(f"product:{product.id}", desk.canned.products_found([product], desk.language))


@tool(Kind.READ)
async def answer_from_policy(desk: Desk, policy: PolicyId) -> ToolResult:
    """Explain what the shop promises: any question about its rules, deadlines, fees or conditions."""
    orders = await desk.shop.orders()
    order = orders[0] if len(orders) == 1 else None
    zone = ZoneInfo(desk.time_zone)
    passages = desk.policies.render(policy, None, order, zone, desk.now, desk.language)
    selection = desk.policies.select(desk.question, desk.language)
    wanted = [s.section for s in selection.sections if s.policy == policy]
    meant = selection.find_alike(policy) | _read_clauses(desk, policy)
    chosen = [p for p in passages if p.section in {*wanted, *meant}] or list(passages[:PASSAGES])
    asked = [p for p in chosen if p.section in meant]
    spoken = bool(asked) and all(p.language == desk.language for p in asked)
    if spoken:
        text = "\n\n".join(p.text for p in asked)
    elif desk.canned.has_summary(policy):
        text = _summarise(desk, policy, wanted, order)
    else:
        text = _quote(desk, asked[0] if asked else chosen[0])
    return ToolResult(
        text,
        # A model could only say the shop's own words worse: no check reads whether a rule was turned round.
        settles=spoken or all(p.language == desk.language for p in chosen),
        sources=tuple(Source(f"policy:{p.policy}#{p.section}", p.text, title=p.title) for p in chosen),
        citations=tuple(Citation(p.policy, p.section) for p in chosen),
    )


def _read_clauses(desk: Desk, policy: str) -> frozenset[str]:
    """The sections that single clauses plainly ask for: "how many days do I have, and who pays?"."""
    clauses = [clause for clause in split_clauses(desk.question) if count_letters(clause) >= SAYS_SOMETHING]
    if not 2 <= len(clauses) <= QUESTIONS:
        return frozenset()
    found = (desk.policies.select(clause, desk.language).clear for clause in clauses)
    return frozenset(each.section for each in found if each and each.policy == policy)


def _quote(desk: Desk, passage: Rendered) -> str:
    """A section of a policy that only this shop has, with a word about its language where it is another one."""
    if passage.language == desk.language:
        return passage.text
    name = formats.language_name(passage.language, desk.language)
    return f"{desk.wording.say('policy_untranslated', desk.language, language=name)}\n{passage.text}"


def _summarise(desk: Desk, policy: str, wanted: Sequence[str], order: Order | None) -> str:
    """The policy's main rule, where the section is not written in the customer's language or none was asked for; of
    shipping the fee, where that is what the question is about."""
    rules = desk.policies.get(policy).rules
    if isinstance(rules, ShippingRules) and wanted[:1] == ["cost"]:
        currencies = (order.currency if order else "", desk.policies.shop.currency)
        currency = next((c for c in currencies if c in rules.fees and c in rules.free_from), None)
        if currency:
            fee, free_from = Money(rules.fees[currency], currency), Money(rules.free_from[currency], currency)
            return desk.wording.say("shipping_cost", desk.language, fee=fee, free_from=free_from)
    return desk.canned.policy_summary(policy, desk.language, _rules(desk, policy))


def _rules(desk: Desk, policy: str) -> dict[str, object]:
    rules = desk.policies.get(policy).rules
    return {name: getattr(rules, name) for name in type(rules).model_fields}
