"""Answers `pods/NAME/log` from the files that the kubelet writes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aiohttp import web

from podbook_local.apiserver.errors import ApiError, bad_request
from podbook_local.apiserver.pods import FINISHED
from podbook_local.apiserver.records import Object, Record
from podbook_local.apiserver.requests import Request
from podbook_local.apiserver.resources import PODS
from podbook_local.apiserver.store import Store

_CHUNK_BYTES: Final = 64 * 1024
_POLL_SECONDS: Final = 0.1


class Logs:
    """The log files below a kubelet's folder, and the pods that they belong to."""

    def __init__(self, store: Store, pods_folder: Path) -> None:
        self._store = store
        self._folder = pods_folder

    async def answer(self, request: Request, record: Record) -> web.StreamResponse:
        """Return a container's log, and what follows where the client wants to follow."""
        pod = record.decode()
        container = _container(request, pod)
        path = self._folder / record.uid / "logs" / f"{container}.log"
        if not path.exists() and not request.flag("follow"):
            raise bad_request(f'container "{container}" in pod "{record.name}" is waiting to start')
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        await response.prepare(request.http)
        try:
            position = await self._send_present(request, path, response)
            if request.flag("follow"):
                await self._send_following(record, path, response, position)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # nobody reads any more
        return response

    async def _send_present(
        self, request: Request, path: Path, response: web.StreamResponse
    ) -> int:
        data = b"".join(_read(path))
        position = path.stat().st_size if path.exists() else 0
        if "tailLines" in request.query:
            count = request.integer("tailLines")
            data = b"".join(data.splitlines(keepends=True)[-count:] if count else ())
        if "limitBytes" in request.query:
            data = data[: request.integer("limitBytes")]
        await response.write(data)
        return position

    async def _send_following(
        self, record: Record, path: Path, response: web.StreamResponse, position: int
    ) -> None:
        while True:
            ended = self._has_ended(record)
            if path.exists():
                if path.stat().st_size < position:
                    position = 0  # rotated
                with path.open("rb") as file:
                    file.seek(position)
                    while chunk := file.read(_CHUNK_BYTES):
                        position += len(chunk)
                        await response.write(chunk)
            if ended:
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _has_ended(self, record: Record) -> bool:
        current = self._store.get(PODS, record.key)
        if current is None or current.uid != record.uid:
            return True
        return current.fields["status.phase"] in FINISHED


def _container(request: Request, pod: Object) -> str:
    names = [item["name"] for item in pod["spec"].get("containers") or ()]
    names += [item["name"] for item in pod["spec"].get("initContainers") or ()]
    asked = request.query.get("container", "")
    if asked and asked not in names:
        raise bad_request(f"container {asked} is not valid for pod {pod['metadata']['name']}")
    if not asked and len(names) > 1:
        raise ApiError(
            400,
            "BadRequest",
            f"a container name must be specified for pod {pod['metadata']['name']}, choose one of:"
            f" [{' '.join(names)}]",
        )
    return asked or names[0]


def _read(path: Path) -> Iterator[bytes]:
    for part in (path.with_name(path.name + ".1"), path):
        if part.exists():
            yield part.read_bytes()
