"""What the counter can do: READ tools that look up, WRITE tools that change something after confirmation."""

from app.tools.account import request_refund, resend_invoice, update_customer_address
from app.tools.delivered import exchange_items, report_problem, return_items
from app.tools.handoff import ask_for_order, hand_off, offer_topics, small_talk
from app.tools.orders import get_refund_status, list_orders, show_order, track_order
from app.tools.products import answer_from_policy, find_product
from app.tools.registry import Tools
from app.tools.unshipped import cancel_order, change_address, change_items, change_payment_method
from app.tools.vouchers import apply_voucher

TOOLS = Tools(
    [
        track_order,
        show_order,
        list_orders,
        get_refund_status,
        cancel_order,
        return_items,
        exchange_items,
        change_items,
        change_address,
        change_payment_method,
        request_refund,
        report_problem,
        resend_invoice,
        update_customer_address,
        apply_voucher,
        find_product,
        answer_from_policy,
        hand_off,
        small_talk,
        ask_for_order,
        offer_topics,
    ]
)
