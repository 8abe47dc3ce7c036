"""kopf operators against the embedded cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import kopf
import pytest

from rig.embedded import EmbeddedCluster
from rig.kube_client import Kube, unique
from rig.until import until
from rig.widgets import a_widget
from tests.local.apiserver.conftest import WIDGETS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:kopf")


@asynccontextmanager
async def _operator(
    cluster: EmbeddedCluster, register: Callable[[kopf.OperatorRegistry], None]
) -> AsyncIterator[None]:
    """Run an operator with the handlers that `register` adds."""
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(server=cluster.url, token=cluster.token)

    register(registry)
    stop, ready = asyncio.Event(), asyncio.Event()
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.queueing.exit_timeout = 1
    running = asyncio.create_task(
        kopf.operator(
            registry=registry,
            settings=settings,
            namespaces=["default"],
            standalone=True,
            stop_flag=stop,
            ready_flag=ready,
        )
    )
    async with asyncio.timeout(20):
        await ready.wait()
    yield
    stop.set()
    async with asyncio.timeout(20):
        await running


async def test_events_of_objects_that_were_there_and_that_come(
    cluster: EmbeddedCluster, kube: Kube
) -> None:
    seen: list[tuple[str | None, str]] = []

    def register(registry: kopf.OperatorRegistry) -> None:
        @kopf.on.event("widgets", registry=registry)
        def changed(type: str | None, name: str, **_: Any) -> None:  # noqa: A002
            seen.append((type, name))

    old, new = unique("old"), unique("new")
    kube.create(WIDGETS, a_widget(old))
    async with _operator(cluster, register):
        await until(lambda: (None, old) in seen, what="the first list")
        await asyncio.to_thread(kube.create, WIDGETS, a_widget(new))
        await until(lambda: ("ADDED", new) in seen, what="the new object")
        await asyncio.to_thread(kube.delete, f"{WIDGETS}/{new}")
        await until(lambda: ("DELETED", new) in seen, what="its deletion")


async def test_handlers_that_need_finalizers_and_annotations(
    cluster: EmbeddedCluster, kube: Kube
) -> None:
    deleted: list[str] = []

    def register(registry: kopf.OperatorRegistry) -> None:
        @kopf.on.create("widgets", registry=registry)
        def created(patch: kopf.Patch, name: str, **_: Any) -> None:
            patch.status["output"] = {"made": name}

        @kopf.on.delete("widgets", registry=registry)
        def gone(name: str, **_: Any) -> None:
            deleted.append(name)

    name = unique("w")
    async with _operator(cluster, register):
        await asyncio.to_thread(kube.create, WIDGETS, a_widget(name))

        def output() -> Any:
            return kube.get(f"{WIDGETS}/{name}").body["status"].get("output")

        assert await until(lambda: asyncio.to_thread(output), what="the output") == {"made": name}
        await asyncio.to_thread(kube.delete, f"{WIDGETS}/{name}")
        await until(lambda: name in deleted, what="the handler of the deletion")
        await until(
            lambda: asyncio.to_thread(lambda: kube.get(f"{WIDGETS}/{name}").status == 404),
            what="the object's end",
        )


async def test_a_final_object_leaves_a_selected_watch(cluster: EmbeddedCluster, kube: Kube) -> None:
    seen: list[tuple[str | None, str]] = []

    def register(registry: kopf.OperatorRegistry) -> None:
        @kopf.on.startup(registry=registry)
        def select(settings: kopf.OperatorSettings, **_: Any) -> None:
            settings.watching.field_selectors["test.podbook.dev", "v1", "widgets"] = (
                "status.phase!=Done"
            )

        @kopf.on.event("widgets", registry=registry)
        def changed(type: str | None, name: str, **_: Any) -> None:  # noqa: A002
            seen.append((type, name))

    name = unique("w")
    async with _operator(cluster, register):
        await asyncio.to_thread(kube.create, WIDGETS, a_widget(name))
        await until(lambda: any(item == name for _, item in seen), what="the object")
        await asyncio.to_thread(
            kube.patch, f"{WIDGETS}/{name}/status", {"status": {"phase": "Done"}}
        )
        await until(lambda: ("DELETED", name) in seen, what="its leaving")

    assert kube.get(f"{WIDGETS}/{name}").body["status"]["phase"] == "Done"


async def test_a_watch_that_expired_lists_again(cluster: EmbeddedCluster, kube: Kube) -> None:
    seen: list[tuple[str | None, str]] = []

    def register(registry: kopf.OperatorRegistry) -> None:
        @kopf.on.event("widgets", registry=registry)
        def changed(type: str | None, name: str, **_: Any) -> None:  # noqa: A002
            seen.append((type, name))

    first, second = unique("w"), unique("w")
    kube.create(WIDGETS, a_widget(first))
    async with _operator(cluster, register):
        await until(lambda: (None, first) in seen, what="the first list")
        await asyncio.to_thread(
            kube.create, kube.path("configmaps"), {"metadata": {"name": second}}
        )
        await asyncio.to_thread(cluster.compact)
        await asyncio.to_thread(cluster.drop_watches)
        await asyncio.to_thread(kube.create, WIDGETS, a_widget(second))

        await until(lambda: any(item == second for _, item in seen), what="the later object")
