"""The domain's values: plain, frozen, without I/O. What the store keeps and the assistant reasons about.

Money is integer minor units plus an ISO 4217 code (VND, JPY, KRW and IDR-as-CLDR have other exponents than
two: see ``wording``). Times are timezone-aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Author(StrEnum):
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"
    SYSTEM = "system"


class Status(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Mode(StrEnum):
    AUTO = "auto"
    MANUAL = "manual"


class Outcome(StrEnum):
    """The one final outcome of a customer's message (I1)."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"
    HANDED_OFF = "handed_off"
    TO_AGENT = "to_agent"
    SUPERSEDED = "superseded"


class OrderStatus(StrEnum):
    PENDING_PAYMENT = "pending_payment"
    PROCESSING = "processing"
    WAITING_STOCK = "waiting_stock"
    SHIPPED = "shipped"
    IN_CUSTOMS = "in_customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    CANCELLED = "cancelled"
    PARTLY_RETURNED = "partly_returned"
    RETURNED = "returned"


class Trouble(StrEnum):
    """What a shopper would write about; an order has at most one."""

    RESTOCK = "restock"
    HIGH_VOLUME = "high_volume"
    ADDRESS_INCOMPLETE = "address_incomplete"
    PAYMENT_FAILED = "payment_failed"
    PREORDER = "preorder"
    DELAYED_WEATHER = "delayed_weather"
    DELAYED_CARRIER = "delayed_carrier"
    SPLIT_SHIPMENT = "split_shipment"
    CUSTOMS = "customs"
    NOT_RECEIVED = "not_received"
    COD_REFUSED = "cod_refused"
    REFUND_UNDER_WAY = "refund_under_way"
    PAID_TWICE = "paid_twice"


class ShipmentStatus(StrEnum):
    PREPARING = "preparing"
    IN_TRANSIT = "in_transit"
    IN_CUSTOMS = "in_customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"


