"""Policies: what the shop promises. Load and select them, render them for an order, and decide by their rules."""

from app.policies.checks import Mistake, check
from app.policies.deadlines import delivered_at
from app.policies.decisions import REASONS, Decision
from app.policies.documents import Example, Policy, Section
from app.policies.library import Policies, Reload, Rendered, load
from app.policies.problems import (
    Problem,
    can_claim_warranty,
    can_report_problem,
    can_resend_invoice,
    is_late,
    warranty_until,
)
from app.policies.profile import ShopProfile
from app.policies.returning import can_exchange, can_return, refund_due, return_deadline
from app.policies.selection import Selected, Selection
from app.policies.unshipped import (
    can_apply_voucher,
    can_cancel,
    can_change_address,
    can_change_items,
    can_change_payment,
)

__all__ = [
    "REASONS",
    "Decision",
    "Example",
    "Mistake",
    "Policies",
    "Policy",
    "Problem",
    "Reload",
    "Rendered",
    "Section",
    "Selected",
    "Selection",
    "ShopProfile",
    "can_apply_voucher",
    "can_cancel",
    "can_change_address",
    "can_change_items",
    "can_change_payment",
    "can_claim_warranty",
    "can_exchange",
    "can_report_problem",
    "can_resend_invoice",
    "can_return",
    "check",
    "delivered_at",
    "is_late",
    "load",
    "refund_due",
    "return_deadline",
    "warranty_until",
]
