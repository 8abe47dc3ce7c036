"""What the API does to pods; nothing here runs them."""

from typing import Any

import pytest

from rig.kube_client import JSON_PATCH, STRATEGIC_PATCH, Kube, unique


def a_pod(**spec: Any) -> dict[str, Any]:
    """Return a pod that no scheduler looks at."""
    return {
        "metadata": {"name": unique("p")},
        "spec": {
            "schedulerName": "nobody",
            "automountServiceAccountToken": False,
            "containers": [{"name": "main", "image": "nothing:1", "command": ["sleep", "60"]}],
            **spec,
        },
    }


def _bind(kube: Kube, name: str) -> None:
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": name},
        "target": {"apiVersion": "v1", "kind": "Node", "name": "a-node"},
    }
    kube.create(kube.path("pods", name) + "/binding", binding)


def test_a_pod_is_filled_in(kube: Kube) -> None:
    body = kube.create(kube.path("pods"), a_pod()).body

    spec, container = body["spec"], body["spec"]["containers"][0]
    assert spec["restartPolicy"] == "Always"
    assert spec["terminationGracePeriodSeconds"] == 30
    assert spec["serviceAccountName"] == "default"
    assert container["terminationMessagePath"] == "/dev/termination-log"
    assert container["terminationMessagePolicy"] == "File"
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert container["resources"] == {}
    assert body["status"]["phase"] == "Pending"
    assert body["status"]["qosClass"] == "BestEffort"


def test_a_limit_is_requested_too(kube: Kube) -> None:
    containers = [
        {
            "name": "main",
            "image": "nothing:1",
            "resources": {"limits": {"memory": "1Gi", "cpu": "1"}},
        }
    ]
    body = kube.create(kube.path("pods"), a_pod(containers=containers)).body

    assert body["spec"]["containers"][0]["resources"]["requests"] == {"memory": "1Gi", "cpu": "1"}
    assert body["status"]["qosClass"] == "Guaranteed"


def test_volumes_are_filled_in(kube: Kube) -> None:
    volumes = [
        {"name": "work", "emptyDir": {}},
        {"name": "info", "downwardAPI": {"items": []}},
        {
            "name": "token",
            "projected": {
                "sources": [{"serviceAccountToken": {"audience": "podbook", "path": "token"}}]
            },
        },
    ]
    body = kube.create(kube.path("pods"), a_pod(volumes=volumes)).body

    by_name = {volume["name"]: volume for volume in body["spec"]["volumes"]}
    assert by_name["info"]["downwardAPI"]["defaultMode"] == 0o644
    source = by_name["token"]["projected"]["sources"][0]["serviceAccountToken"]
    assert source["expirationSeconds"] == 3600


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        pytest.param({"containers": []}, "spec.containers", id="no containers"),
        pytest.param({"containers": [{"name": "a"}]}, "spec.containers[0].image", id="no image"),
        pytest.param(
            {"containers": [{"name": "a", "image": "b"}] * 2},
            "spec.containers[1].name",
            id="two of one name",
        ),
        pytest.param(
            {"containers": [{"name": "../a", "image": "b"}]},
            "spec.containers[0].name",
            id="a container's name that is a path",
        ),
        pytest.param({"volumes": [{"name": "a.b"}]}, "spec.volumes[0].name", id="a dotted volume"),
        pytest.param(
            {"containers": [{"name": "a", "image": "b", "env": [{"value": "c"}]}]},
            "spec.containers[0].env[0].name",
            id="a variable without a name",
        ),
        pytest.param({"activeDeadlineSeconds": 0}, "spec.activeDeadlineSeconds", id="no time"),
        pytest.param({"restartPolicy": "Sometimes"}, "spec.restartPolicy", id="no such policy"),
        pytest.param(
            {
                "containers": [
                    {
                        "name": "a",
                        "image": "b",
                        "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                    }
                ]
            },
            "spec.containers[0].volumeMounts[0].name",
            id="no such volume",
        ),
    ],
)
def test_a_wrong_pod_is_refused(kube: Kube, spec: dict[str, Any], field: str) -> None:
    answer = kube.request("POST", kube.path("pods"), a_pod(**spec))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert field in [cause["field"] for cause in answer.body["details"]["causes"]]


@pytest.mark.parametrize(
    ("option", "value"), [("tailLines", "-1"), ("limitBytes", "0"), ("sinceSeconds", "0")]
)
def test_an_amount_of_log_that_makes_no_sense_is_refused(
    kube: Kube, option: str, value: str
) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name

    answer = kube.get(kube.path("pods", name) + "/log", **{option: value})

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert [cause["field"] for cause in answer.body["details"]["causes"]] == [option]


