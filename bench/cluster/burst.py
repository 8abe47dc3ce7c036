"""1 000 executions at once beside 1 000 Jobs: how many a second, and the control plane's CPU.

Part of `make bench-cluster`. Pods are played (see played_node.py), so nothing but the control
plane, Podbook's API and its operator is measured; all of it shares one machine with the players.
"""

import asyncio
import itertools
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from bench.cluster import papermill_job
from bench.cluster.played_node import LABEL, TOLERATIONS, PlayedRunners, played_nodes, watched
from bench.operator_burst import cpu_seconds

from podbook_crds import names
from rig.ipynb import notebook
from rig.kube_client import certified
from tests.cluster import place, pod_processes
from tests.cluster.installation import installation
from tests.cluster.installed import (
    CHART,
    NAMESPACE,
    RELEASE,
    RUNS,
    VALUES,
    Installed,
    helm,
    kubectl,
)

COUNT: Final = int(os.environ.get("PODBOOK_BENCH_COUNT", "1000"))
_AT_ONCE: Final = 16
# After which an ended Job, its pod, an execution and its pod are deleted. Longer than either burst
# takes: its own deletions would slow down the one that takes longer.
_KEPT_SECONDS: Final = 5 + COUNT // 12
_LONGEST_SECONDS: Final = 900
_CONTROL_PLANE: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


@dataclass(frozen=True)
class Burst:
    """What became of one thousand."""

    # From the first creation to the last end.
    seconds: float
    # Of each, from its creation to its end.
    waits: list[float]
    # By process, until everything was deleted again.
    cpu: dict[str, float]
    # Of what a user and a node would do elsewhere: kwok, and this process.
    players_cpu: float


def main() -> None:
    """Print the table."""
    with installation() as podbook, played_nodes() as kwok:
        _give_room()
        podbook.put("played", notebook("x = 1", "print(x)"), **_runtime())
        jobs, executions = asyncio.run(_measure(podbook, [kwok, os.getpid()]))
    _print(jobs, executions)


def _give_room() -> None:
    """Let a thousand run at once; a changed annotation makes the operator begin with that."""
    settings = {
        "operator.config.slots.total": COUNT,
        "operator.config.podRetentionSeconds": _KEPT_SECONDS,
        "operator.podAnnotations.room": f"for-{COUNT}",
    }
    sets = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    helm(*("upgrade", RELEASE, str(CHART), "-n", NAMESPACE, "--values", str(VALUES)), *sets)
    for part in ("api", "operator"):
        kubectl("rollout", "status", f"deployment/podbook-{part}", "-n", NAMESPACE)


def _runtime() -> dict[str, Any]:
    return {
        "runtime": {"nodeSelector": LABEL, "tolerations": TOLERATIONS},
        "defaults": {"ttlSecondsAfterFinished": _KEPT_SECONDS},
    }


async def _measure(podbook: Installed, players: list[int]) -> tuple[Burst, Burst]:
    async with _kubernetes() as kube:
        for count in (20, COUNT):
            # The first, small ones warm all parts up.
            jobs = await _burst(count, _Jobs(kube), players)
            executions = await _burst(count, _Executions(kube, podbook), players)
    return jobs, executions


class _Jobs:
    """A thousand Jobs of one pod."""

    def __init__(self, kube: aiohttp.ClientSession) -> None:
        self._kube = kube
        self._path = f"/apis/batch/v1/namespaces/{RUNS}/jobs"
        self.ended: dict[str, float] = {}

    async def create(self) -> str:
        metadata = {"generateName": "burst-"}
        body = papermill_job.job(
            metadata, image="played", nodeSelector=LABEL, tolerations=TOLERATIONS
        )
        body["spec"]["ttlSecondsAfterFinished"] = _KEPT_SECONDS
        async with self._kube.post(self._path, json=body) as answer:
            answer.raise_for_status()
            return str((await answer.json())["metadata"]["name"])

    async def follow(self) -> None:
        async for job in watched(self._kube, self._path):
            if job["status"].get("completionTime"):
                self.ended.setdefault(job["metadata"]["name"], time.monotonic())

    async def are_gone(self) -> bool:
        pods = f"/api/v1/namespaces/{RUNS}/pods"
        return not await _exist(self._kube, self._path) and not await _exist(self._kube, pods)


