"""The typed rules of each policy: what an owner may write under ``rules:`` in front matter.

Owns names, types and plausible ranges. What follows from a rule for one order is in ``decisions``; a policy whose
id is not listed in ``RULES`` is the owner's own and may carry any rules, which only its prose uses.
Money is a map from ISO 4217 code to minor units, so that one policy serves several currencies.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, PositiveInt

from app.models import OrderStatus

UNSHIPPED = (OrderStatus.PENDING_PAYMENT, OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK)


def _is_currency(amounts: dict[str, int]) -> dict[str, int]:
    for code in amounts:
        if not (len(code) == 3 and code.isalpha() and code.isupper()):
            raise ValueError(f"{code!r} is not a currency code such as VND")
    return amounts


def _is_country(code: str) -> str:
    if not (len(code) == 2 and code.isalpha() and code.isupper()):
        raise ValueError(f"{code!r} is not a country code such as VN")
    return code


def _is_span(days: tuple[int, int]) -> tuple[int, int]:
    if days[0] > days[1]:
        raise ValueError("the first number of days is greater than the second")
    return days


def _not_a_flag(value: Any) -> Any:
    # YAML 1.1 reads a bare NO (Norway) as false.
    if value is False:
        raise ValueError('write "NO" in quotes: YAML reads a bare NO as false')
    return value


Country = Annotated[str, BeforeValidator(_not_a_flag), AfterValidator(_is_country)]
Amounts = Annotated[dict[str, NonNegativeInt], AfterValidator(_is_currency)]
Days = Annotated[tuple[NonNegativeInt, NonNegativeInt], AfterValidator(_is_span)]
"""At least and at most so many days."""


class Rules(BaseModel):
    """Base: unknown keys are mistakes, values are not silently converted, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShippingRules(Rules):
    dispatch_days: Days
    """Working days from payment to hand-over to the carrier."""
    delivery_days: dict[Country, Days]
    """Days from hand-over to delivery, by country."""
    other_countries_days: Days
    free_from: Amounts = {}
    fees: Amounts = {}
    delivery_attempts: PositiveInt = 3
    hold_days: PositiveInt = 7
    """Days that the carrier keeps a parcel after the last failed attempt."""


class DelaysRules(Rules):
    late_after_days: NonNegativeInt
    """Days past the expected day after which an order counts as late."""
    lost_after_days: PositiveInt
    """Days past the expected day after which a parcel counts as lost."""
    apology_percent: Annotated[int, Field(ge=0, le=100)] = 0
    search_days: Days = (3, 7)


class ReturnsRules(Rules):
    window_days: PositiveInt
    final_sale_categories: tuple[str, ...] = ()
    fees: Amounts = {}
    """What the customer pays for return shipping unless the shop is at fault."""
    inspection_days: Days = (1, 3)
    send_within_days: PositiveInt = 7


class RefundsRules(Rules):
    days_by_route: dict[str, Days]
    """Days until the money arrives after approval: card, bank_transfer, e_wallet, store_credit."""
    cod_route: str
    """Where the money for an order paid in cash goes: bank_transfer or store_credit."""
    shipping_refunded_when_at_fault: bool = True


class CancellationRules(Rules):
    allowed_statuses: tuple[OrderStatus, ...]


class DamagedRules(Rules):
    report_within_days: PositiveInt
    missing_parcel_within_days: PositiveInt
    """Days after a delivery that the customer says never arrived."""
    photos: NonNegativeInt = 3
    answer_within_hours: PositiveInt = 48


class PaymentRules(Rules):
    methods: tuple[str, ...]
    pay_within_hours: PositiveInt
    cod_countries: tuple[Country, ...] = ()
    cod_limits: Amounts = {}
    cod_refusals: PositiveInt = 2
    change_statuses: tuple[OrderStatus, ...] = (OrderStatus.PENDING_PAYMENT,)
    double_payment_days: Days = (3, 5)


class CustomsRules(Rules):
    duties_included: tuple[Country, ...] = ()
    usual_days: Days
    report_after_days: PositiveInt
    answer_within_days: PositiveInt


class ExchangesRules(Rules):
    window_days: PositiveInt
    excluded_categories: tuple[str, ...] = ()
    free_exchanges: NonNegativeInt = 1
    fees: Amounts = {}
    swap_statuses: tuple[OrderStatus, ...] = UNSHIPPED
    """Before shipping a variant can simply be swapped."""


class AddressChangeRules(Rules):
    allowed_statuses: tuple[OrderStatus, ...]
    same_country_only: bool = True


class WarrantyRules(Rules):
    default_months: NonNegativeInt
    months_by_category: dict[str, NonNegativeInt] = {}
    repair_days: Days = (7, 21)


class Voucher(Rules):
    """The terms of one code."""

    percent: Annotated[int, Field(gt=0, le=100)]
    """Of the goods' price, rounded down to the minor unit."""
    until: date
    """The last day on which it is taken, in the customer's time zone."""
    minimum: Amounts = {}
    """Goods' price from which it is taken, by currency; a currency that is not named has none."""


class VouchersRules(Rules):
    codes: dict[str, Voucher] = {}
    """Codes in upper case."""
    per_order: PositiveInt = 1
    excluded_categories: tuple[str, ...] = ()
    apply_statuses: tuple[OrderStatus, ...] = (OrderStatus.PENDING_PAYMENT,)
    welcome_percent: Annotated[int, Field(ge=0, le=100)] = 0
    valid_days: PositiveInt = 30


class InvoicesRules(Rules):
    request_within_days: PositiveInt
    correct_within_days: PositiveInt


class PrivacyRules(Rules):
    export_within_days: PositiveInt
    delete_within_days: PositiveInt
    keep_invoices_years: PositiveInt


class AuthenticityRules(Rules):
    claim_within_days: PositiveInt
    refund_percent: Annotated[int, Field(ge=100)] = 100


class PreordersRules(Rules):
    deposit_percent: Annotated[int, Field(ge=0, le=100)]
    max_wait_days: PositiveInt
    """Days past the announced day after which the customer may withdraw with everything back."""
    cancel_statuses: tuple[OrderStatus, ...] = UNSHIPPED


RULES: dict[str, type[Rules]] = {
    "shipping": ShippingRules,
    "delays": DelaysRules,
    "returns": ReturnsRules,
    "refunds": RefundsRules,
    "cancellation": CancellationRules,
    "damaged": DamagedRules,
    "payment": PaymentRules,
    "customs": CustomsRules,
    "exchanges": ExchangesRules,
    "address-change": AddressChangeRules,
    "warranty": WarrantyRules,
    "vouchers": VouchersRules,
    "invoices": InvoicesRules,
    "privacy": PrivacyRules,
    "authenticity": AuthenticityRules,
    "preorders": PreordersRules,
}
"""The rules that code evaluates, by policy id."""
