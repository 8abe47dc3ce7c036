"""A pod learns about itself what a real kubelet would tell it."""

from typing import Any

import pytest

from podbook_cluster.kubelet.environment import downward

POD: dict[str, Any] = {
    "metadata": {
        "name": "p",
        "namespace": "ns",
        "uid": "u",
        "labels": {"b": "2", "a": 'say "hi"'},
        "annotations": {"podbook.dev/connection": "{}"},
    },
    "spec": {"containers": []},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "p"),
        ("metadata.namespace", "ns"),
        ("metadata.uid", "u"),
        ("metadata.labels['b']", "2"),
        ("metadata.labels['none']", ""),
        ("metadata.annotations['podbook.dev/connection']", "{}"),
        ("metadata.labels", 'a="say \\"hi\\""\nb="2"'),
        ("spec.nodeName", "laptop"),
        ("spec.serviceAccountName", "default"),
        ("status.podIP", "127.0.0.1"),
        ("status.hostIP", "127.0.0.1"),
    ],
)
def test_field(path: str, value: str) -> None:
    assert downward.field(POD, path, node_name="laptop") == value


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(downward.UnknownField, match=r"spec\.secrets"):
        downward.field(POD, "spec.secrets", node_name="laptop")


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param({"resource": "limits.cpu"}, "2", id="cores round up"),
        pytest.param({"resource": "limits.cpu", "divisor": "1m"}, "1500", id="in thousandths"),
        pytest.param({"resource": "limits.memory", "divisor": "1Mi"}, "256", id="in mebibytes"),
        pytest.param({"resource": "requests.cpu"}, "2", id="a request defaults to the limit"),
        pytest.param({"resource": "requests.memory"}, "1024", id="a request of its own"),
    ],
)
def test_resource(reference: dict[str, str], value: str) -> None:
    resources = {"limits": {"cpu": "1500m", "memory": "256Mi"}, "requests": {"memory": "1Ki"}}

    assert downward.resource({"resources": resources}, reference) == value


def test_without_a_limit_the_machine_is_the_limit() -> None:
    assert int(downward.resource({}, {"resource": "limits.cpu"})) >= 1
    assert int(downward.resource({}, {"resource": "limits.memory"})) > 2**26
    assert downward.resource({}, {"resource": "requests.cpu"}) == "0"


def test_an_unknown_resource_is_named() -> None:
    with pytest.raises(downward.UnknownField, match=r"limits\.luck"):
        downward.resource({}, {"resource": "limits.luck"})
