"""What became different in the shop's tables, and whether a scenario expected it."""

from collections.abc import Iterator
from typing import Any

from app.evaluation.paths import flatten, is_below, is_same, look_up
from app.evaluation.record import Played
from app.evaluation.scenario import Expected
from app.store.imports import ShopContents

ANY = "any"


def find_changes(played: Played) -> dict[str, tuple[Any, Any]]:
    """Each path whose value differs, with the value before and after (None: not there)."""
    names = {order.number: name for name, order in played.stage.orders.items()}
    before = dict(_flatten(played.before, names, played.stage.customer.id))
    after = dict(_flatten(played.after, names, played.stage.customer.id))
    paths = sorted({*before, *after})
    changed = {path: (before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)}
    return changed | {f"outbox.{task['id']}": (None, task) for task in played.tasks}


def _flatten(shop: ShopContents, names: dict[str, str], customer_id: str) -> Iterator[tuple[str, Any]]:
    for order in shop.orders:
        yield from flatten(order, names.get(order.number, f"orders.{order.number}"))
    for customer in shop.customers:
        yield from flatten(customer, "customer" if customer.id == customer_id else f"customers.{customer.id}")
    for product in shop.products:
        for variant in product.variants:
            yield f"stock.{variant.id}", variant.stock


def find_forbidden(changes: dict[str, tuple[Any, Any]], expected: Expected) -> list[str]:
    """Changes that nothing in the scenario allows; an order that may change also counts up its version."""
    allowed = [*expected.changes, *expected.may_change]
    allowed += [f"{path.partition('.')[0]}.version" for path in allowed]
    return [path for path in changes if not any(is_below(path, parent) for parent in allowed)]


def find_missing(changes: dict[str, tuple[Any, Any]], expected: Expected, roots: dict[str, Any]) -> list[str]:
    """Expected values that are not there after."""
    missing = []
    for path, wanted in expected.changes.items():
        if wanted == ANY:
            if not any(is_below(changed, path) for changed in changes):
                missing.append(f"{path} did not change")
            continue
        try:
            value = look_up(roots, path)
        except KeyError:
            value = None
        if not is_same(value, wanted):
            missing.append(f"{path} is {_plain(value)}, not {wanted}")
    return missing


def _plain(value: Any) -> str:
    return str(getattr(value, "value", value))
