"""What a platform says about one order, in our own form; and the small things that both platforms' readers share.

Platforms send what merchants and shoppers typed: texts are cleaned, contacts that make no sense become empty, and
amounts are made to add up to the total that the customer really owes.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.formats import exponent
from app.language import registry
from app.models import Order, Refund, Shipment, Trouble
from app.shopdata.amounts import currencies, write_amount
from app.shopdata.documents import CustomerDocument, OrderDocument
from app.shopdata.fields import check_label, normalise_phone
from app.shopdata.values import FieldProblem, read_customer, read_order
from app.store import ShopChange, Stored, Wanted

GUEST = "guest-"
"""Customers without an account: one for each order, so that nobody's orders are thrown together."""

_METHODS = {
    "cod": r"\bcod\b|cash[ _-]?on[ _-]?delivery",
    "bank_transfer": r"bacs|cheque|bank|transfer|manual|money order",
    "e_wallet": r"paypal|momo|zalo|grab|gcash|maya|ovo|dana|shopee|touch|boost|alipay|wechat|wallet|promptpay|paynow",
    "store_credit": r"store[ _-]?credit|gift[ _-]?card",
}


class Unreadable(ValueError):
    """A payload that is signed but cannot be used; the text names the field and holds no value."""


@dataclass(frozen=True, slots=True)
class News:
    """One order as of ``updated_at``. ``trouble`` is what the platform itself knows of."""

    source: str
    updated_at: datetime
    order: OrderDocument
    customer: CustomerDocument
    trouble: Trouble | None

    def wanted(self) -> Wanted:
        products = frozenset(item.product_id for item in self.order.items if item.product_id)
        return Wanted(frozenset({self.customer.id}), products, frozenset({self.order.number}))

    def plan(self, stored: Stored) -> ShopChange:
        """The order over what is stored. Raises Unreadable."""
        if stored.taken:
            raise Unreadable("A part of the order has an id that belongs to another order.")
        known, before = stored.customers.get(self.customer.id), stored.orders.get(self.order.number)
        try:
            is_new = known is None or known.id.startswith(GUEST)
            customer = read_customer(self.customer, known) if is_new else None
            order = read_order(self.order, before)
        except FieldProblem as problem:
            raise Unreadable(f"{'.'.join(map(str, problem.path))} {problem.reason}.") from None
        order = self._settle(order, before, stored)
        changed = before is None or order != before
        if before is not None:
            order = replace(order, version=before.version + 1)
        customers = (customer,) if customer is not None and customer != known else ()
        return ShopChange(customers, (), (order,) if changed else ())

    def _settle(self, order: Order, before: Order | None, stored: Stored) -> Order:
        """What the platform does not say stays; what it cannot know of our catalogue goes."""
        trouble = self.trouble
        if trouble is None and before is not None and before.trouble not in _PLATFORM_TROUBLES:
            trouble = before.trouble
        items = [
            item if item.product_id in stored.products else replace(item, product_id="", variant_id="")
            for item in order.items
        ]
        return replace(
            order,
            trouble=trouble,
            items=tuple(_name_category(item, stored) for item in items),
            refunds=_keep_dates(order.refunds, before.refunds if before else ()),
            shipments=_keep_delivery(order.shipments, before.shipments if before else ()),
            delivered_at=_first(before.delivered_at if before else None, order.delivered_at),
            cancelled_at=_first(before.cancelled_at if before else None, order.cancelled_at),
        )


_PLATFORM_TROUBLES = (Trouble.PAYMENT_FAILED, Trouble.SPLIT_SHIPMENT)


def _first(old: datetime | None, new: datetime | None) -> datetime | None:
    """The time of a state that lasts: the platform's own time moves with every later change."""
    return old if old and new else new


def _name_category(item: Any, stored: Stored) -> Any:
    product = stored.products.get(item.product_id)
    return replace(item, category=product.category) if product else item


def _keep_dates(new: Sequence[Refund], old: Sequence[Refund]) -> tuple[Refund, ...]:
    """WooCommerce gives a refund no date: that of its first news stays."""
    known = {refund.id: refund for refund in old}
    return tuple(
        replace(r, requested_at=known[r.id].requested_at, completed_at=known[r.id].completed_at) if r.id in known else r
        for r in new
    )


def _keep_delivery(new: Sequence[Shipment], old: Sequence[Shipment]) -> tuple[Shipment, ...]:
    """Shopify says when a shipment was last touched: once delivered, the first such time stays."""
    known = {shipment.id: shipment.delivered_at for shipment in old}
    return tuple(
        replace(s, delivered_at=known[s.id]) if s.delivered_at and known.get(s.id) is not None else s for s in new
    )


def clean(text: object, longest: int = 200) -> str:
    """One printable line of what somebody typed."""
    plain = html.unescape(text) if isinstance(text, str) else ""
    plain = re.sub("[\x00-\x1f\x7f\ud800-\udfff]+", " ", plain)
    return " ".join(plain.split())[:longest].strip()


def minor(text: object, currency: str) -> int:
    """Minor units of a platform's decimal, rounded half up: prices per unit may have many decimals."""
    try:
        amount = Decimal(str(text if text not in (None, "") else "0"))
        scaled = amount.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP)
        if abs(scaled) < 10**15:
            return int(scaled)
    except ArithmeticError:  # no number, NaN or out of Decimal's range
        pass
    raise Unreadable("An amount cannot be used.")


def check_currency(code: str) -> str:
    if code not in currencies():
        raise Unreadable("currency is no ISO 4217 code.")
    return code


def add_up(items: Sequence[Mapping[str, Any]], shipping: int, total: int, currency: str) -> dict[str, str]:
    """Total, shipping fee and discount in the form of documents. ``items`` have their ``minor`` price.

    What is in the total beside goods and shipping (fees, tax) counts as shipping, what is missing as discount.
    """
    goods = sum(item["minor"] * item["quantity"] for item in items)
    rest = total - goods - shipping
    fee = shipping + max(rest, 0)
    names = {"total": total, "shipping_fee": fee, "discount": max(-rest, 0)}
    return {name: write_amount(amount, currency) for name, amount in names.items()}


def phone_of(text: object, country: str) -> str:
    try:
        return normalise_phone(clean(text, 40), country)
    except ValueError:
        return ""


def email_of(text: object) -> str:
    plain = clean(text, 254)
    return plain if re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+", plain) else ""


def method_of(name: object) -> dict[str, str]:
    """A payment method from the words that a platform has for it."""
    label = clean(name, 100) or "Payment"
    kind = next((kind for kind, words in _METHODS.items() if re.search(words, label.lower())), "card")
    try:
        check_label(label)
    except ValueError:
        label = "Card"
    return {"kind": kind, "label": label}


def language_of(tag: object) -> str:
    known = registry.find(clean(tag, 35))
    return known.code if known else ""


def utc(text: str) -> datetime:
    """A time of a platform; without an offset it is GMT. Raises Unreadable."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("A time is not in ISO 8601.") from None