class PaymentStatus(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    PROCESSING = "processing"
    PAID = "paid"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Money:
    amount: int
    """Minor units: 5990 is RM59.90, 1500000 is 1.500.000 ₫."""
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    id: str
    recipient: str
    lines: tuple[str, ...]
    city: str
    postal_code: str
    country: str
    phone: str
    is_default: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    id: str
    kind: Literal["card", "bank_transfer", "cod", "e_wallet", "store_credit"]
    label: str
    """What the customer sees: "Visa •••• 4242", "MoMo", "COD". Never a full number."""


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    email: str
    phone: str
    """E.164."""
    language: str
    country: str
    time_zone: str
    store_credit: Money
    addresses: tuple[Address, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    id: str
    product_id: str
    options: dict[str, str]
    """For instance {"size": "M", "colour": "Blue"}."""
    price: Money
    stock: int


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    title: str
    category: str
    description: str
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderItem:
    id: str
    product_id: str
    variant_id: str
    title: str
    category: str
    options: dict[str, str]
    quantity: int
    unit_price: Money
    quantity_returned: int = 0


@dataclass(frozen=True, slots=True)
class ShipmentEvent:
    at: datetime
    status: ShipmentStatus
    place: str


@dataclass(frozen=True, slots=True)
class Shipment:
    id: str
    carrier: str
    tracking_number: str
    status: ShipmentStatus
    item_ids: tuple[str, ...]
    shipped_at: datetime | None = None
    expected_at: datetime | None = None
    delivered_at: datetime | None = None
    events: tuple[ShipmentEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    id: str
    method: PaymentMethod
    amount: Money
    status: PaymentStatus
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    amount: Money
    status: RefundStatus
    reason: str
    """A stable word: returned_items, cancelled, paid_twice, damaged, not_received, cod_refused, late."""
    route: str
    """The label of the payment method that the money goes back to."""
    requested_at: datetime
    expected_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    customer_id: str
    status: OrderStatus
    trouble: Trouble | None
    placed_at: datetime
    currency: str
    total: Money
    shipping_fee: Money
    discount: Money
    email: str
    phone: str
    address: Address
    items: tuple[OrderItem, ...]
    payments: tuple[Payment, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    expected_ship_at: datetime | None = None
    """Set while nothing was shipped: the day on which it should be (with WAITING_STOCK, after the restock)."""
    expected_delivery_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    note: str = ""
    version: int = 1
    """Counts up with every change; a proposal remembers it."""


@dataclass(frozen=True, slots=True)
class ContactOfOrder:
    """What a contact proof is compared with, and no more."""

    order_number: str
    customer_id: str
    email: str
    phone: str
    """E.164."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What was proven, and by whom: ``order`` opens one order, ``customer`` the whole account."""

    scope: Literal["order", "customer"]
    customer_id: str
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkable fact in a reply and where it traces to; ``source`` is None when it traces to nothing."""

    kind: str
    text: str
    value: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    policy: str
    section: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A WRITE that waits for the customer's confirmation (I6)."""

    id: str
    conversation_id: str
    customer_id: str
    tool: str
    arguments: dict[str, Any]
    arguments_hash: str
    summary: str
    state: Literal["open", "executed", "declined", "expired", "voided", "stale"]
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None
    order_number: str | None = None
    order_version: int | None = None
    """The order as it was summarised: another version makes the proposal stale."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a confirmed WRITE does to the shop: the new state of everything that it touches.

    Applied only when the order is still the one that the customer read about.
    """

    order: Order | None = None
    """As it shall be; its ``version`` is the one that was read."""
    customer: Customer | None = None
    stock: dict[str, int] = field(default_factory=dict)
    """Difference by variant id; a stock never goes below zero."""
    task: dict[str, Any] | None = None
    """Work for somebody or something outside the shop's tables, kept in the outbox: {"kind": …}."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A WRITE that is ready to be proposed: what it would do, and what to say before and after."""

    tool: str
    arguments: dict[str, Any]
    summary: str
    """What the customer confirms, in her language, without the hint how."""
    done: str
    """What she reads when it is done."""
    change: Change
    action: str
    """The word of what was done, for the guardrails: cancelled, returned, changed …"""
    order_number: str | None = None
    order_version: int | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """How a reply came to be. Stage times in milliseconds; token counts as the model server reported them."""

    stages_ms: dict[str, float] = field(default_factory=dict)
    total_ms: float = 0.0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    model_calls: int = 0
    model: str = ""
    verdicts: tuple[str, ...] = ()
    """Kinds of the guardrail verdicts that rejected a segment, in order."""
    asked: dict[str, Any] = field(default_factory=dict)
    """What the reply asked the customer for: a tool call to complete, {"tool": …, known arguments}, or {"proof": …}."""
    spoke: str = "canned"
    """Who phrased what the customer reads: first_try, regeneration, translation, canned, handoff."""
    regenerations: int = 0
    """How often the model was asked again with the reason of a verdict."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The assistant's final word of a turn."""

    text: str
    language: str
    outcome: Outcome
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    handoff_reason: str | None = None
    proposals: tuple[Proposal, ...] = ()
    drafts: tuple[Draft, ...] = ()
    """What the reply proposes; ``conversations`` makes proposals of them, with an id and a life."""


@dataclass(frozen=True, slots=True)
class Message:
    seq: int
    conversation_id: str
    author: Author
    text: str
    language: str
    created_at: datetime
    client_id: str | None = None
    outcome: Outcome | None = None
    """Of a customer's message: its final outcome, None while its turn is open. Of a reply: what it did."""
    reply_to: int | None = None
    citations: tuple[Citation, ...] = ()
    claims: tuple[Claim, ...] = ()
    metrics: Metrics | None = None
    proposals: tuple[Proposal, ...] = ()
    handoff_reason: str | None = None
    """Of a reply that handed the conversation to a person: why."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that a customer sent, re-encoded. ``content`` is empty where only its existence matters."""

    content: bytes
    media_type: str
    width: int
    height: int
    id: str = ""
    message_seq: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    language: str
    """The language of the conversation so far (the prior of the next detection)."""
    language_pinned: bool
    """True when the customer chose it: by hand or with an explicit wish."""
    locale: str
    """The locale of the page's strings."""
    status: Status
    mode: Mode
    created_at: datetime
    updated_at: datetime
    assignee: str | None = None
    handoff_reason: str | None = None
    identity: Identity | None = None
    page_url: str | None = None
    pending_seq: int | None = None
    """The earlier message that a proof opened: it keeps its outcome, and a turn answers it now with a new reply."""
