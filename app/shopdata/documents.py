"""The JSON form of a shop: customers, products and orders as documents, for files and for the HTTP order source.

Owns the shape and the checks that need no other record. A field that is left out keeps what is stored; for a record
that is new it has the default given here. The JSON Schema of all this is ``schema()``.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.models import OrderStatus, PaymentStatus, RefundStatus, ShipmentStatus, Trouble
from app.shopdata import fields as f

FORMAT = "kaunter-shop/1"
"""Stands in every file, so that another version can be told apart."""


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MoneyDocument(Document):
    amount: f.Amount
    currency: f.Currency


class AddressDocument(Document):
    id: f.OptionalKey = ""
    recipient: f.Line
    lines: list[f.OneLine] = Field(default=[], max_length=10)
    city: f.Line = ""
    region: f.Line = ""
    postal_code: f.Line = ""
    country: f.Country
    phone: f.Phone = ""
    is_default: f.Flag = False


class PaymentMethodDocument(Document):
    id: f.OptionalKey = ""
    kind: Literal["card", "bank_transfer", "cod", "e_wallet", "store_credit"]
    label: f.Label = Field(description="What the customer sees, such as Visa •••• 4242; never a whole number.")


class CustomerDocument(Document):
    id: f.Key = Field(description="The shop's own id, the one that the storefront's token names as its subject.")
    name: f.Name
    email: f.Email = ""
    phone: f.Phone = Field("", description="E.164, or as people of the customer's country write it.")
    language: f.LanguageTag = Field("", description="BCP 47; empty: the first official one of the country.")
    country: f.Country
    time_zone: f.Zone = Field("", description="IANA name; empty: the shop's.")
    store_credit: MoneyDocument | None = None
    addresses: list[AddressDocument] = Field(default=[], max_length=100)
    payment_methods: list[PaymentMethodDocument] = Field(default=[], max_length=100)


class VariantDocument(Document):
    id: f.Key
    options: f.Options = {}
    price: MoneyDocument
    stock: f.Stock = 0


class ProductDocument(Document):
    id: f.Key
    title: f.Name
    category: f.OptionalKey = ""
    description: f.Prose = ""
    variants: list[VariantDocument] = Field(default=[], max_length=2000)


class ItemDocument(Document):
    id: f.OptionalKey = Field("", description="Unique in the shop; empty: the order's number and a count.")
    product_id: f.OptionalKey = Field("", description="Empty when the product is no longer in the shop.")
    variant_id: f.OptionalKey = ""
    title: f.Name
    category: f.OptionalKey = ""
    options: f.Options = {}
    quantity: f.Quantity
    quantity_returned: f.Count = 0
    unit_price: f.Amount = Field(description="In the order's currency, with tax, before the order's discount.")


class PaymentDocument(Document):
    id: f.OptionalKey = ""
    method: PaymentMethodDocument
    amount: f.Amount
    status: PaymentStatus
    paid_at: f.Time | None = None


class EventDocument(Document):
    at: f.Time
    status: ShipmentStatus
    place: f.Line = ""


class ShipmentDocument(Document):
    id: f.OptionalKey = ""
    carrier: f.Line
    tracking_number: f.Line = ""
    status: ShipmentStatus
    item_ids: list[f.Key] = Field(default=[], max_length=1000)
    shipped_at: f.Time | None = None
    expected_at: f.Time | None = None
    delivered_at: f.Time | None = None
    events: list[EventDocument] = Field(default=[], max_length=1000)


class RefundDocument(Document):
    id: f.OptionalKey = ""
    amount: f.Amount
    status: RefundStatus
    reason: f.Word = Field(
        description="returned_items, cancelled, paid_twice, damaged, not_received, cod_refused or late; "
        "another word is kept and not shown."
    )
    route: f.Line = Field("", description="The label of the payment method that the money goes back to.")
    requested_at: f.Time
    expected_at: f.Time | None = None
    completed_at: f.Time | None = None


class OrderDocument(Document):
    number: f.OrderNo
    customer_id: f.Key
    status: OrderStatus
    trouble: Trouble | None = None
    placed_at: f.Time
    currency: f.Currency
    total: f.Amount
    shipping_fee: f.Amount = "0"
    discount: f.Amount = "0"
    email: f.Email = ""
    phone: f.Phone = ""
    address: AddressDocument
    items: list[ItemDocument] = Field(min_length=1, max_length=1000)
    payments: list[PaymentDocument] = Field(default=[], max_length=100)
    shipments: list[ShipmentDocument] = Field(default=[], max_length=100)
    refunds: list[RefundDocument] = Field(default=[], max_length=100)
    expected_ship_at: f.Time | None = None
    expected_delivery_at: f.Time | None = None
    shipped_at: f.Time | None = None
    delivered_at: f.Time | None = None
    cancelled_at: f.Time | None = None
    note: f.Prose = ""


class OrderPaymentsDocument(Document):
    """All payments of one order, from a payments table."""

    number: f.OrderNo
    payments: list[PaymentDocument] = Field(min_length=1, max_length=100)


class ShopDocument(Document):
    """A file: any part may be left out."""

    format: Literal["kaunter-shop/1"]
    customers: list[CustomerDocument] = []
    products: list[ProductDocument] = []
    orders: list[OrderDocument] = []


def schema() -> dict[str, Any]:
    """The JSON Schema of a file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ShopDocument.model_json_schema()}
