"""kubectl, as people change things with it, against the embedded cluster."""

import json
from pathlib import Path

import pytest

from rig.widgets import a_widget
from tests.local.apiserver.conftest import A_POD
from tests.support.kubectl import Kubectl


def _widget(name: str, **fields: object) -> str:
    return json.dumps(a_widget(name, **fields))


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
    kubectl("apply", "-f", "-", stdin=json.dumps(A_POD))
    labelled = {**A_POD, "metadata": {"name": "a-pod", "labels": {"app": "y"}}}

    assert "configured" in kubectl("apply", "-f", "-", stdin=json.dumps(labelled))
    assert kubectl("get", "pod", "a-pod", "-o", "jsonpath={.metadata.labels.app}") == "y"
    kubectl("delete", "pod", "a-pod")


def test_apply_on_the_server(kubectl: Kubectl) -> None:
    first = kubectl("apply", "--server-side", "-f", "-", stdin=_widget("server-side"))
    second = kubectl("apply", "--server-side", "-f", "-", stdin=_widget("server-side", size=4))

    assert "serverside-applied" in first
    assert "serverside-applied" in second
    assert kubectl("get", "widget", "server-side", "-o", "jsonpath={.spec.size}") == "4"


def test_an_apply_on_the_server_says_that_it_takes_over(kubectl: Kubectl, widget: str) -> None:
    """No field's owner is remembered here: where a real server would refuse, this one says so."""
    mine = kubectl.run("apply", "--server-side", "-f", "-", stdin=_widget(widget, size=4))
    shown = kubectl("get", "widget", widget, "-o", "yaml", "--show-managed-fields")

    assert mine.returncode == 0, mine.stderr
    assert "Warning: Podbook's embedded cluster does not remember who set a field" in mine.stderr
    assert "managedFields" not in shown


@pytest.mark.parametrize("kind", ["List", "WidgetList"])
def test_a_file_that_holds_a_list(kubectl: Kubectl, tmp_path: Path, kind: str) -> None:
    names = [f"{kind.lower()}-{number}" for number in range(2)]
    file = tmp_path / "list.json"
    items = [a_widget(name) for name in names]
    api_version = "v1" if kind == "List" else items[0]["apiVersion"]
    file.write_text(json.dumps({"apiVersion": api_version, "kind": kind, "items": items}))

    for arguments, done in (
        (("apply", "-f"), "created"),
        (("apply", "-f"), "unchanged"),
        (("apply", "--server-side", "-f"), "serverside-applied"),
        (("replace", "-f"), "replaced"),
        (("delete", "-f"), "deleted"),
        (("create", "-f"), "created"),
    ):
        said = kubectl(*arguments, str(file))
        lines = said.splitlines()
        assert len(lines) == len(names)
        assert all(name in line and done in line for name, line in zip(names, lines, strict=True))


def test_in_a_list_too_the_field_that_is_wrong_is_named(kubectl: Kubectl) -> None:
    items = [a_widget("in-a-list", nonsense=1)]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})

    wrong = kubectl.run("apply", "-f", "-", stdin=listed)

    assert wrong.returncode != 0
    assert 'unknown field "spec.nonsense"' in wrong.stderr


def test_what_get_printed_can_be_applied(kubectl: Kubectl, widget: str) -> None:
    printed = kubectl("get", "widgets", "-l", "!nothing", "-o", "json")

    said = kubectl("apply", "-f", "-", stdin=printed)

    assert f"/{widget} " in said


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
    pod = {**A_POD, "metadata": {"name": "patched"}}
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

    kubectl("wait", f"widget/{widget}", "--for=condition=Ready", "--timeout=120s")
    kubectl("wait", f"widget/{widget}", "--for=jsonpath={.status.phase}=Running", "--timeout=120s")
    waiting = kubectl.start("wait", f"widget/{widget}", "--for=delete", "--timeout=120s")
    kubectl("delete", "widget", widget, "--wait=false")
    assert waiting.wait(120) == 0
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
    kubectl("delete", "namespace", "made", "--timeout=120s")
    assert kubectl.run("get", "namespace", "made").returncode != 0
