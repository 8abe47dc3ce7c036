"""Answers `pods/NAME/log` from the files that the kubelet writes."""

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from podbook_local.apiserver.errors import ApiError, bad_request
from podbook_local.apiserver.pods import FINISHED
from podbook_local.apiserver.records import Object, Record
from podbook_local.apiserver.requests import Request
from podbook_local.apiserver.resources import PODS
from podbook_local.apiserver.store import Store
from podbook_local.apiserver.tails import Tail

_POLL_SECONDS: Final = 0.1


class Logs:
    """The log files below a kubelet's folder, and the pods that they belong to."""

    def __init__(self, store: Store, pods_folder: Path) -> None:
        self._store = store
        self._folder = pods_folder

    async def answer(self, request: Request, record: Record) -> web.StreamResponse:
        """Return a container's log, and what follows where the client wants to follow."""
        container = _container(request, record.decode())
        tail = Tail(self._folder / record.uid / "logs" / f"{container}.log")
        present = tail.older() + tail.read()
        if not tail.has_begun and not request.flag("follow"):
            raise bad_request(f'container "{container}" in pod "{record.name}" is waiting to start')
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        try:
            await response.prepare(request.http)
            await response.write(_wanted(request, present))
            if request.flag("follow"):
                await self._follow(record, tail, response)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # nobody reads any more
        finally:
            tail.close()
        return response

    async def _follow(self, record: Record, tail: Tail, response: web.StreamResponse) -> None:
        while True:
            ended = self._has_ended(record)
            if data := tail.read():
                await response.write(data)
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


def _wanted(request: Request, data: bytes) -> bytes:
    if "tailLines" in request.query:
        count = request.integer("tailLines")
        data = b"".join(data.splitlines(keepends=True)[-count:] if count else ())
    return data[: request.integer("limitBytes")] if "limitBytes" in request.query else data
