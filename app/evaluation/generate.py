"""Makes scenarios from a shop's own orders and policies, so that an owner tests his own rules.

What customers say is taken from the questions that the shop's policies and the intents bring along as examples, so a
generated scenario measures rules, amounts and dates, not how well a new wording is understood.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.config import Settings
from app.errors import ScenarioError
from app.evaluation.runner import load_contents
from app.intents.router import read_bank
from app.models import Order, OrderStatus
from app.policies import Policies, load
from app.policies.rules import CancellationRules, ReturnsRules
from app.store.imports import ShopContents

_ASK_STATUS = "track_order"
_ASK_REFUND = "get_refund_status"
_ASK_CANCEL = "cancel_order"
_ASK_RETURN = "return_items"
_FAR_AHEAD = 30


async def generate(settings: Settings, folder: Path, languages: Sequence[str] = ()) -> list[Path]:
    """Write the scenario files into ``folder``. Raises ScenarioError when nothing can be made."""
    contents = await load_contents(settings)
    policies = load(settings.policies_dir)
    wanted = list(languages) or list(settings.languages)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a command of its own
    written = []
    for situation in make_situations(contents, policies, wanted):
        path = folder / f"{situation['situation']}.yaml"
        text = yaml.safe_dump(situation, allow_unicode=True, sort_keys=False, width=110)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    if not written:
        raise ScenarioError("the shop has no orders to make scenarios from", str(folder))
    return written


def make_situations(shop: ShopContents, policies: Policies, languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A situation for each status of an order, each refund, and both sides of each rule that has a boundary."""
    yield from _statuses(shop, languages)
    yield from _refunds(shop, languages)
    yield from _cancellations(shop, policies, languages)
    yield from _returns(shop, policies, languages)


def _situation(
    name: str,
    title: str,
    order: dict[str, Any],
    asks: str,
    languages: Sequence[str],
    expect: dict[str, Any],
    **more: Any,
) -> dict[str, Any]:
    return {
        "situation": f"own-{name}",
        "title": title,
        "tags": ["generated"],
        "shop": {"order": order},
        "identity": "contact",
        **more,
        "expect": expect,
        "languages": {code: [f"{ask} {{order.number}}"] for code in languages for ask in _examples(asks, code)},
    }


def _examples(intent: str, language: str) -> list[str]:
    """One example of the bank without numbers, in a language that has some."""
    found = (e.text for e in read_bank() if e.label == intent and e.language == language)
    return [text for text in found if not any(c.isdigit() for c in text)][:1]


def _statuses(shop: ShopContents, languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    kinds: dict[tuple[str, str | None], Order] = {}
    for order in shop.orders:
        kinds.setdefault((order.status.value, order.trouble.value if order.trouble else None), order)
    for (status, trouble), order in sorted(kinds.items(), key=str):
        says = ["order.number"]
        if order.shipments and order.shipments[0].tracking_number and status not in ("pending_payment", "cancelled"):
            says.append("order.shipments.0.tracking_number")
        name = f"status-{status}-{trouble or 'plain'}".replace("_", "-")
        title = f"Where is it: {status}, {trouble or 'no trouble'}"
        expect = {"outcome": "answered", "says": says}
        yield _situation(name, title, {"status": status, "trouble": trouble}, _ASK_STATUS, languages, expect)


def _refunds(shop: ShopContents, languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    for status in sorted({order.refunds[-1].status.value for order in shop.orders if len(order.refunds) == 1}):
        expect = {"outcome": "answered", "says": ["order.number", "order.refunds.0.amount"]}
        yield _situation(
            f"refund-{status}", f"A refund that is {status}", {"refund": status}, _ASK_REFUND, languages, expect
        )


def _cancellations(shop: ShopContents, policies: Policies, languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    allowed = policies.rules(CancellationRules).allowed_statuses
    for status in sorted({order.status for order in shop.orders}):
        if status is OrderStatus.CANCELLED:
            continue
        if status in allowed:
            expect: dict[str, Any] = {
                "outcome": "done",
                "says": ["order.number"],
                "changes": {"order.status": "cancelled"},
                "may_change": ["order", "stock"],
            }
            more = {"then": "confirm"}
        else:
            expect, more = {"outcome": "refused"}, {}
        name, title = f"cancel-{status.value}".replace("_", "-"), f"Cancel an order that is {status.value}"
        yield _situation(name, title, {"status": status.value}, _ASK_CANCEL, languages, expect, **more)


def _returns(shop: ShopContents, policies: Policies, languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    rules = policies.rules(ReturnsRules)
    final = list(rules.final_sale_categories)
    plain = {"status": "delivered", "trouble": None, "items": 1, "not_category": final}
    inside = {"outcome": "proposed", "says": ["order.number", "order.items.0.title"]}
    outside = {"outcome": "refused", "says": ["order.delivered_at + policy.returns.window_days"]}
    for name, days, expect in (
        ("first-day", 1, inside),
        ("last-day", rules.window_days, inside),
        ("day-after", rules.window_days + 1, outside),
        ("long-after", rules.window_days + _FAR_AHEAD, outside),
    ):
        order = {**plain, "delivered_days_ago": days}
        title = f"Return {days} days after delivery; the shop gives {rules.window_days}"
        yield _situation(f"return-{name}", title, order, _ASK_RETURN, languages, expect)
    for category in final:
        if any({i.category for i in o.items} == {category} and o.status is OrderStatus.DELIVERED for o in shop.orders):
            order = {"status": "delivered", "category": category, "delivered_days_ago": 3}
            title = f"Return {category}, which is final sale"
            yield _situation(f"return-{category}", title, order, _ASK_RETURN, languages, {"outcome": "refused"})
