"""Events go after an hour, unless they go on happening."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from podbook_cluster.apiserver.serve.application import Application, Options
from podbook_cluster.apiserver.storage.folders import DataFolder
from podbook_cluster.apiserver.terms import clock
from podbook_cluster.apiserver.terms.calls import internal
from podbook_cluster.apiserver.terms.resources import EVENTS
from podbook_cluster.apiserver.write.expiry import sweep


def _an_event(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "default"},
        "involvedObject": {"namespace": "default"},
        **fields,
    }


async def test_events_expire(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    application = Application(folder, Options(tmp_path / "pods"))
    objects, store = application.objects, application.store
    for event in (
        _an_event("old", lastTimestamp=clock.after(-4000)),
        _an_event("new", lastTimestamp=clock.after(-10)),
        _an_event("series", series={"count": 2, "lastObservedTime": clock.after(-10)}),
        _an_event("just-made"),
    ):
        objects.create(internal(EVENTS, "default", ""), event)

    sweep(store, objects, 3600)

    assert [record.name for record in store.scan(EVENTS, "default")] == [
        "just-made",
        "new",
        "series",
    ]
    work = asyncio.create_task(application.run())
    await store.durable(store.revision)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    await application.close()
    folder.release()
