"""What is durable: SQLAlchemy on SQLite or PostgreSQL, behind the one class ``Store``."""

from app.store.announcements import Announcement
from app.store.conversations import InboxEntry, News
from app.store.deliveries import Delivery
from app.store.imports import ShopChange, ShopContents, Stored, Wanted, list_parts
from app.store.outbox import Request
from app.store.overview import ConversationEntry
from app.store.shop import OrderEntry
from app.store.store import Store
from app.store.turns import TurnLease

__all__ = [
    "Announcement",
    "ConversationEntry",
    "Delivery",
    "InboxEntry",
    "News",
    "OrderEntry",
    "Request",
    "ShopChange",
    "ShopContents",
    "Store",
    "Stored",
    "TurnLease",
    "Wanted",
    "list_parts",
]
