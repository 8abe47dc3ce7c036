"""One running Podbook for the whole of these tests, as one person would have it."""

from collections.abc import Iterator

import pytest

from rig.meeting import AnyPodbook
from rig.until import ON_A_NODE
from tests.support.targets import podbook_under_test

# Frames need pandas in the kernel, which the default kernel image has not; and a parameters cell
# is read where a folder is, not where notebooks are applied.
collect_ignore = ["test_6_frames.py", "test_7_without_a_contract.py"] if ON_A_NODE else []


@pytest.fixture(scope="session")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyPodbook]:
    """A Podbook with an empty catalog; tests put their notebooks into it."""
    with podbook_under_test(tmp_path_factory, "--slots", "4") as podbook:
        yield podbook
