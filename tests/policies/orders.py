"""Orders for the tests of the rules: one builder, so that a test says only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.models import (
    Address,
    Money,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Shipment,
    ShipmentStatus,
    Variant,
)
from app.policies.rules import (
    AddressChangeRules,
    CancellationRules,
    DamagedRules,
    DelaysRules,
    ExchangesRules,
    InvoicesRules,
    PaymentRules,
    RefundsRules,
    ReturnsRules,
    WarrantyRules,
)

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
"""UTC+7 all year."""

UNSHIPPED = ["pending_payment", "processing", "waiting_stock"]
RETURNS = ReturnsRules(window_days=30, final_sale_categories=("underwear",), fees={"VND": 30000})
REFUNDS = RefundsRules(
    days_by_route={"card": (5, 10), "bank_transfer": (2, 5), "e_wallet": (1, 3), "store_credit": (0, 0)},
    cod_route="bank_transfer",
)
CANCELLATION = CancellationRules.model_validate({"allowed_statuses": UNSHIPPED})
EXCHANGES = ExchangesRules(window_days=30, excluded_categories=("underwear",))
ADDRESS = AddressChangeRules.model_validate({"allowed_statuses": UNSHIPPED})
DAMAGED = DamagedRules(report_within_days=7, missing_parcel_within_days=14)
DELAYS = DelaysRules(late_after_days=3, lost_after_days=14)
WARRANTY = WarrantyRules(default_months=3, months_by_category={"electronics": 12, "underwear": 0})
PAYMENT = PaymentRules(methods=("card", "cod"), pay_within_hours=24, cod_countries=("VN",), cod_limits={"VND": 3000000})
INVOICES = InvoicesRules(request_within_days=365, correct_within_days=30)

CARD = PaymentMethod("m1", "card", "Visa •••• 4242")
COD = PaymentMethod("m2", "cod", "COD")
PLACED = datetime(2026, 11, 1, 3, tzinfo=UTC)


def vnd(amount: int) -> Money:
    return Money(amount, "VND")


def item(key: str = "i1", price: int = 100_000, quantity: int = 1, category: str = "shoes", back: int = 0) -> OrderItem:
    return OrderItem(key, f"p-{key}", f"v-{key}", f"Item {key}", category, {"size": "M"}, quantity, vnd(price), back)


def variant(of: OrderItem, key: str = "v-new", price: int = 100_000, stock: int = 5) -> Variant:
    return Variant(key, of.product_id, {"size": "L"}, vnd(price), stock)


def order(
    *items: OrderItem,
    status: OrderStatus = OrderStatus.PROCESSING,
    discount: int = 0,
    shipping: int = 30_000,
    method: PaymentMethod = CARD,
    paid: bool = True,
    country: str = "VN",
) -> Order:
    """An order that was paid and has not left, unless it is told otherwise."""
    items = items or (item(),)
    total = sum(i.unit_price.amount * i.quantity for i in items) + shipping - discount
    payment = Payment("y1", method, vnd(total), PaymentStatus.PAID if paid else PaymentStatus.PENDING, PLACED)
    address = Address("a1", "Nguyễn An", ("1 Lê Lợi",), "Huế", "49000", country, "+84900000000")
    return Order(
        "12345", "c1", status, None, PLACED, "VND", vnd(total), vnd(shipping), vnd(discount), "an@example.com",
        "+84900000000", address, items, (payment,),
    )  # fmt: skip


def delivered(at: datetime, *items: OrderItem, **options: object) -> Order:
    """The same, all of it delivered in one parcel."""
    base = order(*items, **{"status": OrderStatus.DELIVERED, **options})  # type: ignore[arg-type]
    return replace(base, shipments=(parcel("s1", at, *(i.id for i in base.items)),), shipped_at=PLACED, delivered_at=at)


def parcel(key: str, at: datetime | None, *item_ids: str) -> Shipment:
    """A parcel that left and, with a time, arrived."""
    status = ShipmentStatus.DELIVERED if at else ShipmentStatus.IN_TRANSIT
    return Shipment(key, "GHN", f"GHN{key}", status, item_ids, PLACED, None, at)


def local(year: int, month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """A time in Saigon, as UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=SAIGON).astimezone(UTC)
