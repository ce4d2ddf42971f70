"""Announcements: what the owner's webhooks are told, written in the transaction of what they tell.

One row an event and URL, gone once the receiver took it, with its conversation when that is deleted, or kept without
a next time when it was given up. Sending is the business of ``webhooks``.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.store import tables as t
from app.store.database import Database


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event for one URL. ``id`` is the same in every try; ``attempts`` counts this one."""

    id: str
    type: str
    data: dict[str, Any]
    attempts: int
    created_at: datetime


class Announcements(Database):
    """See the module; ``Store`` is what others use. ``targets`` are the hashes of the URLs, ``events`` their wish."""

    def __init__(
        self, *arguments: Any, targets: Sequence[str] = (), events: Collection[str] = (), **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._targets = tuple(targets)
        self._events = frozenset(events)

    def _announce(self, session: AsyncSession, conversation_id: str, type: str, data: Mapping[str, Any]) -> None:
        """Let every URL know when this transaction commits."""
        if type not in self._events:
            return
        now = self.clock()
        plain = orjson.loads(orjson.dumps({"conversation_id": conversation_id, **data}))
        session.add_all(
            t.AnnouncementRow(
                id=f"msg_{secrets.token_hex(12)}",
                conversation_id=conversation_id,
                target=target,
                type=type,
                data=plain,
                attempts=0,
                created_at=now,
                next_at=now,
            )
            for target in self._targets
        )

    async def claim_announcement(self, target: str, until: datetime) -> Announcement | None:
        """The oldest one whose time has come; nobody else gets it before ``until``. None: nothing is due."""
        a = t.AnnouncementRow
        due = select(a).where(a.target == target, a.next_at <= self.clock()).order_by(a.position).limit(1)
        async with self._reading() as session:  # an idle sender must not take the lock of the writers
            if await session.scalar(due) is None:
                return None
        async with self._writing() as session:
            row = await session.scalar(due.with_for_update(skip_locked=True))
            if row is None:
                return None
            row.next_at, row.attempts = until, row.attempts + 1
            return Announcement(row.id, row.type, row.data, row.attempts, row.created_at)

    async def end_announcement(self, announcement: Announcement) -> None:
        """The receiver took it."""
        async with self._writing() as session:
            await session.execute(delete(t.AnnouncementRow).filter_by(id=announcement.id))

    async def delay_announcement(self, announcement: Announcement, until: datetime | None) -> None:
        """Try again at ``until``; None gives up. Does nothing when somebody else tries it already."""
        a = t.AnnouncementRow
        mine = update(a).where(a.id == announcement.id, a.attempts == announcement.attempts)
        async with self._writing() as session:
            await session.execute(mine.values(next_at=until))

    async def count_announcements(self) -> Mapping[tuple[str, str], int]:
        """How many wait or were given up, by (target, ``waiting`` or ``given_up``)."""
        a = t.AnnouncementRow
        query = select(a.target, a.next_at.is_(None), func.count()).group_by(a.target, a.next_at.is_(None))
        async with self._reading() as session:
            found = (await session.execute(query)).all()
        return Counter({(target, "given_up" if ended else "waiting"): count for target, ended, count in found})

    async def retry_announcements(self) -> int:
        """Send again, as often as a new one, what was given up; how many there are."""
        a = t.AnnouncementRow
        async with self._writing() as session:
            again = update(a).where(a.next_at.is_(None)).values(next_at=self.clock(), attempts=0)
            return len((await session.execute(again.returning(a.id))).all())

    async def prune_announcements(self, before: datetime) -> None:
        """Forget what is older, whether it was given up or its URL was taken out of the settings."""
        async with self._writing() as session:
            await session.execute(delete(t.AnnouncementRow).where(t.AnnouncementRow.created_at < before))
