"""Keeps blobs and artifacts: in a folder, or in a bucket, by the URL's scheme."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url

from podbook_crds.content import blob_digest, blob_path
from podbook_crds.errors import StoreFull, StoreUnavailable
from podbook_crds.formats.digests import is_digest

EXECUTIONS: Final = "executions"
RECORD: Final = "execution.json"
PROGRESS: Final = "progress.json"
# Beside an execution's artifacts, to go with them: the logs of its attempts.
LOG: Final = ".log"
# Likewise what the containers of its pods wrote: for whoever may read logs, and nobody else.
POD: Final = ".pod"

# The sweep leaves alone what is younger than an hour.
_FRESH: Final = timedelta(minutes=30)
_CHUNK: Final = 1024 * 1024
# ENOTDIR in the words of the store's client, which has no error of its own for it.
_BELOW_A_FILE: Final = "(os error 20)"
# ENOSPC and EDQUOT likewise.
_FULL: Final = ("(os error 28)", "(os error 122)")


@dataclass(frozen=True, slots=True)
class Stored:
    """One object of the store; size in bytes."""

    path: str
    size: int
    modified: datetime


class Store:
    """The artifact store; its failures are StoreUnavailable and StoreFull."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    @classmethod
    def open(cls, url: str) -> Self:
        """Return the store at file:///folder (made if need be), s3://, gs:// or az://."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            folder = Path(unquote(parts.path))
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(folder))
        return cls(from_url(url))

    async def put(self, path: str, data: bytes | IO[bytes]) -> None:
        """Write an object; readers see the old one or the whole new one."""
        with _translated(f"writing {path}"):
            await obstore.put_async(self._backend, path, data)

    async def create(self, path: str, data: bytes) -> bool:
        """Write an object where there is none of that path; tell whether there was none."""
        with _translated(f"writing {path}"):
            try:
                await obstore.put_async(self._backend, path, data, mode="create")
            except AlreadyExistsError:
                return False
        return True

    async def age(self, path: str) -> float | None:
        """Return how many seconds ago an object was written, or None where there is none."""
        there = await self.head(path)
        return None if there is None else (datetime.now(UTC) - there.modified).total_seconds()

    async def get(self, path: str) -> bytes | None:
        """Return an object's bytes, or None where there is none."""
        try:
            with _looked_up(f"reading {path}"):
                result = await obstore.get_async(self._backend, path)
                return bytes(await result.bytes_async())
        except FileNotFoundError:
            return None

    async def head(self, path: str) -> Stored | None:
        """Return what is known of an object without reading it, or None where there is none."""
        try:
            with _looked_up(f"looking for {path}"):
                return _stored(await obstore.head_async(self._backend, path))
        except FileNotFoundError:
            return None

    async def chunks(self, path: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from start up to, not including, end."""
        for position in range(start, end, _CHUNK):
            with _translated(f"reading {path}"):
                part = await obstore.get_range_async(
                    self._backend, path, start=position, end=min(end, position + _CHUNK)
                )
            yield bytes(part)

    async def under(self, prefix: str) -> AsyncIterator[Stored]:
        """Yield every object whose path begins with the prefix, which is whole folders."""
        with _translated(f"listing {prefix}"):
            async for batch in obstore.list(self._backend, prefix):
                for meta in batch:
                    yield _stored(meta)

    async def delete(self, paths: list[str]) -> None:
        """Delete objects; those that are gone are fine."""
        for path in paths:
            try:
                with _translated(f"deleting {path}"):
                    await obstore.delete_async(self._backend, path)
            except FileNotFoundError:
                continue

    async def put_blob(self, data: bytes) -> str:
        """Write a blob where it is not there, or has been for long; return its digest.

        A blob that is about to be referred to must not be swept away as an old one.
        """
        digest = blob_digest(data)
        there = await self.head(blob_path(digest))
        if there is None or datetime.now(UTC) - there.modified > _FRESH:
            await self.put(blob_path(digest), data)
        return digest

    async def get_blob(self, digest: str) -> bytes | None:
        """Return a blob's bytes, or None where there is none, or one that does not fit its name."""
        if not is_digest(digest):
            return None
        data = await self.get(blob_path(digest))
        if data is None or await asyncio.to_thread(blob_digest, data) != digest:
            return None
        return data


def is_artifact(name: str) -> bool:
    """Tell whether what stands beside an execution's artifacts is one of them."""
    return name not in (RECORD, PROGRESS) and name.partition("/")[0] not in (LOG, POD)


def artifact_path(execution_uid: str, name: str) -> str:
    """Return where an execution's artifact stands in the store."""
    return f"{EXECUTIONS}/{execution_uid}/{name}"


def _stored(meta: Any) -> Stored:
    return Stored(meta["path"], meta["size"], meta["last_modified"])


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Let no error of the client out, save those that say what is there and what is not."""
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except (BaseError, OSError) as error:
        # What comes after the first line is Rust's, and of no use to a caller.
        said = str(error).partition("\n")[0]
        kind = StoreFull if any(number in str(error) for number in _FULL) else StoreUnavailable
        raise kind(f"artifact store, {doing}: {said}") from error


@contextmanager
def _looked_up(doing: str) -> Iterator[None]:
    """Translate as above; below a file there is nothing, which only a folder calls a failure."""
    try:
        with _translated(doing):
            yield
    except StoreUnavailable as error:
        if _BELOW_A_FILE in str(error):
            raise FileNotFoundError(str(error)) from error
        raise
