"""What can't run as plain processes is refused by name, not half done."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from podbook_cluster.kubelet.pod import pod_folder
from podbook_cluster.kubelet.pod.admission import refusal


def refused(tmp_path: Path, spec: dict[str, Any]) -> str | None:
    uid = str(uuid4())
    pod = {"metadata": {"name": "p", "namespace": "ns", "uid": uid}, "spec": spec}
    return refusal(pod, pod_folder.of_pod(tmp_path, uid))


def a_spec(*, container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"restartPolicy": "Never", "containers": [{"name": "c", **(container or {})}], **spec}


def mounting(path: str, **mount: Any) -> dict[str, Any]:
    mounts = [{"name": "v", "mountPath": path, **mount}]
    return a_spec(container={"volumeMounts": mounts}, volumes=[{"name": "v", "emptyDir": {}}])


def test_a_plain_pod_is_taken(tmp_path: Path) -> None:
    assert refused(tmp_path, mounting("/work")) is None


def with_volume(**volume: Any) -> dict[str, Any]:
    return a_spec(volumes=[{"name": "v", **volume}])


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (a_spec(restartPolicy="Always"), "restartPolicy Always is not supported, only Never"),
        ({"containers": [{"name": "c"}]}, "restartPolicy Always is not supported"),
        (a_spec(initContainers=[{"name": "i"}]), "initContainers are not supported"),
        (a_spec(container={"livenessProbe": {"exec": {}}}), "container 'c': livenessProbe is not"),
        (a_spec(container={"lifecycle": {"preStop": {}}}), "container 'c': lifecycle is not"),
        (with_volume(hostPath={"path": "/"}), "volume 'v': hostPath is not supported"),
        (with_volume(persistentVolumeClaim={"claimName": "x"}), "persistentVolumeClaim is not"),
        (
            with_volume(projected={"sources": [{"clusterTrustBundle": {}}]}),
            "volume 'v': projected clusterTrustBundle is not supported",
        ),
        (
            with_volume(configMap={"name": "m", "items": [{"key": "k", "path": "../k"}]}),
            "volume 'v': path '../k' leads out of the volume",
        ),
        (
            with_volume(projected={"sources": [{"serviceAccountToken": {"path": "/etc/x"}}]}),
            "volume 'v': path '/etc/x' leads out of the volume",
        ),
        (mounting("/../x"), "container 'c': path '/../x' leads out of the pod"),
        (mounting("/work", subPath="a"), "container 'c': subPath is not supported"),
        (mounting("/"), "container 'c': a volume can't be mounted at /"),
        (a_spec(container={"workingDir": "/a/../../b"}), "leads out of the pod"),
        (a_spec(container={"terminationMessagePath": "../../x"}), "leads out of the pod"),
        (
            a_spec(container={"volumeMounts": [{"name": "w", "mountPath": "/w"}]}),
            "there is no volume 'w'",
        ),
    ],
)
def test_refused_by_name(tmp_path: Path, spec: dict[str, Any], why: str) -> None:
    assert why in (refused(tmp_path, spec) or "")


def test_one_path_can_mean_one_volume_only(tmp_path: Path) -> None:
    containers = [
        {"name": name, "volumeMounts": [{"name": name, "mountPath": "/data"}]} for name in "ab"
    ]
    volumes = [{"name": name, "emptyDir": {}} for name in "ab"]

    why = refused(tmp_path, a_spec(containers=containers, volumes=volumes))

    assert "mountPath '/data' is given to two volumes, 'a' and 'b'" in (why or "")
