"""A pod lives and ends here as it would on a real node."""

import sys
from pathlib import Path
from typing import Any

import pytest

from podbook_cluster.kubelet.settings import KubeletSettings
from rig.until import until
from tests.local.kubelet.conftest import Run
from tests.support.pods import Object, Pods, a_container, a_pod, state

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="handlers are known by /proc only")

TOKEN = {"serviceAccountToken": {"audience": "podbook", "path": "token"}}
CONNECTION = {
    "path": "connection.json",
    "fieldRef": {"fieldPath": "metadata.annotations['podbook.dev/connection']"},
}


def mounts(**paths: str) -> list[Object]:
    return [{"name": name, "mountPath": path} for name, path in paths.items()]


def pod_root(settings: KubeletSettings, pod: Object) -> Path:
    return settings.data_dir / "pods" / str(pod["metadata"]["uid"]) / "root"


async def test_a_pod_that_succeeds(run: Run, pods: Pods, settings: KubeletSettings) -> None:
    await run()
    await pods.create(
        a_pod("good", a_container("kernel", "exit 0"), a_container("runner", "exit 0"))
    )

    pod = await pods.finished("good")

    assert pod["spec"]["nodeName"] == settings.node_name
    status = pod["status"]
    assert (status["phase"], status["podIP"]) == ("Succeeded", "127.0.0.1")
    for name in ("kernel", "runner"):
        ended = state(pod, name)["terminated"]
        assert (ended["exitCode"], ended["reason"]) == (0, "Completed")
        assert status["startTime"] <= ended["startedAt"] <= ended["finishedAt"]
    assert {item["image"] for item in status["containerStatuses"]} == {"not-pulled"}
    assert {item["imageID"] for item in status["containerStatuses"]} == {"podbook-local://ignored"}


async def test_a_pod_that_fails(run: Run, pods: Pods) -> None:
    await run()
    await pods.create(
        a_pod("bad", a_container("kernel", "kill -9 $$$$"), a_container("runner", "exit 3"))
    )

    pod = await pods.finished("bad")

    assert pod["status"]["phase"] == "Failed"
    assert state(pod, "kernel")["terminated"]["exitCode"] == 137
    assert state(pod, "runner")["terminated"]["exitCode"] == 3


async def test_a_pod_that_runs_says_so_and_each_end_is_told(
    run: Run, pods: Pods, settings: KubeletSettings
) -> None:
    await run()
    await pods.create(
        a_pod(
            "two",
            a_container("kernel", "until test -e go; do sleep 0.01; done"),
            a_container("runner", "until test -e on; do sleep 0.01; done"),
        )
    )
    pod = await pods.in_phase("two", "Running")
    ready = {item["type"]: item["status"] for item in pod["status"]["conditions"]}
    assert ready["Ready"] == ready["ContainersReady"] == ready["PodScheduled"] == "True"

    work = pod_root(settings, pod) / "work"
    work.joinpath("go").touch()

    async def kernel_ended() -> Any:
        return state(await pods.get("two") or pod, "kernel").get("terminated")

    await until(kernel_ended, what="the end of the kernel")
    assert "running" in state(await pods.get("two") or pod, "runner")
    work.joinpath("on").touch()
    assert (await pods.finished("two"))["status"]["phase"] == "Succeeded"


async def test_paths_are_relative_to_the_work_folder_and_shared(run: Run, pods: Pods) -> None:
    await run()
    kernel = a_container(
        "kernel",
        "cat ../info/connection.json > .ipc/seen; pwd > where",
        volumeMounts=mounts(work="/work", ipc="/work/.ipc", info="/info"),
    )
    runner = a_container(
        "runner",
        "until test -s where; do sleep 0.01; done; cat .ipc/seen > ../runner/termination",
        volumeMounts=mounts(work="/work", ipc="/work/.ipc", info="/info", runner="/runner"),
        terminationMessagePath="/runner/termination",
    )
    pod = a_pod(
        "paths",
        kernel,
        runner,
        volumes=[
            {"name": "ipc", "emptyDir": {"medium": "Memory"}},
            {"name": "info", "downwardAPI": {"items": [CONNECTION]}},
            {"name": "runner", "emptyDir": {}},
        ],
    )
    pod["metadata"]["annotations"] = {"podbook.dev/connection": '{"ip": ".ipc/k"}'}
    await pods.create(pod)

    ended = await pods.finished("paths")

    assert state(ended, "runner")["terminated"]["message"] == '{"ip": ".ipc/k"}'


