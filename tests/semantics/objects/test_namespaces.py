"""Namespaces: made with an account, emptied when deleted."""

import time

from rig.kube_client import Kube, unique, until
from rig.widgets import GROUP, PLURAL, a_widget

_NAMESPACES = "/api/v1/namespaces"
# A real controller takes up to ten seconds.
_PATIENCE_SECONDS = 40


def _gone(kube: Kube, name: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while kube.get(f"{_NAMESPACES}/{name}").status != 404:
        assert time.monotonic() < end, f"namespace {name} is still there"
        time.sleep(0.05)


def test_a_namespace_is_active_and_named_by_a_label(kube: Kube) -> None:
    name = unique("n")

    created = kube.create(_NAMESPACES, {"metadata": {"name": name}}).body

    assert created["status"] == {"phase": "Active"}
    assert created["metadata"]["labels"]["kubernetes.io/metadata.name"] == name
    kube.delete(f"{_NAMESPACES}/{name}")
    _gone(kube, name)


def test_a_namespace_gets_its_default_account(kube: Kube) -> None:
    name = unique("n")
    kube.create(_NAMESPACES, {"metadata": {"name": name}})

    path = f"{_NAMESPACES}/{name}/serviceaccounts/default"
    until(lambda: kube.get(path).status == 200, what="the account")
    kube.delete(f"{_NAMESPACES}/{name}")
    _gone(kube, name)


def test_a_name_of_a_namespace_has_no_dots(kube: Kube) -> None:
    assert kube.request("POST", _NAMESPACES, {"metadata": {"name": "a.b"}}).status == 422


def test_what_is_in_a_namespace_goes_with_it(kube: Kube, widgets: str) -> None:
    name = unique("n")
    kube.create(_NAMESPACES, {"metadata": {"name": name}})
    inside = f"/apis/{GROUP}/v1/namespaces/{name}/{PLURAL}"
    held = kube.create(inside, a_widget("held", metadata_finalizers=["test.podbook.dev/hold"]))
    kube.create(inside, a_widget("free"))

    answer = kube.delete(f"{_NAMESPACES}/{name}")
    until(lambda: kube.get(f"{inside}/free").status == 404, what="the end of what is inside")
    late = kube.request("POST", inside, a_widget("late"))

    assert answer.body["status"]["phase"] == "Terminating"
    assert (late.status, late.body["reason"]) == (403, "Forbidden")
    assert late.body["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    assert kube.get(f"{_NAMESPACES}/{name}").status == 200
    kube.patch(f"{inside}/{held.name}", {"metadata": {"finalizers": None}})
    _gone(kube, name)
    assert widgets
