"""The database is lost while the counter runs: a documented 503, no word of where it lies, and life afterwards."""

import sqlite3
from contextlib import closing

import httpx

from app.api.problems import MEDIA_TYPE
from tests.api.test_conversations import start
from tests.counter import Counter


async def test_a_locked_database_is_a_503_that_tells_nothing_of_the_machine(
    counter: Counter, http: httpx.AsyncClient
) -> None:
    path, auth = await start(http, locale="my")
    store = counter.services.store
    await store.close()
    store._busy_seconds = 0.1  # instead of five
    await store.open()
    file = counter.services.settings.data_dir / "kaunter.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = await http.post(f"{path}/rating", json={"score": 4}, headers=auth, timeout=30)
    assert (answer.status_code, answer.headers["content-type"]) == (503, MEDIA_TYPE)
    assert answer.json()["code"] == "database_unusable"
    assert str(file) not in answer.text
    assert (await http.post(f"{path}/rating", json={"score": 4}, headers=auth)).status_code == 204