class _Executions:
    """A thousand executions of one notebook, over REST."""

    def __init__(self, kube: aiohttp.ClientSession, podbook: Installed) -> None:
        self._kube = kube
        self._url = str(podbook.http.base_url).rstrip("/") + "/v1/notebooks/played/executions"
        self._headers = {"Authorization": podbook.http.headers["Authorization"]}
        self._runners = PlayedRunners(kube, namespace=RUNS, intake_url=podbook.intake_url)
        self.ended = self._runners.ended

    async def create(self) -> str:
        body: dict[str, Any] = {"parameters": {}}
        async with self._kube.post(self._url, json=body, headers=self._headers) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])

    async def follow(self) -> None:
        await self._runners.play()

    async def are_gone(self) -> bool:
        group, _, version = names.API_VERSION.partition("/")
        path = f"/apis/{group}/{version}/namespaces/{RUNS}/{names.EXECUTION_PLURAL}"
        pods = f"/api/v1/namespaces/{RUNS}/pods"
        query = {"labelSelector": names.EXECUTION_LABEL}
        mine = {"fieldSelector": "spec.notebook.name=played"}
        return not await _exist(self._kube, path, **mine) and not await _exist(
            self._kube, pods, **query
        )


async def _burst(count: int, load: "_Jobs | _Executions", players: list[int]) -> Burst:
    following = asyncio.create_task(load.follow())
    used, played, began = _cpu(), sum(map(cpu_seconds, players)), time.monotonic()
    created: dict[str, float] = {}
    turns = itertools.repeat(None, count)

    async def submit() -> None:
        for _ in turns:
            asked = time.monotonic()
            created[await load.create()] = asked

    await asyncio.gather(*(submit() for _ in range(_AT_ONCE)))
    await _until(lambda: _true(created.keys() <= load.ended.keys()), following)
    await _until(load.are_gone, following)
    after, played = _cpu(), sum(map(cpu_seconds, players)) - played
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    ends = [load.ended[name] for name in created]
    waits = sorted(load.ended[name] - asked for name, asked in created.items())
    cpu = {part: after[part] - used[part] for part in after}
    return Burst(max(ends) - began, waits, cpu, played)


async def _true(value: bool) -> bool:
    return value


async def _until(holds: Callable[[], Awaitable[bool]], following: "asyncio.Task[None]") -> None:
    end = time.monotonic() + _LONGEST_SECONDS
    while not await holds():
        if following.done():
            following.result()
        assert time.monotonic() < end, "not done in time"
        await asyncio.sleep(0.5)


async def _exist(kube: aiohttp.ClientSession, path: str, **query: str) -> bool:
    async with kube.get(path, params={"limit": "1", **query}) as answer:
        answer.raise_for_status()
        return bool((await answer.json())["items"])


def _cpu() -> dict[str, float]:
    """Return the CPU seconds that each part has used so far."""
    pids = json.loads(place.PIDS.read_text())
    used = {part: cpu_seconds(pids[part]) for part in _CONTROL_PLANE}
    listed = json.loads(kubectl("get", "pods", "-n", NAMESPACE, "-ojson"))["items"]
    for pod in listed:
        part = f"podbook {pod['metadata']['labels']['app.kubernetes.io/component']}"
        used[part] = sum(map(cpu_seconds, pod_processes.of(pod["metadata"]["uid"])))
    return used


@asynccontextmanager
async def _kubernetes() -> AsyncIterator[aiohttp.ClientSession]:
    server, context = certified(place.KUBECONFIG)
    connector = aiohttp.TCPConnector(ssl=context, limit=0)
    async with aiohttp.ClientSession(server, connector=connector, read_bufsize=2**22) as session:
        yield session


def _print(jobs: Burst, executions: Burst) -> None:
    limits = os.environ.get("PODBOOK_CLUSTER_QPS", "stock")
    print(f"{COUNT:,} at once; client limits of controllers and scheduler: {limits} a second")
    print("| | completed/s | create to done p50, p99 | control-plane CPU per run |")
    print("|---|---|---|---|")
    for name, burst in (("Jobs", jobs), ("executions, with API and operator", executions)):
        p50, p99 = statistics.median(burst.waits), burst.waits[int(len(burst.waits) * 0.99)]
        cost = 1000 * sum(burst.cpu.values()) / COUNT
        rate = COUNT / burst.seconds
        print(f"| {name} | {rate:.0f} | {p50:.1f} s, {p99:.1f} s | {cost:.1f} ms |")
    ratio = sum(executions.cpu.values()) / sum(jobs.cpu.values())
    print(f"\nCPU of executions: {ratio:.2f} x the Jobs'. Per run, in ms:\n")
    print(f"| | {' | '.join(executions.cpu)} |\n|---|{'---|' * len(executions.cpu)}")
    for name, burst in (("Jobs", jobs), ("executions", executions)):
        print(f"| {name} | {' | '.join(f'{1000 * s / COUNT:.1f}' for s in burst.cpu.values())} |")
    print("\nPods are played: kwok says that they run; a played runner claims, uploads one file,")
    print("hands in a result and writes the pod's last status. Until all is deleted again.")
    took = (1000 * burst.players_cpu / COUNT for burst in (jobs, executions))
    print("Beside that the players took {:.1f} and {:.1f} ms a run of the same CPUs.".format(*took))


if __name__ == "__main__":
    main()
