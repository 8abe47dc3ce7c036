"""The kubelet keeps up with an API server that drops watches, forgets, fails and restarts."""

from pathlib import Path

import pytest

from podbook_cluster.kubelet.settings import KubeletSettings
from rig import embedded
from rig.until import until
from tests.local.kubelet.conftest import Run
from tests.support.pods import Pods, a_container, a_pod

KUBELET = "podbook-kubelet"
WAITS = "touch here; until test -e go; do sleep 0.02; done"


async def test_a_dropped_watch_is_resumed(run: Run, pods: Pods) -> None:
    await run()
    await pods.create(a_pod("before", a_container("c", "true")))
    await pods.finished("before")
    pods.cluster.drop_watches("pods")

    await pods.create(a_pod("after", a_container("c", "true")))

    await pods.finished("after")


async def test_after_a_gap_that_the_server_forgot_the_list_tells_what_is_gone(
    run: Run, pods: Pods, settings: KubeletSettings
) -> None:
    await run()
    pod = await pods.create(a_pod("ghost", a_container("c", WAITS)))
    await pods.in_phase("ghost", "Running")
    folder = settings.data_dir / "pods" / pod["metadata"]["uid"]
    pods.cluster.fault(kind="status", path="watch=true", user_agent=KUBELET, times=3)
    pods.cluster.drop_watches("pods")
    await pods.delete("ghost", gracePeriodSeconds=0)
    await pods.create(a_pod("next", a_container("c", "true")))
    pods.cluster.compact()

    await pods.finished("next")
    await until(lambda: not folder.exists(), what="the end of the vanished pod's folder")


@pytest.mark.parametrize("code", [429, 500, 503])
async def test_a_status_that_was_not_taken_is_written_again(
    run: Run, pods: Pods, code: int
) -> None:
    await run()
    pods.cluster.fault(kind="status", method="PATCH", user_agent=KUBELET, times=3, code=code)

    await pods.create(a_pod(f"told-{code}", a_container("c", "true")))

    await pods.finished(f"told-{code}")


async def test_a_token_that_was_not_given_is_asked_for_again(run: Run, pods: Pods) -> None:
    await run()
    pods.cluster.fault(kind="status", path="/serviceaccounts/", user_agent=KUBELET, times=2)
    token = {"sources": [{"serviceAccountToken": {"path": "token"}}]}
    mounts = [{"name": "work", "mountPath": "/work"}, {"name": "token", "mountPath": "/token"}]

    await pods.create(
        a_pod(
            "asks",
            a_container("c", "test -s ../token/token", volumeMounts=mounts),
            volumes=[{"name": "token", "projected": token}],
        )
    )

    assert (await pods.finished("asks"))["status"]["phase"] == "Succeeded"


async def test_an_end_while_the_server_is_away_is_told_when_it_is_back(
    run: Run, settings: KubeletSettings, tmp_path: Path
) -> None:
    with embedded.running(tmp_path / "cluster", ["--no-kubelet"]) as cluster:
        pods = Pods(cluster)
        await run(server=cluster.url, token=cluster.token)
        pod = await pods.create(a_pod("patient", a_container("c", WAITS)))
        await pods.in_phase("patient", "Running")
        folder = settings.data_dir / "pods" / pod["metadata"]["uid"]
        cluster.kill()
        folder.joinpath("root", "work", "go").touch()
        await until(folder.joinpath("containers", "c.ended.json").exists)

        cluster.restart()

        assert (await pods.finished("patient"))["status"]["phase"] == "Succeeded"
        await pods.create(a_pod("next", a_container("c", "true")))
        await pods.finished("next")
        await pods.delete("patient")
        await pods.gone("patient")
