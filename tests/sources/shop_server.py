"""A shop's own order system on loopback, with the demo shop's records and whatever fault a test wants."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from app.demo import build_demo
from app.shopdata.writing import write_customer, write_order, write_product
from app.store.database import utc_now
from tests.llm.loopback import Answer, Loopback, Request, serve

KEY = "the key of the order system"


@dataclass
class ShopServer:
    customers: dict[str, Any]
    products: list[Any]
    orders: dict[str, Any]
    loopback: Loopback = field(default_factory=lambda: Loopback(""))
    fault: Callable[[Request], Answer | None] = lambda _: None
    """Answers in the place of the system where it returns something; may raise Abort."""
    change_status: int = 202

    @property
    def url(self) -> str:
        return f"{self.loopback.url}/shop/v1/"

    def paths(self) -> list[str]:
        return [request.path.removeprefix("/shop/v1") for request in self.loopback.requests]

    def handle(self, request: Request) -> Answer:
        faulty = self.fault(request)
        if faulty is not None:
            return faulty
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return say({"error": "key"}, 401)
        match request.path.removeprefix("/shop/v1/").split("/"):
            case ["orders", number, "contact"] if number in self.orders:
                order = self.orders[number]
                return say({name: order[name] for name in ("number", "customer_id", "email", "phone")})
            case ["customers", key] if key in self.customers:
                return say(self.customers[key])
            case ["customers", key, "orders"]:
                return say({"orders": [order for order in self.orders.values() if order["customer_id"] == key]})
            case ["products"]:
                return say({"products": self.products})
            case ["changes"] if request.method == "POST":
                return say({}, self.change_status)
        return say({"error": "not found"}, 404)


def say(content: Any, status: int = 200) -> Answer:
    return Answer(status, [json.dumps(content, ensure_ascii=False).encode()], "application/json")


@asynccontextmanager
async def open_shop() -> AsyncIterator[ShopServer]:
    demo = build_demo(utc_now())
    server = ShopServer(
        {customer.id: write_customer(customer) for customer in demo.customers},
        [write_product(product) for product in demo.products],
        {order.number: write_order(order) for order in demo.orders},
    )
    async with serve(server.handle) as loopback:
        server.loopback = loopback
        yield server
