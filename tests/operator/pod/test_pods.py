"""The pod of an attempt: what its two containers see, and what they may."""

import json
import re
from typing import Any

import pytest

from podbook_cluster.kubelet.environment.expansion import expand
from podbook_crds import names
from podbook_crds.resources.notebook import Notebook
from podbook_operator.config import Kernel, OperatorConfig
from podbook_operator.pod.manifest import Site, build
from podbook_operator.rules.effective_spec import terms
from tests.support.views import a_notebook, an_execution

SITE = Site("http://intake:5051", "podbook-runner:1", "podbook-kernel:1")
LAPTOP = Site("http://127.0.0.1:5051", "runner", "kernel", own_home=False)


def a_manifest(
    notebook: Notebook | None = None, *, site: Site = SITE, attempt: int = 1, **spec: Any
) -> Any:
    config = OperatorConfig()
    execution = an_execution(**spec)
    found = terms(execution, notebook or a_notebook(), config.kernels)
    return build(execution, found, attempt=attempt, site=site, config=config)


def containers(manifest: Any) -> tuple[Any, Any]:
    kernel, runner = manifest["spec"]["containers"]
    return kernel, runner


def mounts(container: Any) -> dict[str, str]:
    return {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}


def test_the_name_and_the_labels_say_whose_pod_it_is() -> None:
    metadata = a_manifest(attempt=3)["metadata"]

    assert metadata["name"] == "nbx-uid-of-run-3"
    assert metadata["labels"] == {
        names.EXECUTION_LABEL: "uid-of-run",
        names.ATTEMPT_LABEL: "3",
        names.NOTEBOOK_LABEL: "report",
        "app.kubernetes.io/name": "podbook-run",
        "app.kubernetes.io/component": "run",
        "app.kubernetes.io/part-of": "podbook",
        "app.kubernetes.io/managed-by": "podbook-operator",
    }
    assert metadata["annotations"][names.EXECUTION_NAME_ANNOTATION] == "run"
    assert metadata["annotations"][names.NOTEBOOK_ANNOTATION] == "report"
    (owner,) = metadata["ownerReferences"]
    assert (owner["uid"], owner["controller"]) == ("uid-of-run", True)
    assert owner["blockOwnerDeletion"] is False


def test_no_autoscaler_takes_the_node_of_a_run() -> None:
    annotations = a_manifest()["metadata"]["annotations"]

    assert annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
    assert annotations["karpenter.sh/do-not-disrupt"] == "true"