def test_a_binding_assigns_a_pod_once(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name
    _bind(kube, name)

    bound = kube.get(kube.path("pods", name)).body
    again = kube.request(
        "POST",
        kube.path("pods", name) + "/binding",
        {"metadata": {"name": name}, "target": {"kind": "Node", "name": "another"}},
    )
    kube.delete(kube.path("pods", name), gracePeriodSeconds=0)

    assert bound["spec"]["nodeName"] == "a-node"
    assert {"type": "PodScheduled", "status": "True"}.items() <= bound["status"]["conditions"][
        0
    ].items()
    assert (again.status, again.body["reason"]) == (409, "Conflict")


def test_a_pod_that_is_not_bound_goes_at_once(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name

    answer = kube.delete(kube.path("pods", name))

    assert (answer.body["kind"], answer.body["metadata"]["name"]) == ("Pod", name)
    assert kube.get(kube.path("pods", name)).status == 404


def test_a_bound_pod_stays_until_its_kubelet_lets_go(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name
    path = kube.path("pods", name)
    _bind(kube, name)

    first = kube.delete(path, gracePeriodSeconds=20)
    longer = kube.delete(path, gracePeriodSeconds=60)
    shorter = kube.delete(path, gracePeriodSeconds=5)
    kube.delete(path, {"gracePeriodSeconds": 0})

    assert first.body["metadata"]["deletionGracePeriodSeconds"] == 20
    assert first.body["metadata"]["deletionTimestamp"]
    assert longer.body["metadata"]["deletionGracePeriodSeconds"] == 20
    assert shorter.body["metadata"]["deletionGracePeriodSeconds"] == 5
    assert kube.get(path).status == 404


def test_the_grace_is_the_pods_own_where_none_is_named(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod(terminationGracePeriodSeconds=7)).name
    _bind(kube, name)

    answer = kube.delete(kube.path("pods", name))
    kube.delete(kube.path("pods", name), gracePeriodSeconds=0)

    assert answer.body["metadata"]["deletionGracePeriodSeconds"] == 7


def test_a_finished_pod_goes_at_once(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name
    _bind(kube, name)
    kube.patch(kube.path("pods", name) + "/status", {"status": {"phase": "Succeeded"}})

    kube.delete(kube.path("pods", name))

    assert kube.get(kube.path("pods", name)).status == 404


def test_the_spec_of_a_pod_is_fixed(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name
    path = kube.path("pods", name)

    command = kube.patch(
        path,
        [{"op": "replace", "path": "/spec/containers/0/command", "value": ["true"]}],
        JSON_PATCH,
    )
    image = kube.patch(
        path, {"spec": {"containers": [{"name": "main", "image": "other:2"}]}}, STRATEGIC_PATCH
    )

    assert (command.status, command.body["reason"]) == (422, "Invalid")
    assert "pod updates may not change fields other than" in command.body["message"]
    assert image.body["spec"]["containers"][0]["image"] == "other:2"
    assert image.body["spec"]["containers"][0]["command"] == ["sleep", "60"]


def test_the_status_of_a_pod_is_the_kubelets(kube: Kube) -> None:
    created = kube.create(kube.path("pods"), a_pod())
    path = kube.path("pods", created.name)
    status = {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}

    through_main = kube.patch(path, {"status": {"phase": "Running"}})
    through_status = kube.patch(path + "/status", {"status": status}, STRATEGIC_PATCH)
    found = kube.get(
        kube.path("pods"), fieldSelector=f"status.phase=Running,metadata.name={created.name}"
    )
    kube.delete(path, gracePeriodSeconds=0)

    assert through_main.body["status"]["phase"] == "Pending"
    assert through_status.body["status"]["phase"] == "Running"
    assert len(found.body["items"]) == 1


def test_conditions_are_merged_by_type(kube: Kube) -> None:
    name = kube.create(kube.path("pods"), a_pod()).name
    path = kube.path("pods", name) + "/status"
    for kind, value in (("Ready", "False"), ("Initialized", "True"), ("Ready", "True")):
        condition = {"type": kind, "status": value}
        answer = kube.patch(path, {"status": {"conditions": [condition]}}, STRATEGIC_PATCH)

    found = {item["type"]: item["status"] for item in answer.body["status"]["conditions"]}
    assert found == {"Ready": "True", "Initialized": "True"}
