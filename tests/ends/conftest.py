"""One running Podbook for all the ends, and every row of the table started in it at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rig.meeting import AnyPodbook
from tests.ends.table import ENDS
from tests.support.ends import Came, stage
from tests.support.targets import podbook_under_test


@pytest.fixture(scope="session")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyPodbook]:
    """A Podbook that keeps memory limits, with room for many runs that only wait."""
    limits = {"PODBOOK_KUBELET_MEMORY_LIMITS": "true"}
    with podbook_under_test(tmp_path_factory, "--slots", "6", **limits) as podbook:
        yield podbook


@pytest.fixture(scope="session")
def effects(podbook: AnyPodbook) -> Path:
    """Where notebooks write down that they began: outside of every pod."""
    return podbook.shared_folder("effects")


@pytest.fixture(scope="session")
def all_came(podbook: AnyPodbook, effects: Path) -> dict[str, Came]:
    # What ends by the time in which it should have started comes first: it needs a slot meanwhile.
    first = sorted(ENDS, key=lambda end: end.reason != "QueueTimeout")
    return stage(podbook, effects, first)


@pytest.fixture(params=[pytest.param(end.sentence, id=end.sentence) for end in ENDS])
def came(request: pytest.FixtureRequest, all_came: dict[str, Came]) -> Came:
    """One row of the table."""
    return all_came[request.param]


@pytest.fixture(scope="session")
def all_shown(podbook: AnyPodbook, all_came: dict[str, Came]) -> dict[str, tuple[Any, str]]:
    """What kubectl shows of each when all are final: the resource, and its line in the table."""
    assert all(came.view for came in all_came.values())
    items = json.loads(podbook.kubectl("get", "nbx", "-o", "json"))["items"]
    lines = podbook.kubectl("get", "nbx", "--no-headers").splitlines()
    by_name = {line.split()[0]: line for line in lines}
    return {(name := item["metadata"]["name"]): (item, by_name[name]) for item in items}


@pytest.fixture
def shown(came: Came, all_shown: dict[str, tuple[Any, str]]) -> tuple[Any, str]:
    """What kubectl shows of the row."""
    return all_shown[came.name]
