"""The store: history, compaction, and what is visible when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from podbook_cluster.apiserver.storage import records
from podbook_cluster.apiserver.storage.journal import Journal
from podbook_cluster.apiserver.storage.records import Change, ChangeType
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.errors import ApiError
from podbook_cluster.apiserver.terms.resources import CONFIG_MAPS


@asynccontextmanager
async def _running(folder: Path, *, history_limit: int = 100) -> AsyncIterator[Store]:
    store = Store(Journal(folder), history_limit=history_limit)
    committing = asyncio.create_task(store.commit_forever())
    yield store
    committing.cancel()
    with suppress(asyncio.CancelledError):
        await committing
    await store.close()


def _write(store: Store, name: str, kind: ChangeType = "ADDED", value: str = "") -> None:
    body = {"metadata": {"name": name, "namespace": "n", "uid": name}, "data": {"value": value}}
    store.write(kind, records.of_object(CONFIG_MAPS, body, store.next_revision()))


def _names(store: Store, revision: int | None = None) -> list[str]:
    found = (
        store.scan(CONFIG_MAPS, "n")
        if revision is None
        else store.scan_at(CONFIG_MAPS, "n", revision)
    )
    return [record.name for record in found]


async def test_watchers_are_told_only_what_is_on_the_disk(tmp_path: Path) -> None:
    async with _running(tmp_path) as store:
        told: list[Change] = []
        store.subscribe(told.append)
        _write(store, "a")

        assert (told, store.committed) == ([], 1)
        assert _names(store, store.committed) == [], "a read sees what is acknowledged"
        assert store.get_at(CONFIG_MAPS, ("n", "a"), store.committed) is None

        await store.durable(store.revision)
        assert [change.record.name for change in told] == ["a"]
        assert _names(store, store.committed) == ["a"]


async def test_the_past_can_be_read(tmp_path: Path) -> None:
    async with _running(tmp_path) as store:
        _write(store, "a")
        first = store.revision
        _write(store, "b")
        _write(store, "a", "DELETED")
        await store.durable(store.revision)

        assert _names(store) == ["b"]
        assert _names(store, first) == ["a"]
        assert _names(store, first + 1) == ["a", "b"]


async def test_a_long_history_is_forgotten_on_disk_too(tmp_path: Path) -> None:
    async with _running(tmp_path, history_limit=10) as store:
        for number in range(100):
            _write(store, "a", "ADDED" if number == 0 else "MODIFIED", str(number))
            await store.durable(store.revision)
        compacted = store.compacted
        with pytest.raises(ApiError, match="too old resource version"):
            store.check_not_compacted(compacted - 1)

    journal = Journal(tmp_path)
    rows = list(journal.rows())
    assert len(rows) < 20
    assert journal.compacted() > 50
    journal.close()


async def test_what_was_deleted_long_ago_leaves_no_row(tmp_path: Path) -> None:
    async with _running(tmp_path, history_limit=2) as store:
        _write(store, "a")
        _write(store, "a", "DELETED")
        for number in range(6):
            _write(store, "b", "ADDED" if number == 0 else "MODIFIED", str(number))
            await store.durable(store.revision)

    journal = Journal(tmp_path)
    assert {row.name for row in journal.rows()} == {"b"}
    journal.close()


async def test_large_changes_shorten_the_history(tmp_path: Path) -> None:
    async with _running(tmp_path, history_limit=1000) as store:
        for number in range(100):
            _write(store, "a", "ADDED" if number == 0 else "MODIFIED", "x" * 1_000_000)
            await store.durable(store.revision)

        assert store.compacted > 20


async def test_many_writers_share_a_commit(tmp_path: Path) -> None:
    async with _running(tmp_path) as store:
        for number in range(50):
            _write(store, f"n{number}")
        await asyncio.gather(*(store.durable(revision) for revision in range(2, 52)))

        assert store.committed == 51
        assert len(_names(store)) == 50


async def test_what_is_pending_is_written_at_the_end(tmp_path: Path) -> None:
    store = Store(Journal(tmp_path))
    _write(store, "a")
    await store.close()

    journal = Journal(tmp_path)
    assert [row.name for row in journal.rows()] == ["a"]
    journal.close()
