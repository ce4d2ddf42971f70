"""What an uncertain message means to a customer whose order is known: the nearest wish, ties broken by its state.

Owns which tool a rule's section stands for, and what an order's state makes likely. Leaves understanding words to
``intents`` and whether something may be done to the tools: they answer about the order, or propose, which is safe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.intents import POLICY_OF_INTENT, Intent
from app.language.consent import names_act
from app.models import Order, OrderStatus, Trouble
from app.tools.problems import read_problem

OWN_ORDER: Mapping[str, str] = {
    "shipping#time": "track_order",
    "shipping#tracking": "track_order",
    "shipping#failed": "track_order",
    "delays": "track_order",
    "preorders#wait": "track_order",
    "customs#held": "track_order",
    "refunds": "get_refund_status",
    "cancellation": "cancel_order",
    "preorders#cancel": "cancel_order",
    "returns#window": "return_items",
    "returns#how": "return_items",
    "exchanges": "exchange_items",
    "damaged": "report_problem",
    "address-change": "change_address",
    "payment#change": "change_payment_method",
    "payment#problems": "request_refund",
    "invoices#get": "resend_invoice",
    "vouchers#use": "apply_voucher",
    "vouchers#problems": "apply_voucher",
}
"""Policies or sections that customers ask about because of an order of theirs, and the tool that answers for it."""

SUMMARISED = frozenset(
    {"returns#window", "exchanges#window", "cancellation#when", "address-change#when", "invoices#get", "vouchers#use"}
)
"""Sections that the canned summary of their policy tells, so that it is worth saying beside the order's answer."""

TALK = frozenset({"answer_from_policy", "small_talk", "out_of_scope", "ask_for_order"})
"""Intents that do nothing: "it came broken" from somebody whose orders are open is to be reported instead."""

ANSWERS = frozenset({"track_order", "get_refund_status", "show_order"})
"""Tools that only tell how an order stands."""

PLAIN = 1.0
"""A score from which a question about a rule is plainly that: nearly a line of the bank."""

PROVEN = 2
"""What ``weigh`` says where the order itself shows what is wanted: it was paid twice."""

LIKELY = 0.12
"""What an order's state adds to a wish that it makes likely, and takes from one that it makes pointless; fitted on one
half of the lines of ``scenarios/``."""

GENERAL = 0.15
"""Distance to a rule that is still as near as the wish itself."""

_UNPAID = frozenset({OrderStatus.PENDING_PAYMENT})
_PREPARING = frozenset({OrderStatus.PROCESSING, OrderStatus.WAITING_STOCK})
_ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.PARTLY_RETURNED})
_OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.RETURNED})

_BEFORE = frozenset({"cancel_order", "change_address", "change_payment_method", "apply_voucher"})
_AFTER = frozenset({"return_items", "report_problem"})


@dataclass(frozen=True, slots=True)
class Reading:
    """``intent`` as it is meant; ``rule`` is the policy whose rule the words may have asked for as well."""

    intent: Intent
    rule: str | None = None


def read_wish(intent: Intent, order: Order | None, text: str) -> Reading:
    """What an intent means from a customer whose orders are open, and who means this one, or none that we know of.

    A certain wish means what it says; a rule, however certain, is asked for because of the order: what answers is
    answered about it, but nothing is proposed to somebody who plainly asked for the rule.
    """
    if order is None:
        return Reading(intent if intent.certain else _read_without_order(intent, text))
    if name := _read_plainly(intent, order, text):
        return Reading(Intent(name, intent.score))
    asked_rule = intent.name == "answer_from_policy"
    if intent.name == "small_talk" or (intent.certain and not asked_rule):
        return Reading(intent)
    if intent.name == "out_of_scope":
        return Reading(_read_faint(intent, order))
    best = max((_apply(found, order) for found in (intent, *intent.nearest)), key=lambda found: found.score)
    if intent.certain and weigh(best.name, order) < 0:
        return Reading(intent)
    plainly = asked_rule and intent.score >= PLAIN
    if plainly and best.name not in ANSWERS and weigh(best.name, order) < PROVEN:
        return Reading(intent)
    said = asked_rule and _stands_for(intent) == best.name and f"{intent.detail}#{intent.section}" in SUMMARISED
    return Reading(best, intent.detail if said else None)


