"""The tables. Rows never leave ``store``: ``rows`` turns them into the values of ``app.models``.

The shop's tables can be replaced as a whole (demo, import), so nothing of a conversation points into them
with a foreign key. Enumerations are stored as their words; what they may be is the business of ``models``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.store.columns import Minor, UtcTime

_CHILDREN: dict[str, Any] = {"cascade": "all, delete-orphan", "passive_deletes": True, "lazy": "raise_on_sql"}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcTime,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        list[Any]: JSON,
        list[str]: JSON,
        str: Text,
    }


class ShopStateRow(Base):
    """What the shop's tables hold: key ``source`` is ``demo`` or ``imported``."""

    __tablename__ = "shop_state"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]


class CustomerRow(Base):
    __tablename__ = "customers"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    language: Mapped[str]
    country: Mapped[str]
    time_zone: Mapped[str]
    credit_amount: Mapped[Minor]
    credit_currency: Mapped[str]
    addresses: Mapped[list["AddressRow"]] = relationship(order_by="AddressRow.position", **_CHILDREN)
    payment_methods: Mapped[list["PaymentMethodRow"]] = relationship(order_by="PaymentMethodRow.position", **_CHILDREN)


class AddressRow(Base):
    __tablename__ = "addresses"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    recipient: Mapped[str]
    lines: Mapped[list[str]]
    city: Mapped[str]
    region: Mapped[str]
    postal_code: Mapped[str]
    country: Mapped[str]
    phone: Mapped[str]
    is_default: Mapped[bool]


class PaymentMethodRow(Base):
    __tablename__ = "payment_methods"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]


class ProductRow(Base):
    __tablename__ = "products"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    title: Mapped[str]
    category: Mapped[str]
    description: Mapped[str]
    variants: Mapped[list["VariantRow"]] = relationship(order_by="VariantRow.position", **_CHILDREN)


class VariantRow(Base):
    __tablename__ = "variants"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    options: Mapped[dict[str, str]]
    price_amount: Mapped[Minor]
    price_currency: Mapped[str]
    stock: Mapped[int]


class OrderRow(Base):
    """An order; every amount below it is in ``currency``. The address is a copy: the account's may change."""

    __tablename__ = "orders"
    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(32), index=True)
    trouble: Mapped[str | None] = mapped_column(String(32))
    placed_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    currency: Mapped[str]
    total: Mapped[Minor]
    shipping_fee: Mapped[Minor]
    discount: Mapped[Minor]
    email: Mapped[str]
    phone: Mapped[str]
    address: Mapped[dict[str, Any]]
    expected_ship_at: Mapped[datetime | None]
    expected_delivery_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    note: Mapped[str]
    version: Mapped[int]
    items: Mapped[list["OrderItemRow"]] = relationship(order_by="OrderItemRow.position", **_CHILDREN)
    payments: Mapped[list["PaymentRow"]] = relationship(order_by="PaymentRow.position", **_CHILDREN)
    shipments: Mapped[list["ShipmentRow"]] = relationship(order_by="ShipmentRow.position", **_CHILDREN)
    refunds: Mapped[list["RefundRow"]] = relationship(order_by="RefundRow.position", **_CHILDREN)


class OrderItemRow(Base):
    """Keeps title, category and options as they were bought; the product may change or go."""

    __tablename__ = "order_items"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    product_id: Mapped[str] = mapped_column(String(64))
    variant_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str]
    category: Mapped[str]
    options: Mapped[dict[str, str]]
    quantity: Mapped[int]
    unit_price: Mapped[Minor]
    quantity_returned: Mapped[int]


class PaymentRow(Base):
    __tablename__ = "payments"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    method: Mapped[dict[str, str]]
    amount: Mapped[Minor]
    status: Mapped[str]
    paid_at: Mapped[datetime | None]


class ShipmentRow(Base):
    __tablename__ = "shipments"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    status: Mapped[str]
    item_ids: Mapped[list[str]]
    shipped_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    events: Mapped[list["ShipmentEventRow"]] = relationship(order_by="ShipmentEventRow.position", **_CHILDREN)


