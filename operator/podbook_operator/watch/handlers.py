"""Hands what kopf's watches deliver to the feeds; the only module that knows kopf.

Only kopf.on.event is used: it puts no finalizer and no annotation on an execution, so an execution
can always be deleted while the operator is down. kopf forgets an error that is raised in such a
handler; nothing of ours is done here, so nothing is lost.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import aiohttp

from podbook_crds.ends.phases import UNFINISHED_SELECTOR
from podbook_crds.errors import PodbookError
from podbook_crds.names import (
    EXECUTION_LABEL,
    EXECUTION_PLURAL,
    GROUP,
    NOTEBOOK_PLURAL,
    VERSION,
)
from podbook_kube.backoff import pauses
from podbook_kube.connection import Connection
from podbook_kube.objects import Resource
from podbook_operator.cluster import EXECUTIONS, NOTEBOOKS, PODS
from podbook_operator.watch.resync import Relist
from podbook_operator.watch.watch_events import Feeds, Raw
from podbook_operator.watch.watch_lag import Expectations


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Let nothing import the package meanwhile."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = cast(Any, None)
    yield
    del sys.modules[package]


# kopf imports the official client where it is installed, to take its models for objects. We hand
# it none, and that import costs half of the time in which `podbook up` has to be ready.
with _without("kubernetes"):
    import kopf

Take = Callable[[Raw], None]

log = logging.getLogger(__name__)

# Projected tokens are renewed in their file; kopf reads the file again when this has passed.
_LOGIN_AGE: Final = timedelta(minutes=10)


class _NoDiff(kopf.DiffBaseStorage):
    """Nothing to compare with: kopf would copy the whole body on every event."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> Any:
        return {}

    def fetch(self, *, body: kopf.Body) -> None:
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: Any) -> None:
        return None


class _NoProgress(kopf.ProgressStorage):
    """Nothing to remember: no handler of ours is ever retried."""

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        return None

    purge = touch = store

    def clear(self, *, essence: Any) -> Any:
        return essence


def registry(
    feeds: Feeds,
    relist: Relist,
    expectations: Expectations,
    connect: Callable[[], Awaitable[Connection]],
) -> kopf.OperatorRegistry:
    """Return the handlers; an event without a type comes from a list, so a watch began anew.

    All are coroutines: kopf would run plain functions in threads, beside the loop's own work.
    """
    handlers = kopf.OperatorRegistry()

    def hand(resource: Resource, event: Any, changed: Take, left: Take) -> None:
        raw = event["object"]
        (left if event["type"] == "DELETED" else changed)(raw)
        metadata = raw["metadata"]
        expectations.deliver(resource, metadata["namespace"], metadata["resourceVersion"])
        if event["type"] is None:
            relist.ask()

    @kopf.on.login(registry=handlers)
    async def login(**_: Any) -> kopf.AiohttpSession:
        return await _session(connect)

    @kopf.on.event(GROUP, VERSION, EXECUTION_PLURAL, registry=handlers)
    async def execution_changed(event: Any, **_: Any) -> None:
        hand(EXECUTIONS, event, feeds.execution, feeds.execution_left)

    @kopf.on.event("v1", "pods", labels={EXECUTION_LABEL: kopf.PRESENT}, registry=handlers)
    async def pod_changed(event: Any, **_: Any) -> None:
        hand(PODS, event, feeds.pod, feeds.pod_left)

    @kopf.on.event(GROUP, VERSION, NOTEBOOK_PLURAL, registry=handlers)
    async def notebook_changed(event: Any, **_: Any) -> None:
        hand(NOTEBOOKS, event, feeds.notebook, feeds.notebook_left)

    return handlers


async def _session(connect: Callable[[], Awaitable[Connection]]) -> kopf.AiohttpSession:
    """Let kopf use the way to the cluster that all of us use, as soon as there is one."""
    for seconds in pauses():
        try:
            connection = await connect()
            authorization = await connection.authorization()
            break
        except (PodbookError, OSError) as error:
            log.warning("%s", error)
            await asyncio.sleep(seconds)
    return kopf.AiohttpSession(
        server=connection.url,
        aiohttp_session=aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=connection.tls),
            headers={"Authorization": authorization} if authorization else {},
        ),
        expiration=datetime.now(UTC) + _LOGIN_AGE,
    )


def settings() -> kopf.OperatorSettings:
    """Return kopf's settings: no writes of its own, and watches that notice when they are dead."""
    chosen = kopf.OperatorSettings()
    chosen.peering.standalone = True
    chosen.posting.enabled = False
    # No watching of CRDs and namespaces: the resources are fixed.
    chosen.scanning.disabled = True
    chosen.persistence.diffbase_storage = _NoDiff()
    chosen.persistence.progress_storage = _NoProgress()
    chosen.watching.label_selectors["v1", "pods"] = EXECUTION_LABEL
    chosen.watching.field_selectors[GROUP, VERSION, EXECUTION_PLURAL] = UNFINISHED_SELECTOR
    chosen.watching.server_timeout = 240
    chosen.watching.connect_timeout = 5
    chosen.watching.inactivity_timeout = 70
    chosen.watching.chunk_size = 500
    chosen.networking.request_timeout = 30
    chosen.networking.error_backoffs = (0.1, 0.2, 0.5, 1, 2, 4, 8)
    chosen.networking.enforce_retry_after = True
    # A worker keeps its slot while it idles: a limit would make a burst wait for idle workers.
    chosen.queueing.worker_limit = None
    chosen.queueing.idle_timeout = 0.5
    chosen.queueing.exit_timeout = 1
    return chosen


async def run(
    handlers: kopf.OperatorRegistry, *, namespaces: list[str], is_watching: asyncio.Event
) -> None:
    """Watch until cancelled; raise where watching became impossible.

    is_watching is set once kopf has put up its signal handlers: ours may replace them again.
    """
    await kopf.operator(
        ready_flag=is_watching,
        registry=handlers,
        settings=settings(),
        standalone=True,
        clusterwide=not namespaces,
        namespaces=namespaces,
    )
