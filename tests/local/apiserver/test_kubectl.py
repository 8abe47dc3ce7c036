"""kubectl, as people use it, against the embedded cluster."""

import json
import select
from pathlib import Path
from typing import IO

import pytest

from tests.support.embedded import EmbeddedCluster
from tests.support.kube_client import Kube, until
from tests.support.kubectl import Kubectl
from tests.support.widgets import a_widget

_POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a-pod", "labels": {"app": "x"}},
    "spec": {
        "restartPolicy": "Never",
        "containers": [{"name": "main", "image": "nothing:1", "command": ["sleep", "1"]}],
    },
}


def _widget(name: str, **fields: object) -> str:
    return json.dumps(a_widget(name, **fields))


@pytest.fixture
def widget(kubectl: Kubectl, request: pytest.FixtureRequest) -> str:
    """A widget of the test's own."""
    name = "w" + str(abs(hash(request.node.nodeid)) % 10**9)
    kubectl("create", "-f", "-", stdin=_widget(name))
    return name


def test_get_prints_the_columns_of_the_definition(kubectl: Kubectl, widget: str) -> None:
    lines = kubectl("get", "widgets", widget).splitlines()

    assert lines[0].split() == ["NAME", "PHASE", "AGE"]
    assert lines[1].split()[:2] == [widget, "Queued"]


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
    process.wait(10)
    output.close()


def _readable(stream: IO[str]) -> bool:
    return bool(select.select([stream], [], [], 0.05)[0])


def test_apply_creates_configures_and_leaves_alone(kubectl: Kubectl) -> None:
    first = kubectl("apply", "-f", "-", stdin=_widget("applied"))
    second = kubectl("apply", "-f", "-", stdin=_widget("applied", size=4))
    third = kubectl("apply", "-f", "-", stdin=_widget("applied", size=4))

    assert [text.split()[-1] for text in (first, second, third)] == [
        "created",
        "configured",
        "unchanged",
    ]
    assert kubectl("get", "widget", "applied", "-o", "jsonpath={.spec.size}") == "4"


def test_apply_of_a_pod_merges(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=json.dumps(_POD))
    labelled = {**_POD, "metadata": {"name": "a-pod", "labels": {"app": "y"}}}

    assert "configured" in kubectl("apply", "-f", "-", stdin=json.dumps(labelled))
    assert kubectl("get", "pod", "a-pod", "-o", "jsonpath={.metadata.labels.app}") == "y"
    kubectl("delete", "pod", "a-pod")


def test_apply_on_the_server(kubectl: Kubectl) -> None:
    first = kubectl("apply", "--server-side", "-f", "-", stdin=_widget("server-side"))
    second = kubectl("apply", "--server-side", "-f", "-", stdin=_widget("server-side", size=4))

    assert "serverside-applied" in first
    assert "serverside-applied" in second
    assert kubectl("get", "widget", "server-side", "-o", "jsonpath={.spec.size}") == "4"


def test_apply_names_the_field_that_is_wrong(kubectl: Kubectl) -> None:
    wrong = kubectl.run("apply", "-f", "-", stdin=_widget("wrong", size=1000))
    unknown = kubectl.run("apply", "-f", "-", stdin=_widget("wrong", nonsense=1))

    assert wrong.returncode != 0
    assert "spec.size in body should be less than or equal to 100" in wrong.stderr
    assert 'unknown field "spec.nonsense"' in unknown.stderr


def test_diff_shows_what_would_change(kubectl: Kubectl, widget: str) -> None:
    changed = kubectl.run("diff", "-f", "-", stdin=_widget(widget, size=8))
    same = kubectl.run("diff", "-f", "-", stdin=_widget(widget))

    assert (changed.returncode, same.returncode) == (1, 0), changed.stderr + same.stderr
    assert "+  size: 8" in changed.stdout


def test_dry_runs_leave_nothing(kubectl: Kubectl) -> None:
    for kind in ("client", "server"):
        kubectl("create", "-f", "-", f"--dry-run={kind}", stdin=_widget("dry"))

    assert kubectl.run("get", "widget", "dry").returncode != 0


@pytest.mark.parametrize(
    ("arguments", "path", "expected"),
    [
        (("--type=merge", "-p", '{"spec":{"size":4}}'), "{.spec.size}", "4"),
        (
            ("--type=json", "-p", '[{"op":"replace","path":"/spec/size","value":6}]'),
            "{.spec.size}",
            "6",
        ),
        (
            ("--type=merge", "--subresource=status", "-p", '{"status":{"phase":"Running"}}'),
            "{.status.phase}",
            "Running",
        ),
    ],
)
def test_patch(
    kubectl: Kubectl, widget: str, arguments: tuple[str, ...], path: str, expected: str
) -> None:
    kubectl("patch", "widget", widget, *arguments)

    assert kubectl("get", "widget", widget, "-o", f"jsonpath={path}") == expected


