"""Tries to prove an identity and tokens used up, so that throttling and single use survive a restart.

Limits are the caller's.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.store import tables as t
from app.store.database import Database


class Tries(Database):
    """See the module; ``Store`` is what others use.

    Add first, then count, and compare with the limit including the own try: then of any number of simultaneous
    tries at most the limit pass.
    """

    async def add_try(self, kind: str, key: str, at: datetime) -> None:
        """Count one try; ``key`` is a hash, never an address or an order number itself."""
        async with self._writing() as session:
            session.add(t.IdentityTryRow(kind=kind, key=key, at=at))

    async def count_tries(self, kind: str, key: str, since: datetime) -> int:
        """Tries at or after ``since``."""
        query = select(func.count()).select_from(t.IdentityTryRow).filter_by(kind=kind, key=key)
        async with self._reading() as session:
            return await session.scalar(query.where(t.IdentityTryRow.at >= since)) or 0

    async def prune_tries(self, before: datetime) -> None:
        """Forget tries older than ``before``, and used tokens that expired before it."""
        async with self._writing() as session:
            await session.execute(delete(t.IdentityTryRow).where(t.IdentityTryRow.at < before))
            await session.execute(delete(t.UsedTokenRow).where(t.UsedTokenRow.expires_at < before))

    async def use_jti(self, jti: str, expires_at: datetime) -> bool:
        """Use a token up; False when it was used before. Exactly one of simultaneous calls gets True."""
        try:
            async with self._writing() as session:
                session.add(t.UsedTokenRow(jti=jti, expires_at=expires_at))
        except IntegrityError:
            return False
        return True
