"""kubectl, as people look with it, against the embedded cluster."""

import json
import select
from typing import IO

import pytest

from rig.embedded import EmbeddedCluster
from rig.kube_client import Kube, unique, until
from tests.local.apiserver.conftest import A_POD
from tests.support.kubectl import Kubectl


def test_get_prints_the_columns_of_the_definition(kubectl: Kubectl, widget: str) -> None:
    lines = kubectl("get", "widgets", widget).splitlines()

    assert lines[0].split() == ["NAME", "PHASE", "AGE"]
    assert lines[1].split()[:2] == [widget, "Queued"]


def test_kubectl_finds_its_way_around(kubectl: Kubectl, kube: Kube) -> None:
    paths = json.loads(kubectl("get", "--raw", "/"))["paths"]

    assert {"/api/v1", "/apis/apps/v1", "/readyz", "/version"} <= set(paths)
    for path in paths:
        assert kubectl("get", "--raw", path), path
    listed = json.loads(kubectl("get", "--raw", "/api/v1/namespaces/default/pods?limit=1"))
    assert listed["kind"] == "PodList"
    assert "is running at" in kubectl("cluster-info")
    shown = [line.split()[0] for line in kubectl("api-resources").splitlines()]
    assert {"pods", "services", "namespaces"} <= set(shown)
    refused = kubectl.run("create", "service", "clusterip", "none", "--tcp=80")
    assert "does not allow this method" in refused.stderr
    assert kube.get("/api/v1/services").body["items"] == []


def test_get_wide_shows_more_columns(kubectl: Kubectl, widget: str) -> None:
    assert "SIZE" in kubectl("get", "wd", widget, "-o", "wide").splitlines()[0]


def test_get_in_other_forms(kubectl: Kubectl, widget: str) -> None:
    whole = json.loads(kubectl("get", "widget", widget, "-o", "json"))

    assert whole["spec"]["size"] == 2
    assert kubectl("get", "widget", widget, "-o", "jsonpath={.spec.colour}") == "red"
    assert kubectl("get", "widget", widget, "-o", "name").strip() == (
        f"widget.test.podbook.dev/{widget}"
    )
    columns = kubectl("get", "widget", widget, "-o", "custom-columns=SIZE:.spec.size")
    assert columns.split() == ["SIZE", "2"]
    assert "size: 2" in kubectl("get", "widget", widget, "-o", "yaml")


def test_get_by_label_and_field(kubectl: Kubectl, widget: str) -> None:
    kubectl("label", "widget", widget, f"of={widget}")

    assert widget in kubectl("get", "widgets", "-l", f"of={widget}")
    assert widget in kubectl(
        "get", "widgets", "-l", f"of={widget}", "--field-selector", "status.phase=Queued"
    )
    assert widget not in kubectl("get", "widgets", "--field-selector", "status.phase=Done")


def test_get_sorted_and_everywhere(kubectl: Kubectl, widget: str) -> None:
    assert widget in kubectl("get", "widgets", "--sort-by", ".metadata.name", "--all-namespaces")
    assert widget in kubectl("get", "all")


def test_get_watches(kubectl: Kubectl, widget: str, kube: Kube) -> None:
    process = kubectl.start("get", "widget", widget, "--watch-only", "-o", "json")
    assert process.stdout is not None
    output = process.stdout

    def change() -> bool:
        # kubectl does not say when its watch stands: each change is one more chance to be seen.
        path = f"/apis/test.podbook.dev/v1/namespaces/default/widgets/{widget}"
        current = kube.get(path).body["spec"]["size"]
        kube.patch(path, {"spec": {"size": current % 50 + 2}})
        return _readable(output)

    until(change, what="an event")
    process.terminate()
    process.wait(120)
    output.close()


def _readable(stream: IO[str]) -> bool:
    return bool(select.select([stream], [], [], 0.05)[0])


def test_describe(kubectl: Kubectl, widget: str) -> None:
    pod = {**A_POD, "metadata": {"name": "described"}}
    kubectl("create", "-f", "-", stdin=json.dumps(pod))
    described = kubectl("describe", "pod", "described")

    assert "Image:      nothing:1" in described
    assert "Size:" in kubectl("describe", "widget", widget)
    assert "Status:       Active" in kubectl("describe", "namespace", "default")
    kubectl("delete", "pod", "described")


def test_explain(kubectl: Kubectl) -> None:
    assert "size\t<integer> -required-" in kubectl("explain", "widget.spec")
    assert "containers\t<[]Object>" in kubectl("explain", "pod.spec")
    assert "A widget." in kubectl("explain", "wd")


