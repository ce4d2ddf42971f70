"""The connection: opening, upgrading, and the two kinds of transaction. Owns every pragma and lock.

Leaves tables to ``tables`` and the questions to the nouns that build on ``Database``.

Durability, decided for ``synchronous = FULL``: in WAL mode SQLite's usual advice is NORMAL, which keeps the
file intact but may lose the last commits when the power fails. I1 promises that a customer's message is
durable before a model is called, so each commit is synced. It costs one fsync a commit, a few of them a turn,
next to seconds of model time.

Writers: SQLite has one at a time. A write begins with BEGIN IMMEDIATE, so that it never finds out half-way
that its snapshot is stale, and writers of one process queue in a fair lock instead of in SQLite's sleep loop.
On PostgreSQL the same code locks the conversation's row (SELECT … FOR UPDATE).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.errors import DatabaseUnusable
from app.store import migrations

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """One database. ``clock`` gives the present; ``busy_seconds`` is how long a lock of others is waited for."""

    def __init__(self, url: str | URL, *, clock: Callable[[], datetime] = utc_now, busy_seconds: float = 5.0) -> None:
        self.url = _read_url(url)
        self.clock = clock
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        self._busy_seconds = busy_seconds
        self._engine: AsyncEngine | None = None
        self._queue: AbstractAsyncContextManager[Any] = asyncio.Lock() if self._is_sqlite else nullcontext()

    async def open(self) -> None:
        """Create the folder, connect and upgrade the tables; safe when several processes do it at once.

        Raises DatabaseUnusable: locked, not writable, damaged, not reachable or from a newer version.
        """
        self._make_folder()
        self._engine = self._connect()
        try:
            with self._explained():
                if self._is_sqlite:
                    await asyncio.to_thread(self._probe, self._engine)
                async with self._engine.execution_options(writes=True).begin() as connection:
                    await connection.run_sync(migrations.upgrade)
        except BaseException:
            await self.close()
            raise

    async def ping(self) -> None:
        """Ask the database for nothing. Raises DatabaseUnusable when it does not answer."""
        async with self._reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncSession]:
        """A short transaction that sees one state of the database."""
        with self._explained():
            async with AsyncSession(self._bind(writes=False), expire_on_commit=False) as session, session.begin():
                yield session

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        """A short transaction that commits at the end, or does nothing at all."""
        with self._explained():
            async with (
                self._queue,
                AsyncSession(self._bind(writes=True), expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    async def _lock_shop(self, session: AsyncSession) -> None:
        """Let nobody else replace the shop's data until this write ends; on SQLite every write is alone anyway."""
        if not self._is_sqlite:
            await session.execute(select(func.pg_advisory_xact_lock(migrations.LOCK)))

    def _bind(self, *, writes: bool) -> AsyncEngine:
        if self._engine is None:
            raise RuntimeError("The store is not open.")
        return self._engine.execution_options(writes=writes)

    def _make_folder(self) -> None:
        if not self._is_sqlite or self._is_special():
            return
        folder = Path(self.url.database or "").absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise DatabaseUnusable(
                f"The folder {folder} cannot be created; choose another with KAUNTER_DATA_DIR."
            ) from None

    def _is_special(self) -> bool:
        """In memory, or a ``file:`` URI whose path only SQLite reads."""
        name = self.url.database or ":memory:"
        return name == ":memory:" or name.startswith("file:")

    def _connect(self) -> AsyncEngine:
        arguments = {"timeout": self._busy_seconds} if self._is_sqlite else {}
        engine = create_async_engine(
            self.url,
            connect_args=arguments,
            hide_parameters=True,  # an error's text must not hold what a customer wrote
            pool_pre_ping=not self._is_sqlite,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        if self._is_sqlite:
            event.listen(engine.sync_engine, "connect", _set_pragmas)
            event.listen(engine.sync_engine, "begin", _begin)
        return engine

    def _probe(self, engine: AsyncEngine) -> None:
        """Touch the file before the driver does: one that fails to connect leaves a thread that nobody awaits."""
        arguments, given = engine.dialect.create_connect_args(self.url)
        options: dict[str, Any] = {**given, "timeout": self._busy_seconds}
        with closing(sqlite3.connect(arguments[0], **options)) as connection:
            connection.execute("PRAGMA schema_version")

    def _explained(self) -> "_Explained":
        return _Explained(self.url)


def _read_url(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnusable(
            "KAUNTER_DATABASE_URL is not a database URL; write sqlite:///path/to/file.db or postgresql://user@host/name."
        ) from None
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise DatabaseUnusable(
            f"KAUNTER_DATABASE_URL names {parsed.get_backend_name()}, which is not supported; "
            "use sqlite:// or postgresql://."
        )
    return parsed.set(drivername=driver)


def _set_pragmas(connection: Any, _: object) -> None:
    # The driver's own transaction handling would begin late and commit before DDL; `_begin` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        connection.close()  # the pool does not know it yet; its thread would live on
        raise


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _Explained:
    """Turns what a driver says into DatabaseUnusable; mistakes of ours (bad SQL, broken rules) pass as they are."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, IntegrityError | ProgrammingError):
            return
        if isinstance(error, DBAPIError | OSError | TimeoutError | sqlite3.DatabaseError):
            raise DatabaseUnusable(_explain(self.url, error)) from error


def _explain(url: URL, error: BaseException) -> str:
    if url.get_backend_name() != "sqlite":
        where = f"{url.host or 'localhost'}:{url.port or 5432}"
        if isinstance(error, OSError | TimeoutError | InterfaceError):
            return f"The database server at {where} does not answer; start it or correct KAUNTER_DATABASE_URL."
        return f"The database server at {where} refuses the work; check the name and rights in KAUNTER_DATABASE_URL."
    said = str(getattr(error, "orig", error)).lower()
    for sign, explanation in _SQLITE_SIGNS.items():
        if sign in said:
            return f"The database {url.database} {explanation}"
    return f"The database {url.database} cannot be used; check the file, or move it away to start anew."


_SQLITE_SIGNS = {
    "locked": "is locked by another program; stop that program, then try again.",
    "readonly": "is not writable; give this user the right to write there, or set KAUNTER_DATA_DIR.",
    "read-only": "is not writable; give this user the right to write there, or set KAUNTER_DATA_DIR.",
    "unable to open": "cannot be opened; give this user the right to write there, or set KAUNTER_DATA_DIR.",
    "disk i/o": "cannot be read or written; check the disk, then try again.",
    "full": "cannot grow, because the disk is full; free some space, then try again.",
    "not a database": "is not a SQLite file; restore a backup, or move the file away to start anew.",
    "malformed": "is damaged; restore a backup, or move the file away to start anew.",
    "already exists": "belongs to another program; name another file in KAUNTER_DATABASE_URL.",
}
"""What SQLite's message contains (sqlite3ErrStr in main.c, 3.40), and what to say instead."""
