"""What became different in the shop's tables, and whether a scenario expected it."""

from typing import Any

from app.evaluation.paths import flatten, is_below, is_same, look_up
from app.evaluation.record import Played
from app.evaluation.scenario import Expected
from app.store.imports import ShopContents

ANY = "any"


def find_changes(played: Played) -> dict[str, tuple[Any, Any]]:
    """Each path whose value differs, with the value before and after (None: not there)."""
    before, after = _flatten(played, played.before), _flatten(played, played.after)
    changed = {
        path: (before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }
    return changed | {f"outbox.{task['id']}": (None, task) for task in played.tasks}


def _flatten(played: Played, shop: ShopContents) -> dict[str, Any]:
    """The plain values of all records of a shop that are not both before and after."""
    if played.before is played.after:
        return {}
    names = {order.number: name for name, order in played.stage.orders.items()}
    other = played.after if shop is played.before else played.before
    orders, customers = {o.number: o for o in other.orders}, {c.id: c for c in other.customers}
    found: dict[str, Any] = {}
    for order in shop.orders:
        if orders.get(order.number) != order:
            found |= flatten(order, names.get(order.number, f"orders.{order.number}"))
    for customer in shop.customers:
        if customers.get(customer.id) != customer:
            is_own = customer.id == played.stage.customer.id
            found |= flatten(customer, "customer" if is_own else f"customers.{customer.id}")
    return found | {f"stock.{v.id}": v.stock for product in shop.products for v in product.variants}


def find_forbidden(changes: dict[str, tuple[Any, Any]], expected: Expected) -> list[str]:
    """Changes that nothing in the scenario allows; an order that may change, or gets a task, counts up its version."""
    allowed = [*expected.changes, *expected.may_change]
    roots = {path.partition(".")[0] for path in allowed}
    allowed += [f"{root}.version" for root in (roots - {"outbox"}) | ({"order"} if "outbox" in roots else set())]
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