def test_patch_of_a_pod_is_strategic(kubectl: Kubectl) -> None:
    pod = {**_POD, "metadata": {"name": "patched"}}
    kubectl("create", "-f", "-", stdin=json.dumps(pod))
    kubectl(
        "patch", "pod", "patched", "-p", '{"spec":{"containers":[{"name":"main","image":"b:2"}]}}'
    )

    assert kubectl("get", "pod", "patched", "-o", "jsonpath={.spec.containers[*].image}") == "b:2"
    kubectl("delete", "pod", "patched")


def test_label_and_annotate(kubectl: Kubectl, widget: str) -> None:
    kubectl("label", "widget", widget, "a=b")
    kubectl("annotate", "widget", widget, "c=d e")
    kubectl("label", "widget", widget, "a-")
    metadata = json.loads(kubectl("get", "widget", widget, "-o", "json"))["metadata"]

    assert metadata["annotations"] == {"c": "d e"}
    assert "labels" not in metadata


def test_edit_and_replace(kubectl: Kubectl, widget: str, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/size: 2/size: 10/" "$1"\n')
    editor.chmod(0o700)
    edited = kubectl.run("edit", "widget", widget, EDITOR=str(editor))
    whole = json.loads(kubectl("get", "widget", widget, "-o", "json"))
    whole["spec"]["size"] = 12
    kubectl("replace", "-f", "-", stdin=json.dumps(whole))

    assert "edited" in edited.stdout, edited.stderr
    assert kubectl("get", "widget", widget, "-o", "jsonpath={.spec.size}") == "12"


def test_wait_for_conditions_fields_and_deletion(kubectl: Kubectl, widget: str) -> None:
    status = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    kubectl(
        "patch", "widget", widget, "--type=merge", "--subresource=status", "-p", json.dumps(status)
    )

    kubectl("wait", f"widget/{widget}", "--for=condition=Ready", "--timeout=20s")
    kubectl("wait", f"widget/{widget}", "--for=jsonpath={.status.phase}=Running", "--timeout=20s")
    waiting = kubectl.start("wait", f"widget/{widget}", "--for=delete", "--timeout=30s")
    kubectl("delete", "widget", widget, "--wait=false")
    assert waiting.wait(30) == 0
    assert waiting.stdout is not None
    waiting.stdout.close()


def test_delete_in_its_ways(kubectl: Kubectl) -> None:
    for name in ("d1", "d2", "d3", "d4"):
        kubectl("create", "-f", "-", stdin=_widget(name, metadata_labels={"to": "delete"}))

    kubectl("delete", "widget", "d1", "--cascade=foreground")
    kubectl("delete", "widget", "d2", "--cascade=orphan", "--grace-period=5")
    kubectl("delete", "-f", "-", stdin=_widget("d3"))
    kubectl("delete", "widgets", "-l", "to=delete")

    assert kubectl("get", "widgets", "-l", "to=delete", "-o", "name") == ""
    gone = kubectl.run("delete", "widget", "d1")
    assert 'widgets.test.podbook.dev "d1" not found' in gone.stderr
    kubectl("delete", "widget", "d1", "--ignore-not-found")


def test_create_of_small_things(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "made", "--from-literal=a=b")
    kubectl("create", "secret", "generic", "made", "--from-literal=a=b")
    kubectl("create", "serviceaccount", "made")
    kubectl("create", "namespace", "made")

    assert kubectl("get", "configmap", "made", "-o", "jsonpath={.data.a}") == "b"
    assert kubectl("get", "secret", "made", "-o", "jsonpath={.data.a}") == "Yg=="
    assert kubectl("get", "secret", "made", "-o", "jsonpath={.type}") == "Opaque"
    kubectl("delete", "namespace", "made", "--timeout=20s")
    assert kubectl.run("get", "namespace", "made").returncode != 0


def test_describe(kubectl: Kubectl, widget: str) -> None:
    pod = {**_POD, "metadata": {"name": "described"}}
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


def test_the_kubeconfig_names_no_other_server(cluster: EmbeddedCluster) -> None:
    config = json.loads(cluster.kubeconfig.read_text())

    assert [item["cluster"]["server"].partition("/key/")[0] for item in config["clusters"]] == [
        cluster.url
    ]
