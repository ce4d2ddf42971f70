"""``Store``: everything durable behind one class. Nothing else in Kaunter sees a database session."""

from app.store.deliveries import Deliveries
from app.store.executions import Executions
from app.store.outbox import OutboxRows
from app.store.overview import Overview
from app.store.photos import Photos
from app.store.ratings import Ratings
from app.store.tries import Tries
from app.store.turns import Turns


class Store(Turns, Executions, Deliveries, OutboxRows, Overview, Tries, Photos, Ratings):
    """Conversations, turns, proposals, identity tries and the shop's own tables in one database.

    ``Store(url)``, then ``await open()``; every method is one short transaction, so none is open during a model
    call. Methods return the frozen values of ``app.models``; they raise NotFound for an unknown conversation and
    DatabaseUnusable when the database cannot be used. Use one instance in one event loop.
    """
