"""A watcher that does not read is cut, so that its backlog is bounded; it holds up nobody."""

import os
import socket
import urllib.parse
from pathlib import Path

from rig.embedded import EmbeddedCluster
from rig.kube_client import Kube, unique, until
from rig.widgets import a_widget
from tests.local.apiserver.conftest import WIDGETS

_BIG = "x" * 900_000


def _watch_without_reading(cluster: EmbeddedCluster) -> socket.socket:
    address = urllib.parse.urlsplit(cluster.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((address.hostname, address.port))
    connection.sendall(
        f"GET {WIDGETS}?watch=true HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {cluster.token}\r\n\r\n".encode()
    )
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def test_a_reader_that_stops_is_cut_and_others_go_on(cluster: EmbeddedCluster, kube: Kube) -> None:
    name = kube.create(WIDGETS, a_widget(unique("w"))).name
    silent = _watch_without_reading(cluster)
    with kube.watch(WIDGETS, fieldSelector=f"metadata.name={name}") as events:
        events.next()
        for number in range(80):
            body = {"spec": {"parameters": {"x": f"{number}{_BIG}"}}}
            assert kube.patch(f"{WIDGETS}/{name}", body).status == 200
            events.next()

    until(lambda: _is_cut(silent), what="the end of the silent watch")
    silent.close()


def _is_cut(connection: socket.socket) -> bool:
    connection.settimeout(1)
    try:
        while connection.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_a_reader_that_goes_away_leaves_nothing_behind(
    cluster: EmbeddedCluster, kube: Kube
) -> None:
    descriptors = Path(f"/proc/{cluster.pid}/fd")
    kube.get(WIDGETS)
    before = len(os.listdir(descriptors))
    connections = [_watch_without_reading(cluster) for _ in range(20)]
    assert len(os.listdir(descriptors)) >= before + 20

    for connection in connections:
        connection.close()

    until(lambda: len(os.listdir(descriptors)) <= before + 2, what="the end of the connections")
