"""Nothing is taken into the cluster that nothing could be made of."""

from collections.abc import Iterator
from typing import Any

import pytest

from rig.kube_client import Kube, unique, until
from tests.support.podbook_kinds import GROUP, VERSION, an_execution, in_force


@pytest.fixture(scope="module")
def executions(kube: Kube) -> Iterator[str]:
    yield from in_force(kube)


@pytest.fixture
def notebooks(kube: Kube, executions: str) -> str:
    """The path of the notebooks, once the definitions are in force."""
    path = kube.path("notebooks", group=GROUP, version="v1alpha1")
    until(lambda: kube.get(path).status == 200, what="the definition")
    return path


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"source": {}}, id="no source"),
        pytest.param({"source": {"ipynb": "{}", "blob": f"sha256:{'0' * 64}"}}, id="both sources"),
        *(
            pytest.param({field: path}, id=f"{field} {path!r}")
            for field in ("id", "path")
            for path in ("", "../evil", "a/../b", "a/..", ".", "/a", "a/", "a//b", "a\0b", "a\n")
        ),
        *(
            pytest.param({"files": [{"path": path, "text": ""}]}, id=f"file {path!r}")
            for path in ("../evil", "a/./b", "\x1b[2J", "a\x85")
        ),
    ],
)
def test_no_notebook_is_taken_that_nothing_could_be_made_of(
    kube: Kube, notebooks: str, spec: dict[str, Any]
) -> None:
    body = {
        "apiVersion": VERSION,
        "kind": "Notebook",
        "metadata": {"name": unique("n")},
        "spec": {"source": {"ipynb": "{}"}, **spec},
    }

    assert kube.request("POST", notebooks, body, dryRun="All").status == 422


@pytest.mark.parametrize("path", ["a", "a/b.c", ".a", "..a", "...", "a/..b", "ä ö/ü", "a\\b"])
def test_a_path_that_a_file_may_have_is_an_id(kube: Kube, notebooks: str, path: str) -> None:
    body = {
        "apiVersion": VERSION,
        "kind": "Notebook",
        "metadata": {"name": unique("n")},
        "spec": {"source": {"ipynb": "{}"}, "id": path},
    }

    assert kube.request("POST", notebooks, body, dryRun="All").status == 201


def test_amounts_are_taken_as_people_write_them(kube: Kube, notebooks: str) -> None:
    limits = {"cpu": 1, "nvidia.com/gpu": 1, "memory": "1Gi"}
    body = {
        "apiVersion": VERSION,
        "kind": "Notebook",
        "metadata": {"name": unique("n")},
        "spec": {
            "source": {"ipynb": "{}"},
            "runtime": {"resources": {"limits": limits}, "shmSize": 1048576},
            "overrides": {"resources": limits},
        },
    }

    assert kube.request("POST", notebooks, body, dryRun="All").status == 201


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"notebook": {"name": ""}}, id="no name"),
        pytest.param({"notebook": {"name": "../evil"}}, id="a name that leads out"),
        pytest.param({"notebook": {"name": "a\0"}}, id="NUL"),
        pytest.param({"parameters": {"__debug__": 1}}, id="what Python does not assign to"),
        pytest.param({"parameters": {f"p{n}": 1 for n in range(257)}}, id="too many parameters"),
    ],
)
def test_no_execution_is_taken_that_could_never_run(
    kube: Kube, executions: str, spec: dict[str, Any]
) -> None:
    answer = kube.request("POST", executions, an_execution(**spec), dryRun="All")

    assert answer.status == 422
