"""Where a shop's records may come from beside Kaunter's own tables, and where changes to them are sent."""

from app.sources.client import Client
from app.sources.http import HttpShop
from app.sources.outbox import Outbox

__all__ = ["Client", "HttpShop", "Outbox"]
