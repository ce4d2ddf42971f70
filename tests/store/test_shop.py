"""The shop's tables, and what one verified customer sees of them (I5)."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from app.demo import FIRST_NUMBER, DemoShop, build_demo
from app.demo.seed import seed_demo
from app.errors import ConfigurationError
from app.models import Identity, OrderStatus, Proposal
from app.store import Store

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> DemoShop:
    return build_demo(NOW)


@pytest.fixture
async def shop(store: Store) -> Store:
    await seed_demo(store, NOW)
    return store


async def test_what_was_put_in_comes_out_to_the_last_field(shop: Store, demo: DemoShop) -> None:
    stored = {entry.order.number: entry for entry in await shop.list_orders()}
    assert {number: entry.order for number, entry in stored.items()} == {each.number: each for each in demo.orders}
    assert tuple(await shop.products()) == demo.products
    for customer in demo.customers:
        assert await shop.find_customer(customer.id) == customer
    names = {customer.id: (customer.name, customer.language) for customer in demo.customers}
    assert all((each.customer_name, each.language) == names[each.order.customer_id] for each in stored.values())


async def test_orders_are_listed_newest_first_and_by_status(shop: Store, demo: DemoShop) -> None:
    placed = [entry.order.placed_at for entry in await shop.list_orders()]
    assert placed == sorted(placed, reverse=True)
    assert await shop.order_count() == 300
    for status in OrderStatus:
        found = {entry.order.number for entry in await shop.list_orders(status)}
        assert found == {order.number for order in demo.orders if order.status is status}


async def test_nobody_sees_no_order_but_the_catalogue(shop: Store) -> None:
    view = shop.customer_shop(None)
    assert (await view.customer(), list(await view.orders()), await view.order(FIRST_NUMBER)) == (None, [], None)
    assert len(await view.products()) == 120


async def test_a_customer_sees_all_and_only_the_own_orders(shop: Store, demo: DemoShop) -> None:
    for customer in demo.customers[::7]:
        view = shop.customer_shop(Identity("customer", customer.id))
        own = {order.number: order for order in demo.orders if order.customer_id == customer.id}
        assert {order.number: order for order in await view.orders()} == own
        assert await view.customer() == customer
        for order in demo.orders[::10]:
            assert await view.order(order.number) == own.get(order.number)


@pytest.mark.parametrize(
    "number", ["", "0", "99999", "' OR 1=1 --", "%", "12345 ", "๑๒๓๔๕", "12345\n", "-1", "1" * 5000]
)
async def test_a_number_that_is_none_opens_nothing(shop: Store, number: str) -> None:
    lan = Identity("customer", "C001")
    assert await shop.customer_shop(lan).order(number) is None
    assert await shop.find_order_contact(number) is None


async def test_contact_proof_opens_that_order_only(shop: Store, demo: DemoShop) -> None:
    view = shop.customer_shop(Identity("order", "C001", FIRST_NUMBER))
    own = [order.number for order in demo.orders if order.customer_id == "C001"]
    assert len(own) > 1
    assert [order.number for order in await view.orders()] == [FIRST_NUMBER]
    opened = [number for number in own if await view.order(number)]
    assert opened == [FIRST_NUMBER]


async def test_contact_proof_shows_nothing_of_the_account(shop: Store, demo: DemoShop) -> None:
    rich = next(customer for customer in demo.customers if customer.store_credit.amount and customer.addresses[1:])
    number = next(order.number for order in demo.orders if order.customer_id == rich.id)
    customer = await shop.customer_shop(Identity("order", rich.id, number)).customer()
    assert customer is not None
    assert (customer.addresses, customer.payment_methods, customer.store_credit.amount) == ((), (), 0)


async def test_an_identity_that_does_not_own_its_order_sees_nothing(shop: Store) -> None:
    for identity in (Identity("order", "C002", FIRST_NUMBER), Identity("order", "C001"), Identity("customer", "C999")):
        view = shop.customer_shop(identity)
        assert list(await view.orders()) == []
        assert await view.order(FIRST_NUMBER) is None
        assert await view.customer() is None


async def test_the_contact_of_an_order_is_found(shop: Store) -> None:
    contact = await shop.find_order_contact(FIRST_NUMBER)
    assert contact is not None
    assert (contact.customer_id, contact.email) == ("C001", "lan.nguyen@example.com")
    assert contact.phone.startswith("+84")


async def test_seeding_again_on_the_same_day_changes_nothing(shop: Store) -> None:
    before = await shop.list_orders()
    assert await seed_demo(shop, NOW.replace(hour=23)) is False
    assert await shop.list_orders() == before


async def test_the_demo_of_an_earlier_day_is_made_new(shop: Store) -> None:
    tomorrow = NOW.replace(day=24)
    assert await seed_demo(shop, tomorrow) is True
    assert [entry.order for entry in await shop.list_orders(OrderStatus.IN_CUSTOMS)] == sorted(
        (order for order in build_demo(tomorrow).orders if order.status is OrderStatus.IN_CUSTOMS),
        key=lambda order: order.placed_at,
        reverse=True,
    )


async def test_a_real_shops_data_are_never_replaced_by_the_demo(store: Store, demo: DemoShop) -> None:
    await store.replace_shop(customers=demo.customers[:1], products=(), orders=(), source="imported")
    for fresh in (False, True):
        with pytest.raises(ConfigurationError, match="KAUNTER_DATA_DIR"):
            await seed_demo(store, NOW, fresh=fresh)
    assert await store.find_customer("C001") == demo.customers[0]


async def test_a_replacement_that_fails_leaves_the_old_shop(shop: Store, demo: DemoShop) -> None:
    before = await shop.list_orders()
    with pytest.raises(IntegrityError):
        await shop.replace_shop(customers=(), products=(), orders=demo.orders[:3], source="demo")
    assert await shop.list_orders() == before
    assert (await shop.shop_state())["source"] == "demo"


async def test_two_seedings_at_once_make_one_shop(store: Store, demo: DemoShop) -> None:
    await asyncio.gather(seed_demo(store, NOW), seed_demo(store, NOW))
    assert await store.order_count() == len(demo.orders)


async def test_a_new_demo_voids_open_proposals(shop: Store, conversation_id: str) -> None:
    proposal = await shop.add_proposal(
        Proposal(
            *("p1", conversation_id, "C001", "cancel_order", {"order_number": FIRST_NUMBER}, "h", "Hủy đơn?", "open"),
            created_at=NOW,
            expires_at=NOW.replace(year=2027),
        )
    )
    await seed_demo(shop, NOW, fresh=True)
    found = await shop.get_proposal(proposal.id)
    assert found is not None
    assert found.state == "stale"