def test_a_release_and_a_notebook_add_labels_below_ours() -> None:
    config = OperatorConfig.model_validate(
        {"podLabels": {"team": "ops", "cost": "7"}, "podAnnotations": {"example.org/mesh": "off"}}
    )
    added = {"team": "sales", "kueue.x-k8s.io/queue-name": "night", "app.kubernetes.io/name": "x"}
    evictable = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "true"}
    runtime = {"podLabels": {k: v for k, v in added.items() if k != "app.kubernetes.io/name"}}
    notebook = a_notebook(runtime={**runtime, "podAnnotations": evictable})
    found = terms(an_execution(), notebook, config.kernels)
    assert found.problem is None

    metadata = build(an_execution(), found, attempt=1, site=SITE, config=config)["metadata"]

    assert metadata["labels"]["team"] == "sales"
    assert metadata["labels"]["cost"] == "7"
    assert metadata["labels"]["kueue.x-k8s.io/queue-name"] == "night"
    assert metadata["labels"]["app.kubernetes.io/name"] == "podbook-run"
    assert metadata["annotations"]["example.org/mesh"] == "off"
    assert metadata["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "true"


@pytest.mark.parametrize(
    ("runtime", "says"),
    [
        ({"podLabels": {"podbook.dev/execution": "x"}}, "belongs to Podbook"),
        ({"podLabels": {"sub.podbook.dev/x": "x"}}, "belongs to Podbook"),
        ({"podLabels": {"node.kubernetes.io/x": "x"}}, "belongs to Podbook or Kubernetes"),
        ({"podAnnotations": {"seccomp.security.alpha.kubernetes.io/pod": "x"}}, "belongs to"),
        ({"podAnnotations": {"k8s.io/x": "x"}}, "belongs to"),
        ({"podLabels": {"a b": "x"}}, "is no name"),
        ({"podLabels": {"": "x"}}, "is no name"),
        ({"podLabels": {"a": "x y"}}, "no label can have"),
        ({"podLabels": {"a": "x" * 64}}, "no label can have"),
        ({"podAnnotations": {"a": "x" * 4097}}, "more than 4096"),
        ({"podLabels": {f"a{n}": "x" for n in range(33)}}, "more than the 32"),
    ],
)
def test_a_notebooks_labels_are_bounded(runtime: dict[str, Any], says: str) -> None:
    problem = terms(an_execution(), a_notebook(runtime=runtime), {}).problem

    assert problem is not None
    assert problem.message.startswith("runtime.pod")
    assert says in problem.message
    with pytest.raises(ValueError, match=re.escape(says)):
        OperatorConfig.model_validate(runtime)


@pytest.mark.parametrize(
    "name", ["report", "a.b.c", "n" * 63, "n" * 64, "x" * 70 + "." + "y" * 180, "a/b ü", "-", ""]
)
def test_every_name_becomes_a_label_of_its_own(name: str) -> None:
    value = names.label_value(name)

    assert re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?", value)
    assert value != names.label_value(f"{name}x")


def test_the_kernel_comes_first_and_runs_only_its_own_command() -> None:
    kernel, runner = containers(a_manifest())

    assert (kernel["name"], runner["name"]) == ("kernel", "runner")
    assert kernel["command"][:5] == [
        "python",
        "-m",
        "ipykernel_launcher",
        "-f",
        "../info/connection.json",
    ]
    assert runner["command"] == ["podbook-runner"]
    assert (kernel["image"], runner["image"]) == ("podbook-kernel:1", "podbook-runner:1")


def test_the_token_and_the_runners_state_are_out_of_the_kernels_sight() -> None:
    kernel, runner = containers(a_manifest())

    assert mounts(runner) == {
        "/work": "work",
        "/work/.ipc": "ipc",
        "/info": "info",
        "/runner": "runner",
        "/token": "token",
    }
    assert not {"/runner", "/token"} & mounts(kernel).keys()
    assert not any("INTAKE" in variable["name"] for variable in kernel["env"])


def test_the_token_is_good_for_the_intake_only() -> None:
    volumes = {volume["name"]: volume for volume in a_manifest()["spec"]["volumes"]}
    (source,) = volumes["token"]["projected"]["sources"]

    assert source["serviceAccountToken"]["audience"] == "podbook"
    assert a_manifest()["spec"]["automountServiceAccountToken"] is False


def test_the_connection_file_is_in_an_annotation_before_anything_starts() -> None:
    manifest = a_manifest()
    connection = json.loads(manifest["metadata"]["annotations"][names.CONNECTION_ANNOTATION])

    assert connection["transport"] == "ipc"
    assert connection["ip"] == ".ipc/k"
    ports = [connection[f"{name}_port"] for name in ("shell", "iopub", "stdin", "control", "hb")]
    assert sorted(ports) == [1, 2, 3, 4, 5]
    (info,) = [v for v in manifest["spec"]["volumes"] if v["name"] == "info"]
    (item,) = info["downwardAPI"]["items"]
    assert names.CONNECTION_ANNOTATION in item["fieldRef"]["fieldPath"]


def test_the_pod_fits_the_restricted_security_standard() -> None:
    spec = a_manifest()["spec"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
    assert spec["containers"][1]["securityContext"]["readOnlyRootFilesystem"] is True
    assert spec["enableServiceLinks"] is False
    kinds = {kind for volume in spec["volumes"] for kind in volume} - {"name"}
    assert kinds <= {"emptyDir", "projected", "downwardAPI", "configMap", "secret"}


def test_both_containers_run_as_one_user() -> None:
    """The kernel's sockets are 0755: another user could not connect."""
    spec = a_manifest(a_notebook(runtime={"runAsUser": 1234}))["spec"]

    assert spec["securityContext"]["runAsUser"] == 1234
    assert not any("runAsUser" in c["securityContext"] for c in spec["containers"])


def test_the_pods_own_deadline_is_a_backstop_behind_all_others() -> None:
    spec = a_manifest(deadlineSeconds=100, startTimeoutSeconds=10)["spec"]

    assert spec["activeDeadlineSeconds"] == 100 + 10 + 300 + 30
    assert spec["terminationGracePeriodSeconds"] == 30


def test_the_runner_is_told_how_long_it_may_wait_and_upload() -> None:
    _, runner = containers(a_manifest(startTimeoutSeconds=10))
    env = {variable["name"]: variable["value"] for variable in runner["env"]}

    assert env[names.ENV_START_SECONDS] == "10"
    assert (env[names.ENV_UPLOAD_SECONDS], env[names.ENV_GRACE_SECONDS]) == ("300", "30")


def test_on_a_laptop_the_kernel_keeps_the_machines_home() -> None:
    kernel, runner = containers(a_manifest(site=LAPTOP))
    own_kernel, _ = containers(a_manifest())

    assert not {"HOME", "TMPDIR"} & {v["name"] for v in [*kernel["env"], *runner["env"]]}
    assert {"name": "LC_CTYPE", "value": "C.UTF-8"} in own_kernel["env"]
    assert "/dev/shm" not in mounts(kernel)
    assert "/dev/shm" in mounts(own_kernel)


def test_a_runtime_says_what_the_kernel_gets() -> None:
    runtime = {
        "image": "lab:2",
        "env": [{"name": "A", "value": "1"}],
        "envFrom": ["secrets"],
        "imagePullSecrets": ["registry"],
        "volumes": [{"name": "data", "mountPath": "/data", "configMap": {"name": "d"}}],
        "nodeSelector": {"gpu": "yes"},
        "serviceAccountName": "lab",
        "shmSize": "1Gi",
    }
    manifest = a_manifest(a_notebook(runtime=runtime))
    kernel, runner = containers(manifest)

    assert kernel["image"] == "lab:2"
    assert {"name": "A", "value": "1"} in kernel["env"]
    assert kernel["envFrom"] == [{"secretRef": {"name": "secrets"}}]
    assert mounts(kernel)["/data"] == "own-data"
    assert "envFrom" not in runner
    assert "/data" not in mounts(runner)
    assert manifest["spec"]["nodeSelector"] == {"gpu": "yes"}
    assert manifest["spec"]["serviceAccountName"] == "lab"
    assert manifest["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    (shm,) = [v for v in manifest["spec"]["volumes"] if v["name"] == "shm"]
    assert shm["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Gi"}


def test_an_execution_overrides_resources_env_and_kernel_only() -> None:
    runtime = {"resources": {"limits": {"memory": "1Gi", "cpu": "2"}}}
    override = {"resources": {"limits": {"memory": "2Gi"}}, "env": [{"name": "B", "value": "2"}]}
    notebook = a_notebook(runtime=runtime, overrides={"resources": {"memory": "4Gi"}, "env": ["B"]})
    kernel, _ = containers(a_manifest(notebook, runtime=override))

    assert kernel["resources"]["limits"] == {"memory": "2Gi", "cpu": "2"}
    assert {"name": "B", "value": "2"} in kernel["env"]


def test_a_callers_value_names_no_other_variable() -> None:
    """Kubernetes would expand it to a key of the notebook's Secret."""
    own = [{"name": "STAGE", "value": "test"}, {"name": "TITLE", "value": "a $(STAGE) run"}]
    notebook = a_notebook(runtime={"env": own}, overrides={"env": ["STAGE", "REGION"]})
    asked = [{"name": "STAGE", "value": "$(PASSWORD)"}, {"name": "REGION", "value": "$$(PASSWORD)"}]

    kernel, _ = containers(a_manifest(notebook, runtime={"env": asked}))

    given = [(variable["name"], variable["value"]) for variable in kernel["env"]]
    assert given[-3:] == [
        ("REGION", "$$$$(PASSWORD)"),
        ("STAGE", "$$(PASSWORD)"),
        ("TITLE", "a $(STAGE) run"),
    ]
    expanded = {name: expand(value, {"PASSWORD": "hunter2"}) for name, value in given}
    assert (expanded["STAGE"], expanded["REGION"]) == ("$(PASSWORD)", "$$(PASSWORD)")


def test_a_limit_is_not_refused_for_a_default_request_above_it() -> None:
    kernel, _ = containers(
        a_manifest(a_notebook(runtime={"resources": {"limits": {"memory": "1"}}}))
    )

    assert "memory" not in kernel["resources"].get("requests", {})


@pytest.mark.parametrize(
    ("runtime", "program"),
    [
        ({"command": ["my-kernel", "--file={connection_file}"]}, "my-kernel"),
        ({"kernel": "lab"}, "lab-kernel"),
        ({"kernel": "nobody knows it"}, "python"),
        ({"language": "r"}, "R"),
        ({"language": "Julia"}, "julia"),
        ({"language": "bash"}, "python"),
    ],
)
def test_which_command_starts_the_kernel(runtime: dict[str, Any], program: str) -> None:
    kernels = {"lab": Kernel(command=["lab-kernel", "{connection_file}"])}
    found = terms(an_execution(), a_notebook(runtime=runtime), kernels)

    assert found.command[0] == program
    assert any("../info/connection.json" in part for part in found.command)
