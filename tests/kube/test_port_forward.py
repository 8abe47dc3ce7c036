"""A connection is carried into whichever pod is ready, over the Kubernetes API's WebSocket."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.connection import Connection, bearer
from podbook_kube.port_forward import Destination, PortForward

DESTINATION = Destination("podbook", "app=api", 5050)


class PlayedCluster:
    """The two routes that a forward needs, as kube-apiserver and kubelet answer them."""

    def __init__(self) -> None:
        self.pods: list[str] = ["api-1"]
        self.opened: list[str] = []
        self.refuses: set[str] = set()
        self.sockets: list[web.WebSocketResponse] = []

    async def list_pods(self, request: web.Request) -> web.Response:
        assert request.query["labelSelector"] == "app=api"
        assert request.headers["Authorization"] == "Bearer t"
        ready = {"conditions": [{"type": "Ready", "status": "True"}]}
        leaving = {"metadata": {"name": "old", "deletionTimestamp": "x"}, "status": ready}
        pods = [{"metadata": {"name": name}, "status": ready} for name in self.pods]
        starting = {"metadata": {"name": "new"}, "status": {}}
        return web.json_response({"items": [leaving, starting, *pods]})

    async def forward(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["pod"]
        self.opened.append(name)
        if name in self.refuses:
            return web.json_response({"message": "gone"}, status=404)
        socket = web.WebSocketResponse(protocols=("v4.channel.k8s.io",))
        await socket.prepare(request)
        self.sockets.append(socket)
        port = struct.pack("<H", int(request.query["ports"]))
        await socket.send_bytes(b"\0" + port)
        await socket.send_bytes(b"\1" + port)
        async for message in socket:
            assert message.data[0] == 0
            said = message.data[1:]
            if said == b"die":
                break
            await socket.send_bytes(b"\0" + name.encode() + b" heard " + said)
        await socket.close()
        return socket


@pytest.fixture
async def cluster() -> AsyncIterator[tuple[PlayedCluster, Connection]]:
    played = PlayedCluster()
    app = web.Application()
    app.router.add_get("/api/v1/namespaces/podbook/pods", played.list_pods)
    app.router.add_get("/api/v1/namespaces/podbook/pods/{pod}/portforward", played.forward)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield played, Connection(f"http://127.0.0.1:{port}", tls=False, authorization=bearer("t"))
    await runner.cleanup()


async def said(port: int, *words: bytes) -> list[bytes]:
    """Return what one connection hears; b"" where it was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = []
    for word in words:
        writer.write(word)
        heard.append(await asyncio.wait_for(reader.read(100), 20))
    writer.close()
    return heard


async def test_a_pod_that_is_replaced_costs_the_connections_it_had(
    cluster: tuple[PlayedCluster, Connection],
) -> None:
    played, way = cluster

    async def connect() -> Connection:
        return way

    async with PortForward(connect, DESTINATION).listening() as port:
        assert await said(port, b"one", b"two") == [b"api-1 heard one", b"api-1 heard two"]
        assert await said(port, b"die") == [b""]
        # It is in no list yet that it is gone; then another is there.
        played.refuses.add("api-1")
        hearing = asyncio.create_task(said(port, b"three"))
        while played.opened.count("api-1") < 3:
            await asyncio.sleep(0.01)
        played.pods = ["api-2"]
        assert await hearing == [b"api-2 heard three"]


async def test_where_no_pod_is_ready_nothing_listens(
    cluster: tuple[PlayedCluster, Connection],
) -> None:
    played, way = cluster
    played.pods = []

    async def connect() -> Connection:
        return way

    with pytest.raises(ClusterUnavailable, match="no ready pod app=api in namespace podbook"):
        async with PortForward(connect, DESTINATION).listening():
            pass


async def test_one_that_never_comes_back_is_given_up(
    cluster: tuple[PlayedCluster, Connection],
) -> None:
    played, way = cluster
    played.refuses.add("api-1")

    async def connect() -> Connection:
        return way

    async with PortForward(connect, DESTINATION, patience=0).listening() as port:
        assert await said(port, b"one") == [b""]