def test_events_are_listed_and_described(kubectl: Kubectl, kube: Kube, widget: str) -> None:
    event = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"generateName": "e-"},
        "eventTime": "2026-01-02T03:04:05.000000Z",
        "regarding": {
            "apiVersion": "test.podbook.dev/v1",
            "kind": "Widget",
            "name": widget,
            "namespace": "default",
            "uid": kubectl("get", "widget", widget, "-o", "jsonpath={.metadata.uid}"),
        },
        "reason": "Happened",
        "note": f"to {widget}",
        "type": "Warning",
        "action": "Happen",
        "reportingController": "podbook.dev/test",
        "reportingInstance": "test",
    }
    kube.create(kube.path("events", group="events.k8s.io"), event)

    assert f"to {widget}" in kubectl("get", "events")
    assert f"to {widget}" in kubectl("events", "--for", f"widget/{widget}")
    assert f"to {widget}" in kubectl("describe", "widget", widget)


def test_what_there_is(kubectl: Kubectl) -> None:
    resources = kubectl("api-resources")

    assert "widgets" in resources
    assert "wd" in resources
    assert "test.podbook.dev/v1" in kubectl("api-versions")
    assert "Server Version: v1." in kubectl("version")


def test_auth(kubectl: Kubectl) -> None:
    kubectl("create", "serviceaccount", "asker")
    user = "--as=system:serviceaccount:default:asker"

    assert kubectl("auth", "can-i", "create", "pods").strip() == "yes"
    assert kubectl("auth", "can-i", "get", "/version").strip() == "yes"
    assert "admin" in kubectl("auth", "whoami")
    assert "[*]" in kubectl("auth", "can-i", "--list")
    assert kubectl.run("auth", "can-i", "get", "pods", user).stdout.strip() == "no"
    assert 'cannot list resource "pods"' in kubectl.run("get", "pods", user).stderr


def test_create_token(kubectl: Kubectl, kube: Kube) -> None:
    kubectl("create", "serviceaccount", "tokens")
    token = kubectl("create", "token", "tokens", "--audience=podbook", "--duration=10m").strip()

    review = kube.create(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        {"spec": {"token": token, "audiences": ["podbook"]}},
    ).body["status"]
    assert review["user"]["username"] == "system:serviceaccount:default:tokens"


def test_raw(kubectl: Kubectl, widget: str) -> None:
    path = f"/apis/test.podbook.dev/v1/namespaces/default/widgets/{widget}"

    assert json.loads(kubectl("get", "--raw", path))["metadata"]["name"] == widget
    assert kubectl("get", "--raw", "/readyz") == "ok"


def test_what_is_not_served_is_said(kubectl: Kubectl) -> None:
    deployments = kubectl.run("get", "deployments")
    raw = kubectl.run("get", "--raw", "/apis/apps/v1/deployments")

    assert "doesn't have a resource type" in deployments.stderr
    assert raw.returncode != 0
    assert "Podbook's embedded cluster does not serve /apis/apps/v1/deployments" in raw.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("debug", "{pod}", "--image=x"), "ephemeral containers are disabled for this cluster"),
        (("exec", "{pod}", "--", "ls"), "does not serve"),
        (("attach", "{pod}"), "does not serve"),
        (("cp", "{pod}:/x", "x"), "does not serve"),
        (("scale", "--replicas=2", "pod/{pod}"), "does not serve"),
        (("top", "pod", "{pod}"), "Metrics API not available"),
        (("create", "role", "r", "--verb=get", "--resource=pods"), "--dry-run=client -o yaml"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_kubectl_can_not_do_here_is_said(
    kubectl: Kubectl, arguments: tuple[str, ...], said: str
) -> None:
    name = unique("pod")
    kubectl("create", "-f", "-", stdin=json.dumps({**A_POD, "metadata": {"name": name}}))

    asked = kubectl.run(*(argument.format(pod=name) for argument in arguments))

    assert asked.returncode != 0
    assert said in asked.stderr
    assert "panic" not in asked.stderr


def test_what_governs_the_cluster_has_its_columns(kubectl: Kubectl, kube: Kube) -> None:
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    binding = {
        "metadata": {"name": unique("b")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "see"},
        "subjects": [
            {"kind": "ServiceAccount", "name": "default", "namespace": "default"},
            {"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"},
        ],
    }
    name = kube.create(f"{rbac}/clusterrolebindings", binding).name

    lines = kubectl("get", "clusterrolebinding", name, "-o", "wide").splitlines()

    assert lines[0].split() == ["NAME", "ROLE", "AGE", "USERS", "GROUPS", "SERVICEACCOUNTS"]
    assert lines[1].split()[:2] == [name, "ClusterRole/see"]
    assert lines[1].split()[-2:] == ["bob", "default/default"]


def test_the_kubeconfig_names_no_other_server(cluster: EmbeddedCluster) -> None:
    config = json.loads(cluster.kubeconfig.read_text())

    assert [item["cluster"]["server"].partition("/key/")[0] for item in config["clusters"]] == [
        cluster.url
    ]
