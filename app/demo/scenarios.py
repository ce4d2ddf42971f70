"""What happens to the demo shop's orders: every status, every trouble, and what else shoppers write about."""

from dataclasses import dataclass
from typing import Literal

from app.models import OrderStatus, RefundStatus, Trouble

Stage = Literal["placed", "shipped", "failed", "delivered", "cancelled"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of order. Ranges are whole days, both ends included."""

    name: str
    count: int
    status: OrderStatus
    stage: Stage
    """The last thing that happened to the parcel or the order."""
    days_ago: tuple[int, int]
    """How long ago that was."""
    trouble: Trouble | None = None
    due_in: tuple[int, int] | None = None
    """Days until it ships (stage placed) or arrives (shipped, failed); until the refund arrives where one runs."""
    refund: RefundStatus | None = None
    refund_reason: str = ""
    returns: Literal["", "some", "all"] = ""
    cash: Literal["never", "may", "always"] = "never"
    """Whether it is paid in cash on delivery."""
    only_abroad: bool = False


_S, _T, _R = OrderStatus, Trouble, RefundStatus

WAITING = (
    Scenario("restock", 24, _S.WAITING_STOCK, "placed", (4, 12), _T.RESTOCK, (3, 10)),
    Scenario("high_volume", 14, _S.PROCESSING, "placed", (3, 5), _T.HIGH_VOLUME, (1, 3), cash="may"),
    Scenario("preorder", 8, _S.WAITING_STOCK, "placed", (5, 20), _T.PREORDER, (12, 30)),
    Scenario("address_incomplete", 10, _S.PROCESSING, "placed", (2, 6), _T.ADDRESS_INCOMPLETE, (2, 5), cash="may"),
    Scenario("payment_failed", 8, _S.PENDING_PAYMENT, "placed", (1, 2), _T.PAYMENT_FAILED, (2, 4)),
    Scenario("unpaid", 6, _S.PENDING_PAYMENT, "placed", (1, 1), None, (2, 4)),
    Scenario("packing", 16, _S.PROCESSING, "placed", (1, 2), None, (1, 2), cash="may"),
    Scenario("paid_twice", 4, _S.PROCESSING, "placed", (1, 3), _T.PAID_TWICE, (1, 3), _R.PROCESSING, "paid_twice"),
)
"""Nothing was shipped yet. The first customers of all languages take turns with the first four."""

MOVING = (
    Scenario("on_its_way", 24, _S.SHIPPED, "shipped", (1, 3), None, (2, 6), cash="may"),
    Scenario("weather", 10, _S.SHIPPED, "shipped", (6, 9), _T.DELAYED_WEATHER, (2, 5), cash="may"),
    Scenario("carrier", 12, _S.SHIPPED, "shipped", (6, 10), _T.DELAYED_CARRIER, (1, 4), cash="may"),
    Scenario("split", 12, _S.SHIPPED, "shipped", (3, 5), _T.SPLIT_SHIPMENT, (3, 8)),
    Scenario("customs_stuck", 12, _S.IN_CUSTOMS, "shipped", (5, 11), _T.CUSTOMS, (3, 9), only_abroad=True),
    Scenario("customs", 4, _S.IN_CUSTOMS, "shipped", (2, 4), None, (3, 5), only_abroad=True),
    Scenario("arriving_today", 10, _S.OUT_FOR_DELIVERY, "shipped", (3, 6), None, (0, 0), cash="may"),
    Scenario("paid_twice_sent", 3, _S.SHIPPED, "shipped", (1, 3), _T.PAID_TWICE, (2, 5), _R.APPROVED, "paid_twice"),
    Scenario("nobody_home", 6, _S.DELIVERY_FAILED, "failed", (1, 1), None, (1, 2)),
    Scenario("cod_refused", 7, _S.DELIVERY_FAILED, "failed", (1, 4), _T.COD_REFUSED, cash="always"),
)
"""Shipped and not delivered."""

FINISHED = (
    Scenario("yesterday", 12, _S.DELIVERED, "delivered", (1, 1), cash="may"),
    Scenario("recent", 25, _S.DELIVERED, "delivered", (3, 25), cash="may"),
    Scenario("45_days_ago", 8, _S.DELIVERED, "delivered", (45, 45), cash="may"),
    Scenario("long_ago", 13, _S.DELIVERED, "delivered", (60, 200), cash="may"),
    Scenario("not_received", 10, _S.DELIVERED, "delivered", (2, 5), _T.NOT_RECEIVED),
    Scenario(
        *("returned_waiting", 8, _S.RETURNED, "delivered", (10, 18), _T.REFUND_UNDER_WAY, (2, 6)),
        *(_R.PROCESSING, "returned_items", "all"),
    ),
    Scenario(
        *("partly_waiting", 6, _S.PARTLY_RETURNED, "delivered", (10, 18), _T.REFUND_UNDER_WAY, (2, 6)),
        *(_R.APPROVED, "returned_items", "some"),
    ),
    Scenario(
        *("cancelled_waiting", 6, _S.CANCELLED, "cancelled", (2, 4), _T.REFUND_UNDER_WAY, (2, 5)),
        *(_R.PROCESSING, "cancelled"),
    ),
    Scenario(
        "partly_returned", 7, _S.PARTLY_RETURNED, "delivered", (14, 30), None, None, _R.PAID, "returned_items", "some"
    ),
    Scenario("returned", 7, _S.RETURNED, "delivered", (14, 40), None, None, _R.PAID, "returned_items", "all"),
    Scenario("cancelled_paid", 5, _S.CANCELLED, "cancelled", (8, 20), None, None, _R.PAID, "cancelled"),
    Scenario("cancelled_unpaid", 3, _S.CANCELLED, "cancelled", (5, 30)),
)
"""Delivered, returned or cancelled."""

SCENARIOS = (*WAITING, *MOVING, *FINISHED)
