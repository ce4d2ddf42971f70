"""Webhooks in: news of orders that WooCommerce and Shopify send. Webhooks out: what the owner's URLs are told."""

from app.webhooks.inbox import Inbox, Unreadable
from app.webhooks.sender import Sender

__all__ = ["Inbox", "Sender", "Unreadable"]
