"""News of orders that WooCommerce and Shopify send: signatures, their form, and what becomes of it."""

from app.webhooks.inbox import Inbox, Unreadable

__all__ = ["Inbox", "Unreadable"]