async def test_the_token_is_the_pods_own_and_private(run: Run, pods: Pods) -> None:
    await run()
    runner = a_container(
        "runner",
        "stat -c %a ../token/token > ../said; cat ../token/token >> ../said",
        volumeMounts=mounts(work="/work", token="/token"),
        terminationMessagePath="/said",
    )
    created = await pods.create(
        a_pod("token", runner, volumes=[{"name": "token", "projected": {"sources": [TOKEN]}}])
    )
    mode, token = state(await pods.finished("token"), "runner")["terminated"]["message"].split("\n")
    assert mode == "600"

    review = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "spec": {"token": token, "audiences": ["podbook"]},
    }
    _, answer = await pods.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
    assert answer["status"]["authenticated"] is True
    extra = answer["status"]["user"]["extra"]
    assert extra["authentication.kubernetes.io/pod-uid"] == [created["metadata"]["uid"]]


async def test_a_fast_pod_costs_a_binding_and_at_most_three_status_writes(
    run: Run, pods: Pods
) -> None:
    await run()
    await pods.create(a_pod("first", a_container("c", "true")))
    await pods.finished("first")
    pods.cluster.clear_counts()

    await pods.create(a_pod("fast", a_container("kernel", "true"), a_container("runner", "true")))
    await pods.finished("fast")

    writes = [
        each
        for each in pods.cluster.counts()
        if each["userAgent"] == "podbook-kubelet" and each["verb"] not in {"get", "list", "watch"}
    ]
    assert sum(each["count"] for each in writes) <= 4, writes
    # Each would be one more.
    assert await pods.events("fast") == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["no-such-command"], 'exec: "no-such-command": executable file not found in $PATH'),
        (None, "no command: images and their entrypoints are not used here"),
    ],
)
async def test_a_command_that_cannot_run_fails_the_pod(
    run: Run, pods: Pods, command: list[str] | None, message: str
) -> None:
    await run()
    name = "none" if command is None else "wrong"
    container = a_container("c", "")
    container.pop("command")
    await pods.create(a_pod(name, {**container, **({"command": command} if command else {})}))

    pod = await pods.finished(name)

    assert pod["status"]["phase"] == "Failed"
    ended = state(pod, "c")["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (128, "StartError", message)
    why = f"Error: container c could not be started: {message}"
    assert await pods.events(name) == [("Warning", "Failed", why)]


async def test_what_a_node_of_processes_cannot_do_fails_the_pod(run: Run, pods: Pods) -> None:
    await run()
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "c"}}
    await pods.create(a_pod("claim", a_container("c", "true"), volumes=[claim]))

    status = (await pods.finished("claim"))["status"]

    assert (status["phase"], status["reason"]) == ("Failed", "NotSupported")
    assert "volume 'data': persistentVolumeClaim is not supported" in status["message"]
    assert not status.get("containerStatuses")
    assert await pods.events("claim") == [("Warning", "NotSupported", status["message"])]


async def test_a_missing_secret_is_named_and_waited_for(run: Run, pods: Pods) -> None:
    await run()
    ref = {"secretKeyRef": {"name": "later", "key": "word"}}
    container = a_container("c", 'test "$WORD" = hello', env=[{"name": "WORD", "valueFrom": ref}])
    await pods.create(a_pod("waits", container))

    async def waits() -> Any:
        pod = await pods.get("waits")
        statuses = (pod or {}).get("status", {}).get("containerStatuses")
        return statuses and statuses[0]["state"].get("waiting")

    waiting = await until(waits)
    assert waiting == {
        "reason": "CreateContainerConfigError",
        "message": 'secret "later" not found',
    }

    secret = {"metadata": {"name": "later"}, "stringData": {"word": "hello"}}
    await pods.request("POST", "/api/v1/namespaces/default/secrets", secret)
    assert (await pods.finished("waits"))["status"]["phase"] == "Succeeded"
    assert await pods.events("waits") == [
        ("Warning", "Failed", 'Error: CreateContainerConfigError: secret "later" not found'),
        ("Normal", "Started", "Started container c"),
    ]


async def test_podbooks_own_variables_stay_here(
    run: Run, pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODBOOK_SECRET", "hush")
    monkeypatch.setenv("USERS_OWN", "fine")
    await run()
    script = 'echo "[$PODBOOK_SECRET$KUBECONFIG][$USERS_OWN][$(NAME)]" > ../said'
    name = {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    await pods.create(
        a_pod("env", a_container("c", script, env=[name], terminationMessagePath="/said"))
    )

    assert state(await pods.finished("env"), "c")["terminated"]["message"] == "[][fine][env]\n"
