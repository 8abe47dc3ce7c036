"""The running cluster of `make test-cluster`, with Podbook installed on it once for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.installation import installation
from tests.cluster.installed import Installed

# Without a cluster there is nothing to collect: `make test` needs neither root nor Go.
collect_ignore_glob = [] if os.environ.get("PODBOOK_TEST_KUBECONFIG") else ["test_*.py"]

# Seconds. Waits here have long limits, for machines that have other work as well.
LONGEST = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests more time than the others, which need no node."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.timeout(LONGEST))


@pytest.fixture(scope="session")
def podbook() -> Iterator[Installed]:
    """Podbook, installed by its chart."""
    with installation() as podbook:
        yield podbook
