"""Which tests begin first where several workers share them, and which stay together."""

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

TESTS = Path(__file__).parent
# Each of these files takes a worker a minute or more: begun last, they would leave the others idle.
LONG = [
    "installed/test_without_a_clone.py",
    "docs/test_documents.py",
    "real/test_real_notebooks.py",
    "ends/test_1_every_end.py",
    "local/up/test_up.py",
    "api/protocol/test_any_request.py",
    "api/openapi/test_generated_clients.py",
    "operator/reconcile/test_poison.py",
    "faults/test_side_effects.py",
    "local/up/test_models_that_take_long.py",
    "sdk",
]
# All tests of such a folder meet one server, which each worker that has one of them would start.
TOGETHER = ["catalog", "ends", "local/kubelet", "mcp", "path", "rpc", "sdk", "seeds", "semantics"]


class ByServer(LoadFileScheduling):  # type: ignore[misc]
    """Gives each worker whole files, and whole folders where one server is for all of them."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of_work(super()._split_scope(nodeid))


def piece_of_work(file: str) -> str:
    """Return what a worker takes whole that takes the file."""
    return next((name for name in TOGETHER if _is_in(name, file)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Take it where files are dealt out; another way to do it that was asked for stays."""
    return ByServer(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    file = item.path.relative_to(TESTS.parent).as_posix()
    return next((n for n, name in enumerate(LONG) if _is_in(name, file)), len(LONG))


def _is_in(name: str, file: str) -> bool:
    return f"{file}/".startswith(f"{TESTS.name}/{name}/")
