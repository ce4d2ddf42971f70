"""Puts the demo shop into the store, and never in the place of a real one."""

from datetime import UTC, datetime

from app.demo import build_demo
from app.errors import ConfigurationError
from app.store import Store


async def seed_demo(store: Store, now: datetime, *, fresh: bool = False) -> bool:
    """Make the demo shop as of ``now``; False, and nothing changed, when today's is there already.

    One of an earlier day is replaced, because its dates are about that day; ``fresh`` replaces today's too.
    Raises ConfigurationError when the shop's data are not the demo's.
    """
    state = await store.shop_state()
    if state.get("source", "demo") != "demo" or (not state and await store.order_count()):
        raise ConfigurationError(
            "This database holds a shop's own data, which the demo shop would replace; "
            "set KAUNTER_DATA_DIR to another folder for the demo."
        )
    today = now.astimezone(UTC).date().isoformat()
    if state.get("seeded_on") == today and not fresh:
        return False
    shop = build_demo(now)
    await store.replace_shop(
        customers=shop.customers, products=shop.products, orders=shop.orders, source="demo", seeded_on=today
    )
    return True
