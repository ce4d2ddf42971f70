"""Opening: one clear sentence for what cannot be used, and tables that are what the code thinks."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

import app.store.migrations as migrations
from app.errors import ConfigurationError, DatabaseUnusable
from app.store import Store
from app.store.columns import UtcTime
from app.store.tables import Base
from tests.store.conftest import POSTGRES

OPEN = "import asyncio, sys; from app.store import Store; s = Store(sys.argv[1]); asyncio.run(s.open())"


@contextmanager
def refusal(*words: str) -> Iterator[None]:
    """DatabaseUnusable, in one sentence with these words."""
    with pytest.raises(DatabaseUnusable) as caught:
        yield
    said = str(caught.value)
    assert all(word in said for word in words), said
    assert "\n" not in said
    assert said.endswith(".")
    assert isinstance(caught.value, ConfigurationError)


async def test_a_folder_that_does_not_exist_is_made(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a' / 'b' / 'ร้าน.db'}")
    await store.open()
    await store.ping()
    await store.close()
    assert (tmp_path / "a" / "b" / "ร้าน.db").stat().st_size > 0


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with refusal(str(tmp_path / "file"), "KAUNTER_DATA_DIR"):
        await Store(f"sqlite:///{tmp_path / 'file' / 'kaunter.db'}").open()


async def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with refusal("cannot be opened", "KAUNTER_DATA_DIR"):
        await Store(f"sqlite:///{tmp_path}").open()


async def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kaunter.db"
    sqlite3.connect(path).close()
    with refusal("not writable"):
        await Store(f"sqlite:///file:{path}?mode=ro&uri=true").open()


async def test_a_locked_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kaunter.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with refusal("locked", "stop that program"):
            await Store(f"sqlite:///{path}", busy_seconds=0.05).open()


async def test_a_lock_while_running_is_told_and_nothing_is_half_done(tmp_path: Path) -> None:
    path = tmp_path / "kaunter.db"
    store = Store(f"sqlite:///{path}", busy_seconds=0.05)
    await store.open()
    conversation = await store.create_conversation(language="km", locale="km", token_hash="t")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with refusal("locked"):
            await store.add_message(conversation.id, "k", "ជំរាបសួរ", "km")
        assert await store.messages(conversation.id) == []
        other.execute("ROLLBACK")
    message, created = await store.add_message(conversation.id, "k", "ជំរាបសួរ", "km")
    assert (message.seq, created) == (1, True)
    await store.close()


async def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kaunter.db"
    path.write_bytes(b"Das ist keine Datenbank. " * 400)
    with refusal("not a SQLite file"):
        await Store(f"sqlite:///{path}").open()
    assert path.read_bytes().startswith(b"Das ist")


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kaunter.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE orders (id INTEGER)")
        other.commit()
    with refusal("another program"):
        await Store(f"sqlite:///{path}").open()
    with closing(sqlite3.connect(path)) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["orders"]


async def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kaunter.db"
    store = Store(f"sqlite:///{path}")
    await store.open()
    await store.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with refusal("damaged"):
        await Store(f"sqlite:///{path}").open()


async def test_a_database_of_a_newer_version_is_told_and_not_touched(url: str) -> None:
    store = Store(url)
    await store.open()
    async with store._writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    for _ in range(2):
        with refusal("9999", "newer version"):
            await Store(url).open()


@pytest.mark.parametrize("url", ["", "kaunter.db", "mysql://root@localhost/kaunter", "oracle://x"])
async def test_a_url_that_is_none_is_told(url: str) -> None:
    with refusal("KAUNTER_DATABASE_URL"):
        Store(url)


async def test_a_server_that_is_away_is_told_without_its_password() -> None:
    with pytest.raises(DatabaseUnusable, match=r"127\.0\.0\.1:1 does not answer") as caught:
        await Store("postgresql://shop:geheim@127.0.0.1:1/kaunter").open()
    assert "geheim" not in str(caught.value)


async def test_an_error_of_the_database_holds_no_customer_data(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught:
        await asyncio.gather(
            *(store.create_conversation(language="th", locale="th", token_hash="same", page_url="/สมชาย") for _ in "ab")
        )
    assert "สมชาย" not in str(caught.value)
    assert "same" not in str(caught.value).replace("%", "")


async def test_processes_that_start_at_once_share_one_upgrade(url: str) -> None:
    children = [await asyncio.create_subprocess_exec(sys.executable, "-c", OPEN, url) for _ in range(4)]
    assert [await child.wait() for child in children] == [0, 0, 0, 0]
    store = Store(url)
    await store.open()
    await store.close()


async def test_the_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert store._engine is not None
    async with store._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_the_code_works_with_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


@pytest.mark.skipif(bool(POSTGRES), reason="about SQLite")
async def test_a_commit_is_on_the_disk_when_it_returns(store: Store) -> None:
    """The pragmas that I1 stands on: a log that is synced at each commit (2 is FULL)."""
    async with store._reading() as session:
        values = [(await session.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "synchronous")]
        assert (await session.execute(text("PRAGMA foreign_keys"))).scalar() == 1
    assert values == ["wal", 2]


async def test_times_come_back_as_the_same_moment_in_utc(store: Store, clock: object) -> None:
    """A moment given in Bangkok's time is that moment, whatever the server's time zone is."""
    bangkok = datetime(2026, 3, 1, 6, 59, 59, 999999, tzinfo=timezone(timedelta(hours=7)))
    await store.add_try("order", "key", bangkok)
    moment = datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)
    assert await store.count_tries("order", "key", moment) == 1
    assert await store.count_tries("order", "key", moment + timedelta(microseconds=1)) == 0


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcTime().process_bind_param(datetime(2026, 3, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_a_store_that_is_not_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        asyncio.run(Store("sqlite:///never.db").ping())
    assert not Path("never.db").exists()


def test_opening_needs_no_shell_and_leaves_no_task(url: str) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", OPEN, url], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
