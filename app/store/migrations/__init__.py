"""The history of the tables (Alembic), run from code and never from an ini file."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.errors import DatabaseUnusable

HEAD = "0004"
"""The revision that this version of Kaunter works with."""

LOCK = 0x6B61756E746572
"""The advisory lock that makes replicas which start at once upgrade one after the other ("kaunter" in ASCII)."""


def upgrade(connection: Connection) -> None:
    """Bring the tables to HEAD inside the caller's write transaction.

    Raises DatabaseUnusable when a newer Kaunter wrote this database.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    revision = read_revision(connection)
    if revision == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseUnusable(
            f"The tables ({revision}) are from a newer version of Kaunter than this one ({HEAD}); "
            "install that version, or set KAUNTER_DATA_DIR to another folder."
        )
    command.upgrade(config, HEAD)


def read_revision(connection: Connection) -> str | None:
    """The revision of the tables; None before the first upgrade."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision
