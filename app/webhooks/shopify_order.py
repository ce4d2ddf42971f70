"""What Kaunter reads of Shopify's order; everything else in the payload is left alone."""

from pydantic import BaseModel, ConfigDict

from app.identity import normalise_number
from app.webhooks import news as n


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Money(_Part):
    amount: str
    currency_code: str = ""


class MoneySet(_Part):
    presentment_money: Money


class Tax(_Part):
    price: str = "0"
    price_set: MoneySet | None = None


class Line(_Part):
    id: int
    title: str
    variant_title: str | None = ""
    product_id: int | None = None
    variant_id: int | None = None
    quantity: int
    price: str
    price_set: MoneySet | None = None
    tax_lines: list[Tax] = []


class Place(_Part):
    name: str | None = ""
    first_name: str | None = ""
    last_name: str | None = ""
    company: str | None = ""
    address1: str | None = ""
    address2: str | None = ""
    city: str | None = ""
    province: str | None = ""
    zip: str | None = ""
    country_code: str | None = ""
    phone: str | None = ""

    @property
    def recipient(self) -> str:
        return n.clean(self.name) or n.clean(f"{self.first_name or ''} {self.last_name or ''}") or n.clean(self.company)


class Person(_Part):
    id: int
    first_name: str | None = ""
    last_name: str | None = ""
    email: str | None = ""
    phone: str | None = ""


class FulfilledLine(_Part):
    id: int


class Fulfillment(_Part):
    id: int
    status: str | None = ""
    shipment_status: str | None = None
    tracking_company: str | None = ""
    tracking_number: str | None = ""
    created_at: str
    updated_at: str
    line_items: list[FulfilledLine] = []


class RefundLine(_Part):
    line_item_id: int
    quantity: int


class Transaction(_Part):
    amount: str = "0"
    currency: str = ""
    kind: str = ""
    status: str = ""


class Refund(_Part):
    id: int
    created_at: str
    refund_line_items: list[RefundLine] = []
    transactions: list[Transaction] = []


class Order(_Part):
    name: str
    created_at: str
    updated_at: str
    processed_at: str | None = None
    cancelled_at: str | None = None
    currency: str
    presentment_currency: str | None = None
    total_price: str
    total_price_set: MoneySet | None = None
    total_shipping_price_set: MoneySet | None = None
    financial_status: str | None = ""
    fulfillment_status: str | None = None
    taxes_included: bool = False
    email: str | None = ""
    phone: str | None = ""
    note: str | None = ""
    customer_locale: str | None = ""
    payment_gateway_names: list[str] = []
    customer: Person | None = None
    billing_address: Place | None = None
    shipping_address: Place | None = None
    line_items: list[Line]
    fulfillments: list[Fulfillment] = []
    refunds: list[Refund] = []

    @property
    def number(self) -> str:
        return normalise_number(self.name)

    @property
    def paid_in(self) -> str:
        """The customer's currency where the payload has every amount in it."""
        sets = [self.total_price_set, *(line.price_set for line in self.line_items)]
        return self.presentment_currency if self.presentment_currency and all(sets) else self.currency

    @property
    def place(self) -> Place:
        return self.shipping_address or self.billing_address or Place()

    @property
    def gateway(self) -> dict[str, str]:
        return n.method_of(self.payment_gateway_names[-1] if self.payment_gateway_names else "")
