"""Removes events after an hour, as a Kubernetes API server does."""

import asyncio
from typing import Final

from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms import clock
from podbook_cluster.apiserver.terms.calls import DeleteOptions, internal
from podbook_cluster.apiserver.terms.resources import EVENTS
from podbook_cluster.apiserver.write.objects import Objects

EVENT_SECONDS: Final = 3600.0

_SWEEP_SECONDS: Final = 60.0


async def expire_events(store: Store, objects: Objects) -> None:
    """Sweep for ever."""
    while True:
        sweep(store, objects, EVENT_SECONDS)
        await asyncio.sleep(_SWEEP_SECONDS)


def sweep(store: Store, objects: Objects, seconds: float) -> None:
    """Remove the events that nobody wrote to for `seconds`."""
    for record in store.scan(EVENTS, ""):
        event = record.decode()
        series = event.get("series") or {}
        last = (
            series.get("lastObservedTime")
            or event.get("lastTimestamp")
            or event["metadata"]["creationTimestamp"]
        )
        if (clock.now() - clock.parse(last)).total_seconds() > seconds:
            call = internal(EVENTS, record.namespace, record.name)
            objects.delete(call, DeleteOptions(uid=record.uid))
