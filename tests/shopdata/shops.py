"""A small shop as documents, and hypothesis strategies for any shop. Texts are in the languages of the region."""

import copy
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from app.formats import exponent
from app.models import OrderStatus, PaymentStatus, RefundStatus, ShipmentStatus, Trouble
from app.shopdata.documents import FORMAT

ADDRESS = {
    "id": "",
    "recipient": "Nguyễn Thị Lan",
    "lines": ["12 Nguyễn Huệ", "Phường Bến Nghé"],
    "city": "TP. Hồ Chí Minh",
    "region": "",
    "postal_code": "700000",
    "country": "VN",
    "phone": "+84901234567",
    "is_default": True,
}
SHOP: dict[str, Any] = {
    "format": FORMAT,
    "customers": [
        {
            "id": "C1",
            "name": "Nguyễn Thị Lan",
            "email": "lan@example.com",
            "phone": "+84901234567",
            "language": "vi",
            "country": "VN",
            "time_zone": "Asia/Ho_Chi_Minh",
            "store_credit": {"amount": "150000", "currency": "VND"},
            "addresses": [{**ADDRESS, "id": "C1-A1"}],
            "payment_methods": [{"id": "C1-M1", "kind": "e_wallet", "label": "MoMo"}],
        },
        {"id": "C2", "name": "สมชาย ใจดี", "email": "somchai@example.com", "phone": "+66812345678", "country": "TH"},
    ],
    "products": [
        {
            "id": "P1",
            "title": "Váy lanh",
            "category": "womens_clothing",
            "description": "Vải lanh\n100 %",
            "variants": [
                {
                    "id": "P1-M",
                    "options": {"size": "M", "colour": "Xanh"},
                    "price": {"amount": "59.90", "currency": "MYR"},
                    "stock": 3,
                },
            ],
        }
    ],
    "orders": [
        {
            "number": "5001",
            "customer_id": "C1",
            "status": "delivered",
            "placed_at": "2026-11-01T09:00:00+07:00",
            "currency": "VND",
            "total": "1500000",
            "shipping_fee": "30000",
            "discount": "30000",
            "email": "lan@example.com",
            "phone": "+84901234567",
            "address": ADDRESS,
            "items": [
                {
                    "id": "5001-1",
                    "product_id": "P1",
                    "variant_id": "P1-M",
                    "title": "Váy lanh",
                    "quantity": 2,
                    "unit_price": "750000",
                },
            ],
            "payments": [
                {
                    "id": "5001-P1",
                    "method": {"id": "C1-M1", "kind": "e_wallet", "label": "MoMo"},
                    "amount": "1500000",
                    "status": "paid",
                    "paid_at": "2026-11-01T02:05:00Z",
                }
            ],
            "delivered_at": "2026-11-05T02:00:00Z",
        },
        {
            "number": "5002",
            "customer_id": "C2",
            "status": "processing",
            "placed_at": "2026-11-02T09:00:00+07:00",
            "currency": "THB",
            "total": "1290.50",
            "email": "somchai@example.com",
            "address": {"recipient": "สมชาย ใจดี", "country": "TH"},
            "items": [{"title": "เสื้อยืด", "quantity": 1, "unit_price": "1290.50"}],
        },
    ],
}


def small_shop() -> dict[str, Any]:
    """A fresh copy, to be spoilt by a test."""
    return copy.deepcopy(SHOP)


CURRENCIES = ("VND", "MYR", "IDR", "JPY", "KWD", "THB", "KHR", "SGD")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.isoformat().replace("+00:00", "Z")
)
LATER = st.none() | TIMES


def amounts(currency: str, smallest: int = 0, largest: int = 10**12) -> st.SearchStrategy[str]:
    digits = exponent(currency)

    def write(minor: int) -> str:
        whole, part = divmod(minor, 10**digits)
        return f"{whole}.{part:0{digits}}" if digits else str(whole)

    return st.integers(smallest, largest).map(write)


@st.composite
def addresses(draw: st.DrawFn, key: str) -> dict[str, Any]:
    lines = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)
    return {
        "id": key,
        "recipient": draw(NAMES),
        "lines": draw(st.lists(lines, max_size=3)),
        "city": draw(TEXT),
        "region": draw(TEXT),
        "postal_code": draw(TEXT),
        "country": draw(st.sampled_from(["VN", "TH", "MY", "KH", "MM", "AE"])),
        "phone": draw(TEXT),
        "is_default": draw(st.booleans()),
    }


def methods(key: str) -> st.SearchStrategy[dict[str, Any]]:
    kinds = st.sampled_from(["card", "bank_transfer", "cod", "e_wallet", "store_credit"])
    labels = st.sampled_from(["MoMo", "Visa •••• 4242", "พร้อมเพย์", "=GrabPay", "+TnG", "@dana"])
    return st.fixed_dictionaries({"id": st.just(key), "kind": kinds, "label": labels})


@st.composite
def customers(draw: st.DrawFn, key: str) -> dict[str, Any]:
    currency = draw(st.sampled_from(CURRENCIES))
    return {
        "id": key,
        "name": draw(NAMES),
        "email": draw(st.sampled_from(["", "a@example.com", "ไทย@ตัวอย่าง.example"])),
        "phone": draw(st.sampled_from(["", "+60123456789", "+84901234567"])),
        "language": draw(st.sampled_from(["vi", "th", "ms", "zh-Hant", "my", "nl"])),
        "country": draw(st.sampled_from(["VN", "TH", "MY", "TW"])),
        "time_zone": draw(st.sampled_from(["", "Asia/Bangkok"])),
        "store_credit": {"amount": draw(amounts(currency)), "currency": currency},
        "addresses": [draw(addresses(f"{key}-A{n}")) for n in range(draw(st.integers(0, 2)))],
        "payment_methods": [draw(methods(f"{key}-M{n}")) for n in range(draw(st.integers(0, 2)))],
    }


