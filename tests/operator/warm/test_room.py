"""Calls come first: what waits for them makes room, and never asks for more than it may."""

from datetime import timedelta
from typing import Any, cast

import pytest
from pydantic import ValidationError

from podbook_crds import names
from podbook_crds.errors import Refused
from podbook_crds.resources.notebook import Condition, NotebookStatus
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.cluster import Cluster
from podbook_operator.config import ConfigFile, WarmLimits
from podbook_operator.pod.manifest import Site
from podbook_operator.pod.state import read
from podbook_operator.rules.refusals import after_refusal
from podbook_operator.warm.manifest import usual_manifest, usual_terms, waiting
from podbook_operator.warm.plan import room_for
from podbook_operator.warm.pools import Pools
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import NotebookKey
from tests.support.views import NOW, a_notebook, a_view, an_execution

SITE, CONFIG = Site("http://intake", "runner", "kernel"), ConfigFile(None)
QUOTA = Refused('pods "x" is forbidden: exceeded quota: small', status=403)
GIBIBYTE = 1024**3


class Api:
    """A Kubernetes API that makes pods and deletes them."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, method: str, path: str, *, body: Any = None, **_: Any) -> dict[str, Any]:
        self.asked.append(method)
        if method != "POST":
            return {}
        metadata = {"uid": f"uid-{len(self.asked)}", "resourceVersion": str(100 + len(self.asked))}
        made = {"creationTimestamp": NOW.isoformat(), **metadata}
        return {**body, "metadata": {**body["metadata"], **made}}


class World:
    def __init__(self) -> None:
        self.api, self.cache, self.now = Api(), Cache(), NOW
        is_ready = Condition(type="Ready", status="True", reason="Ready")
        status = NotebookStatus(conditions=[is_ready])
        self.notebook = a_notebook(warm=Warm(min=1)).model_copy(update={"status": status})
        self.cache.put_notebook(self.notebook)
        self.pools = Pools(
            Cluster(cast(Any, self.api)),
            self.cache,
            site=SITE,
            config=CONFIG,
            now=lambda: self.now,
        )
        self.key = NotebookKey(self.notebook.namespace, self.notebook.name)


async def test_a_quota_without_room_for_a_call_ends_what_waits_there_for_a_minute() -> None:
    world = World()
    await world.pools.reconcile(world.key)
    assert world.api.asked == ["POST"]

    assert await world.pools.make_room(world.notebook.namespace)
    look_again = await world.pools.reconcile(world.key)

    assert world.api.asked == ["POST", "DELETE"]
    stands = world.pools.standing(world.key)
    assert (stands and stands.reason) == "QuotaExceeded"
    assert look_again == NOW + timedelta(minutes=1)
    # On its way out it still takes the room; it is not ended twice.
    assert await world.pools.make_room(world.notebook.namespace)
    assert not await world.pools.make_room("elsewhere")
    world.now += timedelta(seconds=61)
    await world.pools.reconcile(world.key)
    assert world.api.asked == ["POST", "DELETE", "POST"]


async def test_pods_of_before_a_flush_go_and_others_come() -> None:
    world = World()
    await world.pools.reconcile(world.key)
    told = {names.WARM_FLUSH_ANNOTATION: "since a Secret changed"}
    newer = {"annotations": told, "resource_version": "6"}
    world.cache.put_notebook(world.notebook.model_copy(update=newer))

    await world.pools.reconcile(world.key)
    await world.pools.reconcile(world.key)

    assert world.api.asked == ["POST", "DELETE", "POST"]


def test_the_call_is_tried_again_as_soon_as_they_are_gone() -> None:
    view = a_view(an_execution())
    waits = [after_refusal(view, QUOTA, is_clearing=is_clearing) for is_clearing in (True, False)]

    seconds = [(w.look_again_at - NOW).total_seconds() for w in waits if w and w.look_again_at]
    assert seconds == [1.5, 10]


def test_what_waits_asks_for_no_more_memory_than_it_may() -> None:
    budget: dict[str, Any] = {"total": 10, "idle": 2, "memory": 4 * GIBIBYTE}
    assert room_for(GIBIBYTE, used=2 * GIBIBYTE, **budget) == 2
    assert room_for(GIBIBYTE, used=5 * GIBIBYTE, **budget) == 0
    assert room_for(0, used=5 * GIBIBYTE, **budget) == 8
    assert room_for(GIBIBYTE, used=0, **{**budget, "memory": None}) == 8

    notebook = a_notebook(
        warm=Warm(), runtime={"resources": {"requests": {"memory": "1Gi"}, "limits": {"cpu": "1"}}}
    )
    held = usual_terms(notebook, CONFIG.current)
    manifest = usual_manifest(notebook, held, SITE, CONFIG.current)
    made = waiting(manifest, notebook, Warm(), name="nbx-warm-1")
    stored = {"uid": "u", "resourceVersion": "1", "creationTimestamp": NOW.isoformat()}
    pod = read({**made, "metadata": {**made["metadata"], **stored}})
    # The kernel's, and the runner's 128Mi.
    assert pod.requested_memory == GIBIBYTE + 128 * 1024**2


def test_a_budget_that_is_no_amount_is_refused() -> None:
    assert WarmLimits.model_validate({"memory": "8Gi"}).memory == "8Gi"
    with pytest.raises(ValidationError, match="no quantity"):
        WarmLimits.model_validate({"memory": "lots"})
