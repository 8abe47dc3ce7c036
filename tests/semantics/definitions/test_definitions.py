"""CustomResourceDefinitions: served at once, changed, and taken away with their objects."""

from collections.abc import Iterator
from typing import Any

import pytest

from rig.kube_client import Kube, unique, until

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_GROUP = "more.podbook.dev"


def _definition(plural: str, **version: Any) -> dict[str, Any]:
    kind = plural.removesuffix("s").capitalize()
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{_GROUP}"},
        "spec": {
            "group": _GROUP,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    **version,
                }
            ],
        },
    }


@pytest.fixture
def plural(kube: Kube) -> Iterator[str]:
    """The plural of a definition that is served for one test."""
    plural = "x" + unique("gadget").replace("-", "") + "s"
    kube.create(_DEFINITIONS, _definition(plural))
    path = kube.path(plural, group=_GROUP)
    until(lambda: kube.get(path).status == 200, what="the resource")
    yield plural
    kube.delete(f"{_DEFINITIONS}/{plural}.{_GROUP}")


def _a_gadget(plural: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": plural.removesuffix("s").capitalize(),
        "metadata": {"name": unique("g")},
        "spec": spec,
    }


def test_a_definition_is_established(kube: Kube, plural: str) -> None:
    def conditions() -> dict[str, str]:
        return {item["type"]: item["status"] for item in _status(kube, plural)["conditions"]}

    expected = {"NamesAccepted": "True", "Established": "True"}
    # The resource is served a moment before its definition says so.
    until(lambda: conditions() == expected, what="an established definition")
    status = _status(kube, plural)
    assert status["acceptedNames"]["listKind"] == f"{plural.removesuffix('s').capitalize()}List"
    assert status["acceptedNames"]["singular"] == plural.removesuffix("s")
    assert status["storedVersions"] == ["v1"]


def _status(kube: Kube, plural: str) -> Any:
    return kube.get(f"{_DEFINITIONS}/{plural}.{_GROUP}").body["status"]


def test_without_a_status_subresource_the_status_is_part_of_the_object(
    kube: Kube, plural: str
) -> None:
    path = kube.path(plural, group=_GROUP)
    created = kube.create(path, _a_gadget(plural, a="b"))

    assert kube.patch(f"{path}/{created.name}/status", {"status": {}}).status == 404
    changed = kube.patch(f"{path}/{created.name}", {"spec": {"a": "c"}})
    assert changed.body["metadata"]["generation"] == 2


def test_a_new_field_selector_knows_the_old_objects(kube: Kube, plural: str) -> None:
    path = kube.path(plural, group=_GROUP)
    name = kube.create(path, _a_gadget(plural, a="b")).name
    fields = [
        {
            "op": "add",
            "path": "/spec/versions/0/selectableFields",
            "value": [{"jsonPath": ".spec.a"}],
        }
    ]
    kube.patch(f"{_DEFINITIONS}/{plural}.{_GROUP}", fields, "application/json-patch+json")

    found = until(lambda: _found(kube, path), what="the field selector")

    assert found == [name]


def _found(kube: Kube, path: str) -> list[str]:
    answer = kube.get(path, fieldSelector="spec.a=b")
    return [item["metadata"]["name"] for item in answer.body.get("items", ())]


def test_objects_go_with_their_definition(kube: Kube) -> None:
    plural = "x" + unique("gadget").replace("-", "") + "s"
    kube.create(_DEFINITIONS, _definition(plural))
    path = kube.path(plural, group=_GROUP)
    until(lambda: kube.get(path).status == 200, what="the resource")
    kube.create(path, _a_gadget(plural))

    kube.delete(f"{_DEFINITIONS}/{plural}.{_GROUP}")

    until(lambda: kube.get(f"{_DEFINITIONS}/{plural}.{_GROUP}").status == 404, what="the end of it")
    until(lambda: kube.get(path).status == 404, what="the end of the resource")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(
            {"metadata": {"name": "another.more.podbook.dev"}}, "metadata.name", id="name"
        ),
        pytest.param({"group": ""}, "spec.group", id="no group"),
        pytest.param({"versions": []}, "spec.versions", id="no version"),
    ],
)
def test_a_wrong_definition_is_refused(kube: Kube, change: dict[str, Any], field: str) -> None:
    definition = _definition("wrongs")
    if "metadata" in change:
        definition |= change
    else:
        definition["spec"] |= change

    answer = kube.request("POST", _DEFINITIONS, definition)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert field in [cause["field"] for cause in answer.body["details"]["causes"]]
