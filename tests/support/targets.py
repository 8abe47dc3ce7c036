"""Chooses the Podbook that the suites meet: on the real cluster where there is one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rig.meeting import AnyPodbook
from rig.running import running
from rig.until import ON_A_NODE
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
        _keep_pods_for_moments(data / "operator.json")
        yield started


def _keep_pods_for_moments(config: Path) -> None:
    """Let pods that ended go soon, as the charts of the tests do: `podbook up` has no option."""
    told = json.loads(config.read_text()) | {"podRetentionSeconds": 5}
    config.with_suffix(".new").write_text(json.dumps(told))
    config.with_suffix(".new").replace(config)
