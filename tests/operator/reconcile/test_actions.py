"""What carrying a decision out means for those that come after it."""

from datetime import datetime
from typing import Any, cast
from unittest.mock import AsyncMock

from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import ExecutionStatus
from podbook_operator.cluster import Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.pod.manifest import Site
from podbook_operator.reconcile.actions import Actions
from podbook_operator.reconcile.pause import FAILURES, Admission
from podbook_operator.reconcile.slots import Slots
from podbook_operator.reconcile.turns import Turns
from podbook_operator.reconcile.world import World
from podbook_operator.rules.attempts import closed, waiting
from podbook_operator.rules.endings import of_unclaimed
from podbook_operator.rules.view import Decision, View
from podbook_operator.warm.giving import Giving
from podbook_operator.watch.cache import Cache, key_of
from tests.support.views import NOW, a_view, an_ended_pod, an_execution, failed

NO_INTAKE = RunResult(reason=Reason.INTAKE_UNAVAILABLE)


class Api:
    """A Kubernetes API that takes every status of one execution."""

    def __init__(self, view: View) -> None:
        self._spec = view.execution.spec.to_wire()

    async def ask(self, method: str, path: str, *, body: Any, **_: Any) -> dict[str, Any]:
        assert (method, path.rpartition("/")[2]) == ("PATCH", "status")
        metadata = {"namespace": "default", "name": "run", "uid": "uid-of-run"}
        status = body[1]["value"]
        return {
            "metadata": {**metadata, "resourceVersion": "11"},
            "spec": self._spec,
            "status": status,
        }


async def paused_by(view: View, status: ExecutionStatus) -> datetime | None:
    """Write the status as often as would pause; return until when nothing is made now."""
    admission, cache = Admission(), Cache()
    cluster, config = Cluster(cast(Any, Api(view))), ConfigFile(None)
    giving = Giving(
        cluster,
        cache,
        now=lambda: NOW,
        started=lambda _: None,
        make_room=AsyncMock(return_value=False),
    )
    world = World(cluster, cache, config, lambda: NOW, lambda _: None)
    turns = Turns(world, Slots(), admission)
    actions = Actions(world, turns, site=Site("", "", ""), giving=giving)
    for _ in range(FAILURES):
        await actions.carry_out(key_of(view.execution), view, Decision(status))
    return admission.paused_until(NOW)


async def test_attempts_that_could_not_reach_the_intake_pause_new_pods() -> None:
    pod = an_ended_pod(result=NO_INTAKE)
    view = a_view(an_execution(), pod)

    assert await paused_by(view, closed(view, pod, of_unclaimed(pod))) is not None


async def test_one_such_attempt_counts_once_however_often_its_execution_is_written() -> None:
    attempts = [failed(reason=Reason.INTAKE_UNAVAILABLE)]
    view = a_view(an_execution(reason=Reason.INTAKE_UNAVAILABLE, attempts=attempts))

    assert await paused_by(view, waiting(view, Reason.WAITING_FOR_SLOT)) is None
