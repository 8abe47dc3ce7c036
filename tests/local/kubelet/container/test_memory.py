"""Where memory can be limited, and how much a container holds."""

import os
import signal
import sys
from pathlib import Path

import pytest

from podbook_cluster.kubelet.container import memory


@pytest.fixture
def hierarchy(tmp_path: Path) -> Path:
    """A cgroup tree as systemd lays it out, with memory handed to the user's slice."""
    user = tmp_path / "user.slice" / "app.slice"
    terminal = user / "terminal.scope"
    terminal.mkdir(parents=True)
    for folder, controllers in ((user, "memory pids"), (terminal, "")):
        folder.joinpath("cgroup.subtree_control").write_text(controllers)
        folder.joinpath("cgroup.procs").write_text("")
    return tmp_path


def test_the_nearest_cgroup_with_a_memory_controller_to_give_is_used(hierarchy: Path) -> None:
    found = memory.delegated(own="/user.slice/app.slice/terminal.scope", mount=hierarchy)

    assert found == hierarchy / "user.slice" / "app.slice"


def test_without_a_memory_controller_there_is_none(hierarchy: Path) -> None:
    slices = hierarchy / "user.slice" / "app.slice"
    slices.joinpath("cgroup.subtree_control").write_text("pids")

    assert memory.delegated(own="/user.slice/app.slice/terminal.scope", mount=hierarchy) is None


def test_a_cgroup_gets_its_limit_and_no_swap(tmp_path: Path) -> None:
    memory.Cgroup(tmp_path / "podbook-x", limit=1000)

    assert tmp_path.joinpath("podbook-x", "memory.max").read_text() == "1000"
    assert tmp_path.joinpath("podbook-x", "memory.swap.max").read_text() == "0"
    assert tmp_path.joinpath("podbook-x", "memory.oom.group").read_text() == "1"


@pytest.mark.parametrize(
    ("events", "exceeded"),
    [
        pytest.param("low 0\nmax 12\noom 1\noom_kill 1\n", True, id="something was killed"),
        pytest.param("low 0\nmax 12\noom 0\noom_kill 0\n", False, id="it only came close"),
    ],
)
def test_the_kernel_tells_whether_memory_was_the_end(
    tmp_path: Path, events: str, exceeded: bool
) -> None:
    cgroup = memory.Cgroup(tmp_path / "podbook-x", limit=1000)
    tmp_path.joinpath("podbook-x", "memory.events").write_text(events)

    assert cgroup.exceeded() is exceeded


@pytest.mark.skipif(sys.platform != "linux", reason="what is resident is read from /proc")
def test_memory_that_processes_share_counts_once() -> None:
    touched = bytearray(os.urandom(32 * 1024 * 1024))
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        together = memory.resident_bytes(os.getpid())
        assert together >= 2 * len(touched)
        assert not memory.exceeds(os.getpid(), together - len(touched) // 2)
        assert memory.exceeds(os.getpid(), len(touched))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="what is resident is read from /proc")
def test_resident_memory_is_at_least_what_was_touched() -> None:
    before = memory.resident_bytes(os.getpid())
    touched = bytearray(os.urandom(32 * 1024 * 1024))

    assert memory.resident_bytes(os.getpid()) >= before + len(touched) // 2
