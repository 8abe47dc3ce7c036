"""One running Podbook for the whole of these tests, as one person would have it."""

from collections.abc import Iterator

import pytest

from tests.support.meeting import AnyPodbook
from tests.support.targets import podbook_under_test


@pytest.fixture(scope="session")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyPodbook]:
    """A Podbook with an empty catalog; tests put their notebooks into it."""
    with podbook_under_test(tmp_path_factory, "--slots", "4") as podbook:
        yield podbook