def _read_plainly(intent: Intent, order: Order, text: str) -> str | None:
    """The tool that the order's state and a word of the customer's make plain, whatever else is near."""
    uncertain = not intent.certain
    if order.status is OrderStatus.CANCELLED and order.refunds and _stands_for(intent) == "cancel_order":
        return "get_refund_status"  # it is cancelled: what is left to ask is the money
    if _tells_problem(text, order) and (uncertain or intent.name in {"answer_from_policy", "track_order"}):
        return "report_problem"
    if intent.name == "report_problem" and not _has_arrived(order, intent.problem):
        return "track_order"  # what has not come yet is on its way, or was turned away
    plain_rule = intent.name == "answer_from_policy" and intent.score >= PLAIN
    if uncertain and not plain_rule and names_act(text, "cancel_order") and weigh("cancel_order", order) >= 0:
        return "cancel_order"  # a long story ends in "… so please cancel it"
    if uncertain and intent.name == "list_orders" and intent.others[:1] == ("show_order",):
        return "show_order"  # a list of the one order that is meant says nothing
    return None


def _read_faint(intent: Intent, order: Order) -> Intent:
    """Words that resemble nothing much: how the order stands, if that is nearest; never a proposal."""
    harmless = [_apply(found, order) for found in intent.nearest if _stands_for(found) in ANSWERS]
    return max(harmless, key=lambda found: found.score, default=intent)


def _read_without_order(intent: Intent, text: str) -> Intent:
    """A wish for one of several orders where a general answer is hardly nearer: we ask which order it is."""
    if intent.name in TALK and read_problem(text):
        return Intent("report_problem", intent.score)
    own = "track_order" if intent.name == "find_product" else _stands_for(intent)
    return Intent(own, intent.score) if intent.others[:1] == (own,) else intent


def asks_rule(intent: Intent) -> bool:
    """Whether a wish of somebody whose order we do not know is as near to a rule that concerns no order of hers: "what
    does it cost to send something back"."""
    policy = POLICY_OF_INTENT.get(intent.name)
    rule = next((f for f in intent.nearest if f.name == "answer_from_policy" and f.detail == policy), None)
    return rule is not None and rule.score > intent.score - GENERAL and _stands_for(rule) == rule.name


def is_unshipped(order: Order) -> bool:
    """Whether its items can still be swapped where they lie."""
    return order.status in _UNPAID | _PREPARING


def _tells_problem(text: str, order: Order) -> bool:
    """Whether the words say what is wrong with a delivery, and there was one."""
    return order.status in _ARRIVED and read_problem(text) is not None


def _has_arrived(order: Order, problem: str | None) -> bool:
    """Whether what the complaint is about can have come: of two parcels one may be here, and broken."""
    parcel = any(shipment.delivered_at for shipment in order.shipments) and problem in {"damaged", "wrong"}
    return order.status in _ARRIVED or parcel


def _apply(intent: Intent, order: Order) -> Intent:
    """The intent as a wish about this order, with what its state is worth."""
    name = _stands_for(intent)
    return replace(intent, name=name, score=intent.score + LIKELY * weigh(name, order))


def _stands_for(intent: Intent) -> str:
    if intent.name != "answer_from_policy":
        return intent.name
    section = f"{intent.detail}#{intent.section}"
    return OWN_ORDER.get(section) or OWN_ORDER.get(intent.detail or "", intent.name)


def weigh(tool: str, order: Order) -> int:
    """How a tool fits the order as it is: ``PROVEN``, 1 likely wanted, 0 possible, -1 or less pointless."""
    match tool:
        case "get_refund_status":
            return 1 if order.refunds else -PROVEN
        case "request_refund":
            return PROVEN if order.trouble is Trouble.PAID_TWICE else -PROVEN
        case "track_order":
            return -1 if order.status in _ARRIVED else 0 if order.status in _OVER else 1
        case "exchange_items":
            return 1 if order.status in _ARRIVED | _UNPAID | _PREPARING else -1
        case "change_payment_method" | "apply_voucher" if order.status not in _ARRIVED | _OVER:
            return 1 if order.status in _UNPAID else 0
    if tool in _AFTER:
        return 1 if order.status in _ARRIVED else -1
    if tool in _BEFORE:
        return -1 if order.status in _ARRIVED | _OVER else 1 if order.status in _UNPAID | _PREPARING else 0
    return 0
