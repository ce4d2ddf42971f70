"""What the counter can do: READ tools that look up, WRITE tools that change something after confirmation."""

from app.tools.handoff import ask_for_order, hand_off, offer_topics, small_talk
from app.tools.orders import get_refund_status, list_orders, track_order
from app.tools.products import answer_from_policy, find_product
from app.tools.registry import Tools

TOOLS = Tools(
    [
        track_order,
        list_orders,
        get_refund_status,
        find_product,
        answer_from_policy,
        hand_off,
        small_talk,
        ask_for_order,
        offer_topics,
    ]
)
