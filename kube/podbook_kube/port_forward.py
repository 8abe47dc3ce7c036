"""Carries TCP connections into a pod, over the WebSocket that the Kubernetes API has for that.

One WebSocket for each connection: it has no streams within it. Which pod it is, is asked anew for
each, so that a pod that was replaced costs no more than the connections that it had.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.connection import Connection

_PROTOCOL: Final = "v4.channel.k8s.io"
_DATA: Final = 0
_ERROR: Final = 1
# The first message on each channel repeats the port, in two bytes.
_GREETING: Final = 2
_CHUNK: Final = 64 * 1024
# A pod that is replaced is back by then.
_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.5
_CONNECT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Destination:
    """A port of whichever pod a selector finds, and that is ready."""

    namespace: str
    selector: str
    port: int

    @property
    def words(self) -> str:
        """What it is called in messages."""
        return f"a ready pod {self.selector} in namespace {self.namespace}"


class PortForward:
    """Listens on this machine, and carries what comes there to the destination."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        destination: Destination,
        *,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._connect = connect
        self._destination = destination
        self._patience = patience
        self._carrying: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Give the port on 127.0.0.1; raises ClusterUnavailable where there is no pod now."""
        async with aiohttp.ClientSession() as session:
            await self._pod(session)
            server = await asyncio.start_server(
                lambda reader, writer: self._carry(session, reader, writer), "127.0.0.1", 0
            )
            async with server:
                port: int = server.sockets[0].getsockname()[1]
                yield port
                for task in self._carrying:
                    task.cancel()

    async def _carry(
        self, session: aiohttp.ClientSession, reader: asyncio.StreamReader, writer: Any
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        try:
            # What cannot be carried is closed: the client's own error says the rest.
            with contextlib.suppress(ClusterUnavailable, aiohttp.ClientError, OSError):
                async with await self._opened(session) as socket:
                    await _both_ways(socket, reader, writer)
        finally:
            self._carrying.discard(task)
            writer.close()

    async def _opened(self, session: aiohttp.ClientSession) -> Any:
        """Return a WebSocket to a pod that is ready; one that is being replaced is waited for."""
        give_up = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                pod = await self._pod(session)
                return await self._socket(session, pod)
            except (ClusterUnavailable, aiohttp.ClientError, OSError, TimeoutError) as error:
                if asyncio.get_running_loop().time() > give_up:
                    raise ClusterUnavailable(f"no way to {self._destination.words}") from error
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _pod(self, session: aiohttp.ClientSession) -> str:
        way = await self._connect()
        selector = urlencode({"labelSelector": self._destination.selector})
        url = f"{way.url}/api/v1/namespaces/{self._destination.namespace}/pods?{selector}"
        try:
            async with session.get(url, ssl=way.tls, headers=await _headers(way)) as answer:
                listed = await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ClusterUnavailable(f"the Kubernetes API does not answer: {error}") from error
        if answer.status != 200:  # noqa: PLR2004
            said = listed.get("message") if isinstance(listed, dict) else answer.status
            raise ClusterUnavailable(f"the Kubernetes API refused to list pods: {said}")
        ready = [pod["metadata"]["name"] for pod in listed["items"] if _is_ready(pod)]
        if not ready:
            raise ClusterUnavailable(f"there is no {self._destination.words.removeprefix('a ')}")
        return str(ready[0])

    async def _socket(self, session: aiohttp.ClientSession, pod: str) -> Any:
        way = await self._connect()
        place = f"/api/v1/namespaces/{self._destination.namespace}/pods/{pod}/portforward"
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await session.ws_connect(
                f"{way.url}{place}?ports={self._destination.port}",
                protocols=(_PROTOCOL,),
                ssl=way.tls,
                headers=await _headers(way),
                max_msg_size=0,
            )


async def _headers(way: Connection) -> dict[str, str]:
    authorization = await way.authorization()
    return {} if authorization is None else {"Authorization": authorization}


def _is_ready(pod: dict[str, Any]) -> bool:
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


async def _both_ways(socket: Any, reader: asyncio.StreamReader, writer: Any) -> None:
    """Carry until either side has ended."""
    ways = [asyncio.create_task(_out(socket, reader)), asyncio.create_task(_back(socket, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _out(socket: Any, reader: asyncio.StreamReader) -> None:
    while data := await reader.read(_CHUNK):
        await socket.send_bytes(bytes([_DATA]) + data)


async def _back(socket: Any, writer: Any) -> None:
    greeted: set[int] = set()
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
            return
        channel, data = message.data[0], message.data[1:]
        if channel not in greeted:
            greeted.add(channel)
            data = data[_GREETING:]
        if channel == _ERROR and data:
            return  # Nothing listens there, or it has gone.
        if channel == _DATA and data:
            writer.write(data)
            await writer.drain()