@st.composite
def products(draw: st.DrawFn, key: str) -> dict[str, Any]:
    currency = draw(st.sampled_from(CURRENCIES))
    variants = [
        {
            "id": f"{key}-{n}",
            "options": draw(st.dictionaries(st.sampled_from(["size", "สี", "=x"]), NAMES, max_size=2)),
            "price": {"amount": draw(amounts(currency)), "currency": currency},
            "stock": draw(st.integers(0, 10**6)),
        }
        for n in range(draw(st.integers(0, 3)))
    ]
    return {
        "id": key,
        "title": draw(NAMES),
        "category": draw(st.sampled_from(["", "shoes"])),
        "description": draw(TEXT),
        "variants": variants,
    }


@st.composite
def orders(draw: st.DrawFn, number: str, buyers: list[str], goods: list[str]) -> dict[str, Any]:
    currency = draw(st.sampled_from(CURRENCIES))
    items = []
    for n in range(draw(st.integers(1, 3))):
        quantity = draw(st.integers(1, 9))
        items.append(
            {
                "id": f"{number}-{n}",
                "product_id": draw(st.sampled_from(["", *goods])),
                "variant_id": "",
                "title": draw(NAMES),
                "category": draw(st.sampled_from(["", "underwear"])),
                "options": draw(st.dictionaries(st.sampled_from(["size", "ไซซ์", "=x", "màu sắc"]), NAMES, max_size=2)),
                "quantity": quantity,
                "quantity_returned": draw(st.integers(0, quantity)),
                "unit_price": draw(amounts(currency, largest=10**9)),
            }
        )
    minor = sum(int(item["unit_price"].replace(".", "")) * item["quantity"] for item in items)
    zero = "0." + "0" * exponent(currency) if exponent(currency) else "0"
    ids = [item["id"] for item in items]
    placed = "1999-01-01T00:00:00Z"
    return {
        "number": number,
        "customer_id": draw(st.sampled_from(buyers)),
        "status": draw(st.sampled_from(list(OrderStatus))).value,
        "trouble": draw(st.none() | st.sampled_from([each.value for each in Trouble])),
        "placed_at": placed,
        "currency": currency,
        "total": draw(amounts(currency, minor, minor)),
        "shipping_fee": zero,
        "discount": zero,
        "email": draw(st.sampled_from(["", "b@example.com"])),
        "phone": draw(st.sampled_from(["", "+6591234567"])),
        "address": draw(addresses(f"{number}-A")),
        "items": items,
        "payments": [
            {
                "id": f"{number}-P{n}",
                "method": draw(methods(f"M{n}")),
                "amount": draw(amounts(currency)),
                "status": draw(st.sampled_from(list(PaymentStatus))).value,
                "paid_at": draw(LATER),
            }
            for n in range(draw(st.integers(0, 2)))
        ],
        "shipments": [
            {
                "id": f"{number}-S{n}",
                "carrier": draw(TEXT),
                "tracking_number": draw(TEXT),
                "status": draw(st.sampled_from(list(ShipmentStatus))).value,
                "item_ids": draw(st.lists(st.sampled_from(ids), unique=True)),
                "shipped_at": draw(LATER),
                "expected_at": draw(LATER),
                "delivered_at": draw(LATER),
                "events": draw(
                    st.lists(
                        st.fixed_dictionaries(
                            {
                                "at": TIMES,
                                "status": st.sampled_from([each.value for each in ShipmentStatus]),
                                "place": TEXT,
                            }
                        ),
                        max_size=2,
                    )
                ),
            }
            for n in range(draw(st.integers(0, 2)))
        ],
        "refunds": [
            {
                "id": f"{number}-R{n}",
                "amount": draw(amounts(currency)),
                "status": draw(st.sampled_from(list(RefundStatus))).value,
                "reason": draw(st.sampled_from(["cancelled", "late", "other"])),
                "route": draw(TEXT),
                "requested_at": draw(TIMES),
                "expected_at": draw(LATER),
                "completed_at": draw(LATER),
            }
            for n in range(draw(st.integers(0, 1)))
        ],
        **{name: draw(LATER) for name in ("expected_ship_at", "expected_delivery_at", "shipped_at")},
        **{name: draw(LATER) for name in ("delivered_at", "cancelled_at")},
        "note": draw(TEXT),
    }


@st.composite
def shops(draw: st.DrawFn) -> dict[str, Any]:
    """A canonical document of any shop."""
    buyers = [f"C{n}" for n in range(draw(st.integers(1, 3)))]
    goods = [f"P{n}" for n in draw(st.permutations(range(draw(st.integers(0, 3)))))]
    numbers = [str(5000 + n) for n in range(draw(st.integers(0, 3)))]
    return {
        "format": FORMAT,
        "customers": [draw(customers(key)) for key in buyers],
        "products": [draw(products(key)) for key in goods],
        "orders": [draw(orders(number, buyers, goods)) for number in numbers],
    }
