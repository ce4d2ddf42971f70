"""An order's record as a source of facts for a reply.

Owns which states go beside its words. Leaves the words to ``canned`` and what they license to ``guardrails``.
"""

from app.canned import is_current
from app.guardrails.claims import Source
from app.models import Order


def order_source(order: Order, text: str) -> Source:
    """``text`` says what the record holds; the states decide what may be said about it."""
    return Source(f"order:{order.number}", text, states_of(order))


def states_of(order: Order) -> frozenset[str]:
    """The order's states as ``Source.statuses`` wants them. Parcels count only where all are in the same state:
    one that arrived does not make the order arrive."""
    parcels = {shipment.status for shipment in order.shipments}
    return frozenset(
        {
            str(order.status),
            *(f"shipment:{status}" for status in parcels if len(parcels) == 1),
            *(f"payment:{payment.status}" for payment in order.payments),
            *(f"refund:{refund.status}" for refund in order.refunds),
            *(f"trouble:{trouble}" for trouble in [order.trouble] if trouble and is_current(order, trouble)),
        }
    )
