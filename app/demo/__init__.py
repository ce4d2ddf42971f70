"""The demo shop: invented customers, products and orders, the same on every machine, with dates around today."""

from dataclasses import dataclass
from datetime import datetime

from app.demo.catalogue import build_catalogue, list_products
from app.demo.orders import build_order
from app.demo.people import build_people
from app.demo.plan import FIRST_NUMBER, plan_orders
from app.models import Customer, Order, Product, Trouble

__all__ = ["FIRST_NUMBER", "DemoShop", "build_demo"]


@dataclass(frozen=True, slots=True)
class DemoShop:
    customers: tuple[Customer, ...]
    products: tuple[Product, ...]
    orders: tuple[Order, ...]


def build_demo(now: datetime) -> DemoShop:
    """The shop as it stands at ``now`` (aware). Ids, contacts and numbers are the same for every ``now``."""
    people = build_people()
    plans = plan_orders(people, build_catalogue())
    out_of_stock = {
        plan.lines[0][0].variant.id for plan in plans if plan.scenario.trouble in (Trouble.RESTOCK, Trouble.PREORDER)
    }
    return DemoShop(
        customers=tuple(person.customer for person in people),
        products=tuple(list_products(build_catalogue(sold_out=out_of_stock))),
        orders=tuple(build_order(plan, now) for plan in plans),
    )
