"""An operator that waits, for the Lease or for the API server, is alive and can be stopped."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kubernetes.aio.client import ApiClient, ApiException

from podbook_kube.connection import Connection
from podbook_operator import __main__ as process
from podbook_operator.process.health import Health
from podbook_operator.process.lease import Leadership
from podbook_operator.settings import Settings
from rig.embedded import EmbeddedCluster
from rig.operators import CONFIG, operating
from rig.until import until

WON = "won the Lease"
WAITS = "waits for the Lease"


class Leases:
    """The Kubernetes API of one Lease, which somebody changes before it can be written once."""

    def __init__(self, holder: str) -> None:
        self.lease = SimpleNamespace(spec=SimpleNamespace(holder_identity=holder))
        self.conflicts = 1

    async def read_namespaced_lease(self, *_: str) -> Any:
        spec = vars(self.lease.spec) | dict.fromkeys(
            ("lease_duration_seconds", "acquire_time", "renew_time")
        )
        return SimpleNamespace(spec=SimpleNamespace(**spec))

    async def replace_namespaced_lease(self, _name: str, _namespace: str, lease: Any) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise ApiException(status=409)
        self.lease = lease


@pytest.fixture
def unanswered(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """An operator whose API server is not there."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        '{"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user":'
        ' "u"}}], "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],'
        ' "users": [{"name": "u", "user": {"token": "t"}}]}'
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "podbook_operator"],
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "PODBOOK_INTAKE_URL": "http://127.0.0.1:9",
            "PODBOOK_RUNNER_IMAGE": "runner",
            "PODBOOK_KERNEL_IMAGE": "kernel",
        },
    )
    with running:
        yield running
        running.kill()


async def test_one_that_waits_for_long_is_not_taken_for_one_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    health = Health(clock=lambda: now[0])

    async def somewhere(_: Path | None) -> Connection:
        return Connection("http://127.0.0.1:9", tls=True, authorization=_nobody)

    monkeypatch.setattr(process, "Health", lambda: health)
    monkeypatch.setattr(process, "connect", somewhere)
    monkeypatch.setattr(process, "Operation", _Waits)
    settings = Settings(intake_url="", runner_image="", kernel_image="")
    waiting = asyncio.create_task(process._operate(settings))
    try:
        await asyncio.sleep(0)
        now[0] = 1000.0
        assert health.problems() == ["the event loop has hung for 1000 s"]
        await until(lambda: health.problems() == [])
    finally:
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting


def test_one_that_waits_for_the_api_server_ends_when_it_is_told_to(
    unanswered: "subprocess.Popen[bytes]",
) -> None:
    assert unanswered.stderr is not None
    said = b""
    while b"waiting for the Kubernetes API" not in said:
        said += (line := unanswered.stderr.readline())
        assert line, said
    unanswered.send_signal(signal.SIGTERM)

    assert unanswered.wait(60) == 0


async def test_one_that_stands_by_ends_when_it_is_told_to(cluster: EmbeddedCluster) -> None:
    with (
        operating(cluster, config=CONFIG, PODBOOK_LEASE="standby") as first,
        operating(cluster, config=CONFIG, PODBOOK_LEASE="standby") as second,
    ):
        leader = await until(lambda: next((o for o in (first, second) if WON in o.logged()), None))
        other = second if leader is first else first
        await until(lambda: WAITS in other.logged())
        lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/standby"
        holder = cluster.request("GET", lease)[1]["spec"]["holderIdentity"]
        other.process.send_signal(signal.SIGTERM)

        assert other.process.wait(60) == 0
        assert cluster.request("GET", lease)[1]["spec"]["holderIdentity"] == holder
    cluster.request("DELETE", lease)


async def test_a_renewal_on_its_way_does_not_keep_a_lease_from_being_given_up() -> None:
    leases = Leases(holder="me")
    leadership = Leadership(
        cast(ApiClient, None), name="operator", namespace="default", identity="me"
    )
    leadership._lock.api_instance = cast(Any, leases)

    await leadership.give_up()

    assert leases.lease.spec.holder_identity is None


class _Waits:
    """Stands for an operation that waits for the API server's first answer."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    async def run(self, _told: asyncio.Event) -> None:
        await asyncio.Event().wait()


async def _nobody() -> None:
    return None
