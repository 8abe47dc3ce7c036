"""Chooses the Podbook that the suites meet: on the real cluster where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rig.meeting import ON_A_NODE, AnyPodbook
from rig.running import running
from tests.cluster.on_node import on_node


@contextmanager
def podbook_under_test(
    folders: pytest.TempPathFactory, *arguments: str, **variables: str
) -> Iterator[AnyPodbook]:
    """Start or install one for the length of a `with` block.

    Args:
        folders: where a `podbook up` has its notebooks and its data.
        arguments: options of `podbook up`.
        variables: its environment.
    """
    if ON_A_NODE:
        with on_node() as installed:
            yield installed
        return
    folder, data = folders.mktemp("notebooks"), folders.mktemp("data")
    with running(folder, data, *arguments, **variables) as started:
        yield started
