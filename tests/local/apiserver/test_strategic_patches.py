"""Strategic merge patches: lists by key, and kubectl's directives."""

from typing import Any

import pytest

from podbook_cluster.apiserver.write.patches import strategic_merge

_TARGET: dict[str, Any] = {
    "metadata": {"finalizers": ["a", "b"], "labels": {"x": "1"}},
    "spec": {
        "containers": [{"name": "one", "image": "a", "args": ["x"]}, {"name": "two", "image": "b"}],
        "strategy": {"type": "Rolling", "rolling": {"n": 1}},
        "nodeSelector": {"a": "b"},
    },
}


@pytest.mark.parametrize(
    ("patch", "path", "expected"),
    [
        pytest.param(
            {"spec": {"containers": [{"name": "two", "image": "c"}]}},
            "spec.containers",
            [{"name": "one", "image": "a", "args": ["x"]}, {"name": "two", "image": "c"}],
            id="a named element is merged",
        ),
        pytest.param(
            {"spec": {"containers": [{"name": "three", "image": "d"}]}},
            "spec.containers",
            [*_TARGET["spec"]["containers"], {"name": "three", "image": "d"}],
            id="a new name is added",
        ),
        pytest.param(
            {"spec": {"containers": [{"name": "one", "$patch": "delete"}]}},
            "spec.containers",
            [{"name": "two", "image": "b"}],
            id="an element is deleted",
        ),
        pytest.param(
            {"spec": {"containers": [{"$patch": "replace"}, {"name": "new"}]}},
            "spec.containers",
            [{"name": "new"}],
            id="a list is replaced",
        ),
        pytest.param(
            {"spec": {"containers": [{"name": "one", "args": ["y"]}]}},
            "spec.containers",
            [{"name": "one", "image": "a", "args": ["y"]}, {"name": "two", "image": "b"}],
            id="a list without keys is replaced",
        ),
        pytest.param(
            {"spec": {"nodeSelector": {"$patch": "replace", "c": "d"}}},
            "spec.nodeSelector",
            {"c": "d"},
            id="an object is replaced",
        ),
        pytest.param(
            {"spec": {"nodeSelector": {"$patch": "delete"}}},
            "spec.nodeSelector",
            None,
            id="an object is deleted",
        ),
        pytest.param(
            {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
            "spec.strategy",
            {"type": "Recreate"},
            id="only named keys are retained",
        ),
        pytest.param(
            {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
            "metadata.finalizers",
            ["b"],
            id="a value is taken out of a list",
        ),
        pytest.param(
            {"metadata": {"finalizers": ["b", "c"]}},
            "metadata.finalizers",
            ["a", "b", "c"],
            id="values are joined",
        ),
        pytest.param(
            {"spec": {"$setElementOrder/containers": [{"name": "two"}, {"name": "one"}]}},
            "spec.containers",
            _TARGET["spec"]["containers"],
            id="an order is no change",
        ),
        pytest.param({"metadata": {"labels": None}}, "metadata.labels", None, id="null deletes"),
    ],
)
def test_strategic_merge(patch: dict[str, Any], path: str, expected: Any) -> None:
    found: Any = strategic_merge(_TARGET, patch)
    for part in path.split("."):
        found = found.get(part)

    assert found == expected
