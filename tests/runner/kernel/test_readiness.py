"""A kernel that ended before anything was heard of it is not waited for."""

import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podbook_runner.kernel import readiness
from podbook_runner.kernel.client import Kernel, KernelDied
from podbook_runner.kernel.readiness import NotReady, wait_until_ready
from podbook_runner.stops import Stops
from rig.runner_pod import CONNECTION


@pytest.fixture
def connection_file() -> Iterator[Path]:
    # A short path: a socket's may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="boot-", dir="/tmp") as folder:
        file = Path(folder) / "connection.json"
        file.write_text(json.dumps({**CONNECTION, "ip": f"{folder}/k"}))
        yield file


@pytest.fixture
def listening(connection_file: Path) -> Iterator[socket.socket]:
    """The shell socket of a kernel that says nothing; closed, it stays behind as a file."""
    path = connection_file.with_name(f"k-{CONNECTION['shell_port']}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(str(path))
        bound.listen(100)
        yield bound


def _wait(connection_file: Path, *, within_seconds: float) -> None:
    stops = Stops()
    kernel = Kernel(connection_file, wakeup=stops.descriptor)
    try:
        wait_until_ready(
            kernel, "1", stops, connection_file=connection_file, within_seconds=within_seconds
        )
    finally:
        kernel.close()
        stops.close()


def test_a_kernel_that_ended_before_the_first_connection_has_died(
    connection_file: Path, listening: socket.socket
) -> None:
    listening.close()

    with pytest.raises(KernelDied):
        _wait(connection_file, within_seconds=300)


def test_a_kernel_that_took_its_socket_with_it_has_died(
    connection_file: Path, listening: socket.socket
) -> None:
    listening.close()
    connection_file.with_name(f"k-{CONNECTION['shell_port']}").unlink()

    with pytest.raises(KernelDied):
        _wait(connection_file, within_seconds=300)


def test_a_kernel_that_listens_and_says_nothing_is_waited_for(
    connection_file: Path, listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "LOOK_SECONDS", 0.01)

    with pytest.raises(NotReady):
        _wait(connection_file, within_seconds=1)
    assert listening.fileno() >= 0
