"""Pods that the cluster refuses: told at once, in the server's words."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.cluster import commands, control_plane
from tests.cluster.installed import RUNS, apply, kubectl, run
from tests.cluster.progress import SLEEP


@pytest.fixture
def small_pods_only() -> Iterator[None]:
    """A namespace's limit range refuses what is larger."""
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "small", "namespace": RUNS},
            "spec": {"limits": [{"type": "Container", "max": {"memory": "2Gi"}}]},
        }
    )
    yield
    kubectl("delete", "limitrange", "small", "-n", RUNS)


@pytest.fixture
def forbidden_zone() -> Iterator[None]:
    """A policy of the cluster's owner, in force."""
    about = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
    outside = "!has(object.spec.nodeSelector) || !('forbidden' in object.spec.nodeSelector)"
    policy = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": "forbidden"}}
    control_plane.apply(
        {
            **policy,
            "kind": "ValidatingAdmissionPolicy",
            "spec": {
                "matchConstraints": {"resourceRules": [{**about, "resources": ["pods"]}]},
                "validations": [{"expression": outside, "message": "Not there!"}],
            },
        }
    )
    control_plane.apply(
        {
            **policy,
            "kind": "ValidatingAdmissionPolicyBinding",
            "spec": {"policyName": "forbidden", "validationActions": ["Deny"]},
        }
    )
    # Elsewhere, as here Pod Security comes first.
    refused = partial(_refusal, namespace="default", nodeSelector={"forbidden": "zone"})
    commands.until(lambda: "Not there!" in refused(), "the policy in force", seconds=180)
    yield
    kubectl("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", "forbidden")


def _refusal(*, namespace: str, **spec: Any) -> str:
    """Return why the server would not take a plain pod, one that nobody made "restricted"."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "plain", "namespace": namespace},
        "spec": {"containers": [{"name": "plain", "image": "plain"}], **spec},
    }
    try:
        kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
    except commands.CommandFailed as refused:
        return str(refused)
    return ""


@pytest.mark.usefixtures("podbook")
def test_pod_security_refuses_what_podbook_never_asks_for() -> None:
    assert 'violates PodSecurity "restricted:latest"' in _refusal(namespace=RUNS)


@pytest.mark.parametrize(
    ("runtime", "said"),
    [
        pytest.param(
            {"resources": {"limits": {"memory": "3Gi"}}}, "maximum memory", id="over a limit range"
        ),
        pytest.param({"serviceAccountName": "nobody"}, "nobody", id="an account that is not there"),
        pytest.param(
            {"nodeSelector": {"forbidden": "zone"}}, "Not there!", id="against a policy of its own"
        ),
    ],
)
@pytest.mark.usefixtures("small_pods_only", "forbidden_zone")
def test_a_pod_that_the_cluster_refuses(runtime: dict[str, Any], said: str) -> None:
    name = f"refused-{said.split(maxsplit=1)[0].lower()}"
    apply("Notebook", name, {"source": {"ipynb": json.dumps(SLEEP)}, "runtime": runtime})

    status = run(name, notebook={"name": name})

    assert (status["phase"], status["reason"]) == ("Failed", "InvalidRuntime")
    assert said in status["message"]
