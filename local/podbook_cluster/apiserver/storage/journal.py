"""Keeps every revision of every object in one SQLite file, safe against a power cut."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podbook_cluster.apiserver.terms.errors import StorageUnusable

FILE_NAME: Final = "cluster.db"

# Written into the file; one that a newer Podbook has written in another way is left alone.
_FORMAT: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS revisions (
    revision INTEGER PRIMARY KEY,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_INSERT: Final = "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)"
_FORGET: Final = "DELETE FROM revisions WHERE revision = ?"
_COMPACTED: Final = "INSERT OR REPLACE INTO facts VALUES ('compacted', ?)"
_PAGE_SIZE_BYTES: Final = 4096
_CHECKPOINT_PAGES: Final = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """One revision as the file holds it."""

    revision: int
    resource: str
    namespace: str
    name: str
    deleted: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes.

    Args:
        rows: new revisions, in order.
        forgotten: numbers of revisions that no watch or list can ask for any more.
        compacted: the oldest revision from which a watch can still resume.

    """

    rows: tuple[Row, ...]
    forgotten: tuple[int, ...]
    compacted: int


class Journal:
    """The file; used by one thread at a time.

    Args:
        folder: where it lies.
        page_limit: pages of 4 KiB beyond which the disk counts as full; 0 for none.

    Raises:
        StorageUnusable: from every method, where the file or its disk is at fault.

    """

    def __init__(self, folder: Path, *, page_limit: int = 0) -> None:
        self._path = folder / FILE_NAME
        self._page_limit = page_limit
        _create_private(self._path)
        try:
            self._connection = self._open()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > _FORMAT:
            connection.close()
            raise StorageUnusable(
                f"{self._path} was written by a newer Podbook (format {found}, this one knows"
                f" {_FORMAT}); use that one, or another data folder"
            )
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE_BYTES}")
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: the log is on the disk before a commit returns, so an answered write survives.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.executescript(_SCHEMA)
        if found < _FORMAT:
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        if self._page_limit:
            connection.execute(f"PRAGMA max_page_count = {self._page_limit}")
        return connection

    def compacted(self) -> int:
        """Return the oldest revision from which a watch can resume; 0 for a new file."""
        try:
            row = self._connection.execute(
                "SELECT value FROM facts WHERE name = 'compacted'"
            ).fetchone()
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return int(row[0]) if row else 0

    def rows(self) -> Iterator[Row]:
        """Yield all kept revisions, oldest first."""
        try:
            for row in self._connection.execute("SELECT * FROM revisions ORDER BY revision"):
                yield Row(row[0], row[1], row[2], row[3], bool(row[4]), row[5])
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def commit(self, batches: Iterable[Batch]) -> None:
        """Write all or nothing; on return it is on the disk."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for batch in batches:
                self._write(batch)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _write(self, batch: Batch) -> None:
        self._connection.executemany(
            _INSERT,
            (
                (row.revision, row.resource, row.namespace, row.name, row.deleted, row.body)
                for row in batch.rows
            ),
        )
        if batch.forgotten:
            self._connection.executemany(_FORGET, ((number,) for number in batch.forgotten))
            self._connection.execute(_COMPACTED, (batch.compacted,))

    def close(self) -> None:
        """Fold the log into the file and close it."""
        self._connection.close()

    def _unusable(self, error: sqlite3.Error) -> StorageUnusable:
        text = str(error)
        if "full" in text:
            return StorageUnusable(
                f"{self._path}: the disk is full ({text}); free some space and start again,"
                " nothing that was acknowledged is lost"
            )
        if isinstance(error, sqlite3.OperationalError):
            return StorageUnusable(f"{self._path} can't be read or written: {text}")
        return StorageUnusable(
            f"{self._path} is damaged ({text}); move the file away to start with an empty cluster,"
            " or restore a copy"
        )


def _create_private(path: Path) -> None:
    # SQLite gives its -wal and -shm files the mode of the main file.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StorageUnusable(f"{path} can't be written: {error.strerror}") from error
