"""Events on executions: few, counted, and never in the way."""

import asyncio
from collections.abc import Mapping
from typing import Any

from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Refused
from podbook_operator.cluster import Cluster
from podbook_operator.notifications.events import Events
from rig.until import until
from tests.support.views import NOW, an_execution


class Recorder:
    """A Kubernetes API that takes everything and remembers it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.has_forgotten = False

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        self.asked.append((method, path, body))
        if method == "PATCH" and self.has_forgotten:
            raise Refused("no such event", status=404)
        metadata = {"namespace": "default", "resourceVersion": "1"}
        return {**body, "metadata": {**body.get("metadata", {}), **metadata}}


async def posted(*reasons: Reason | None, recorder: Recorder) -> list[str]:
    """Note these states, one after the other; return the verbs that were used."""
    events = Events(Cluster(recorder), now=lambda: NOW, instance="here")
    for reason in reasons:
        events.note(an_execution(phase=Phase.QUEUED, reason=reason), Phase.QUEUED)
    # Whatever is posted at last is known to be the last.
    events.note(an_execution(name="marker", reason=Reason.EVICTED), Phase.QUEUED)
    task = asyncio.create_task(events.run())
    await until(lambda: any("marker" in str(body) for _, _, body in recorder.asked))
    task.cancel()
    return [method for method, _, body in recorder.asked if "marker" not in str(body)]


async def test_the_same_again_is_one_event_with_a_count() -> None:
    recorder = Recorder()
    again = Reason.START_FAILED

    assert await posted(again, again, again, recorder=recorder) == ["POST", "PATCH", "PATCH"]
    _, path, body = recorder.asked[2]
    assert path.rpartition("/")[2] == recorder.asked[0][2]["metadata"]["name"]
    assert body["series"]["count"] == 3


async def test_an_event_that_the_server_has_forgotten_is_posted_anew() -> None:
    recorder = Recorder()
    recorder.has_forgotten = True
    again = Reason.START_FAILED

    assert await posted(again, again, recorder=recorder) == ["POST", "PATCH", "POST"]


async def test_what_is_nobodys_fault_is_no_event() -> None:
    reasons = [None, Reason.WAITING_FOR_SLOT, Reason.CANCELLED, Reason.NOTEBOOK_COMPLETED]

    assert await posted(*reasons, recorder=Recorder()) == []


async def test_what_comes_too_fast_is_left_out_and_counted() -> None:
    events = Events(Cluster(Recorder()), now=lambda: NOW, instance="here")

    for _ in range(1000):
        events.note(an_execution(reason=Reason.EVICTED), Phase.QUEUED)

    assert events.left_out == 800
