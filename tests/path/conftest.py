"""One running Podbook for the whole of these tests, as one person would have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import RunningPodbook, running


@pytest.fixture(scope="session")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    """A `podbook up` on a folder of its own; tests put their notebooks there."""
    folder = tmp_path_factory.mktemp("notebooks")
    with running(folder, tmp_path_factory.mktemp("data"), "--slots", "4") as started:
        yield started


@pytest.fixture
def examples() -> Path:
    """The notebooks that come with Podbook."""
    return Path(__file__).parents[2] / "notebooks"