class ShipmentEventRow(Base):
    __tablename__ = "shipment_events"
    shipment_id: Mapped[str] = mapped_column(ForeignKey("shipments.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    status: Mapped[str]
    place: Mapped[str]


class RefundRow(Base):
    __tablename__ = "refunds"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    amount: Mapped[Minor]
    status: Mapped[str]
    reason: Mapped[str]
    route: Mapped[str]
    requested_at: Mapped[datetime]
    expected_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class ConversationRow(Base):
    """A conversation with the lease of its running turn.

    ``pending_seq`` is a question that was asked before its proof and waits to be answered again.
    ``last_seq`` hands out the messages' numbers. ``epoch`` counts take-overs: a lease of an older epoch is void.
    """

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(128), unique=True)
    language: Mapped[str]
    language_pinned: Mapped[bool]
    locale: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    assignee: Mapped[str | None]
    handoff_reason: Mapped[str | None]
    identity_scope: Mapped[str | None] = mapped_column(String(16))
    identity_customer_id: Mapped[str | None] = mapped_column(String(64))
    identity_order_number: Mapped[str | None] = mapped_column(String(64))
    page_url: Mapped[str | None]
    last_seq: Mapped[int]
    epoch: Mapped[int]
    lease_token: Mapped[str | None] = mapped_column(String(64))
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    pending_seq: Mapped[int | None]
    rating_score: Mapped[int | None]
    rating_comment: Mapped[str | None]
    rated_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_conversations_mode_status", "mode", "status"),)


_IS_OPEN = text("author = 'customer' AND outcome IS NULL")


class MessageRow(Base):
    __tablename__ = "messages"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
    client_id: Mapped[str | None] = mapped_column(String(128))
    outcome: Mapped[str | None] = mapped_column(String(16))
    reply_to: Mapped[int | None]
    handoff_reason: Mapped[str | None]
    citations: Mapped[list[Any]]
    claims: Mapped[list[Any]]
    metrics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_open", "conversation_id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )


class ProposalRow(Base):
    """``order_number`` and ``order_version`` are the order as it was summarised: another version is stale."""

    __tablename__ = "proposals"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_seq: Mapped[int | None]
    customer_id: Mapped[str] = mapped_column(String(64))
    tool: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    arguments_hash: Mapped[str]
    summary: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    order_number: Mapped[str | None] = mapped_column(String(64))
    order_version: Mapped[int | None]
    idempotency_key: Mapped[str] = mapped_column(String(128), unique=True)


class AuditRow(Base):
    """Who changed what. No foreign key: it outlives the conversation and the order."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    actor: Mapped[str]
    conversation_id: Mapped[str | None] = mapped_column(String(64), index=True)
    action: Mapped[str]
    subject: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class OutboxRow(Base):
    """A write that an external shop system still has to acknowledge."""

    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(128), unique=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class AnnouncementRow(Base):
    """An event that one of the owner's webhooks is still to be told; gone once it is.

    ``target`` is a hash of the URL, which may hold a secret. ``next_at`` None: given up.
    """

    __tablename__ = "announcements"
    position: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    target: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_announcements_target_next_at", "target", "next_at"),)


class AttachmentRow(Base):
    """A photo as it was re-encoded; ``message_seq`` is the system message that tells of it."""

    __tablename__ = "attachments"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_seq: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """A webhook delivery that was taken; ``id`` is a hash."""

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class OrderNewsRow(Base):
    """How new the news of an order is that came from a platform. Beside the order, which is rewritten as a whole."""

    __tablename__ = "order_news"
    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(32))
    updated_at: Mapped[datetime]


class IdentityTryRow(Base):
    """One try to prove an identity; ``key`` is a hash."""

    __tablename__ = "identity_tries"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime]
    __table_args__ = (Index("ix_identity_tries_kind_key_at", "kind", "key", "at"),)


class UsedTokenRow(Base):
    """The ``jti`` of a storefront's JWT that opened an account once; ``jti`` is a hash."""

    __tablename__ = "used_tokens"
    jti: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
