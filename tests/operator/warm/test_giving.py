"""A pod that waits is given to one attempt, or to none: whatever the API server answers."""

from collections.abc import Callable
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest

from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.cluster import Cluster
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.manifest import Manifest, Site, build
from podbook_operator.pod.state import read
from podbook_operator.rules.view import View
from podbook_operator.warm.giving import Giving
from podbook_operator.warm.manifest import usual_manifest, usual_terms, waiting
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import NotebookKey
from tests.support.views import NOW, a_notebook, a_view, an_execution, failed

SITE, CONFIG = Site("http://intake", "runner", "kernel"), OperatorConfig()


class Api:
    """A Kubernetes API with one waiting pod; faults are answered before, or instead of, a patch."""

    def __init__(self, pod: Manifest) -> None:
        self.pod = pod
        self.faults: list[Exception] = []
        self.is_lost = False
        self.patches = 0

    async def ask(self, method: str, path: str, *, body: Any = None, **_: Any) -> Manifest:
        if method == "PATCH":
            self.patches += 1
            if self.faults:
                raise self.faults.pop()
            self._patch(body)
            if self.is_lost:
                raise ClusterUnavailable("no answer")
        return self.pod

    def _patch(self, patch: list[Manifest]) -> None:
        for step in patch:
            *way, last = [
                part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]
            ]
            place = self.pod
            for part in way:
                place = place[part]
            if step["op"] == "test" and place.get(last) != step["value"]:
                raise Refused("the test failed", status=422)
            place[last] = step["value"]
        self.pod["metadata"]["resourceVersion"] += "0"


def a_waiting_pod(notebook: Any) -> Manifest:
    manifest = usual_manifest(notebook, usual_terms(notebook, CONFIG), SITE, CONFIG)
    made = waiting(manifest, notebook, notebook.spec.warm, name="nbx-warm-1")
    stored = {"uid": "warm-1", "resourceVersion": "20", "creationTimestamp": NOW.isoformat()}
    prepared = {"type": names.PREPARED_CONDITION, "status": "True"}
    return {
        **made,
        "metadata": {**made["metadata"], **stored},
        "status": {"phase": "Running", "conditions": [prepared]},
    }


class World:
    def __init__(self, **spec: Any) -> None:
        self.notebook = a_notebook(warm=Warm(min=1))
        self.api = Api(a_waiting_pod(self.notebook))
        self.cache = Cache()
        self.cache.put_notebook(self.notebook)
        self.cache.put_pod(read(self.api.pod))
        self.started: list[Any] = []
        self.giving = self.told(self.started.append)
        self.view = self.viewed(**spec)

    def told(self, started: Callable[[NotebookKey], None]) -> Giving:
        """Return what gives, and tells of each call."""
        return Giving(
            Cluster(cast(Any, self.api)),
            self.cache,
            now=lambda: NOW,
            started=started,
            make_room=AsyncMock(return_value=False),
        )

    def viewed(self, **fields: Any) -> View:
        return a_view(an_execution(**fields), notebook=self.notebook)

    async def give(self, view: View | None = None) -> str | None:
        seen = view or self.view
        manifest = build(seen.execution, seen.terms, attempt=1, site=SITE, config=CONFIG)
        given = await self.giving.give(seen, manifest)
        return given.name if given else None


async def test_a_pod_that_waits_becomes_the_attempts_own() -> None:
    world = World()

    assert await world.give() == "nbx-warm-1"

    metadata = world.api.pod["metadata"]
    assert metadata["labels"][names.EXECUTION_LABEL] == "uid-of-run"
    assert metadata["labels"][names.ATTEMPT_LABEL] == "1"
    assert metadata["labels"][names.WARM_LABEL] == names.WARM_GIVEN
    assert metadata["ownerReferences"][0]["uid"] == "uid-of-run"
    assert metadata["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
    (own,) = world.cache.pods("uid-of-run")
    assert (own.created, own.scheduled_at, own.attempt) == (NOW, NOW, 1)


async def test_it_is_given_once() -> None:
    world = World()
    await world.give()
    other = a_view(an_execution(name="other"), notebook=world.notebook)

    assert await world.give(other) is None
    assert world.api.patches == 1


async def test_what_another_operator_gave_meanwhile_is_not_given() -> None:
    world = World()
    world.api.pod["metadata"]["labels"][names.WARM_LABEL] = names.WARM_GIVEN

    assert await world.give() is None
    assert world.cache.idle_pods(("default", "report")) == []  # type: ignore[arg-type]


async def test_what_was_on_its_way_out_gives_nothing() -> None:
    world = World()
    world.api.pod["metadata"]["deletionTimestamp"] = NOW.isoformat()

    assert await world.give() is None
    assert world.api.patches == 1


async def test_the_call_is_told_of_when_the_pod_is_no_more_among_those_that_wait() -> None:
    world, left = World(), list[int]()
    world.giving = world.told(lambda key: left.append(len(world.cache.idle_pods(key))))

    await world.give()

    assert left == [0]


async def test_a_lost_answer_is_looked_up_before_another_pod_is_had() -> None:
    world = World()
    world.api.is_lost = True
    with pytest.raises(ClusterUnavailable):
        await world.give()

    assert await world.give() == "nbx-warm-1"
    assert world.api.patches == 1


async def test_where_nothing_arrived_the_pod_is_given_after_all() -> None:
    world = World()
    world.api.faults = [ClusterUnavailable("not sent")]
    with pytest.raises(ClusterUnavailable):
        await world.give()

    assert await world.give() == "nbx-warm-1"
    assert world.api.patches == 2


async def test_without_the_right_to_it_the_pod_goes_on_waiting() -> None:
    world = World()
    world.api.faults = [Refused("pods is forbidden", status=403)]

    assert await world.give() is None
    assert len(world.cache.idle_pods(("default", "report"))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        {"runtime": {"kernel": "other"}},
        {"runtime": {"resources": {"limits": {"memory": "2Gi"}}}},
        {"runtime": {"env": [{"name": "A", "value": "1"}]}},
        {"startTimeoutSeconds": 7},
        {"deadlineSeconds": 7200},
    ],
)
async def test_a_call_that_wants_another_pod_is_given_none(call: dict[str, Any]) -> None:
    assert await World(**call).give() is None


async def test_a_call_with_less_time_is_given_one() -> None:
    assert await World(deadlineSeconds=60).give() == "nbx-warm-1"


async def test_after_an_idle_pod_that_failed_the_next_is_made_for_the_call() -> None:
    world = World()
    view = world.viewed(attempts=[failed(warm=True)])

    assert await world.give(view) is None


async def test_another_version_of_the_notebook_has_none_of_them() -> None:
    world = World()
    changed = a_notebook(source={"ipynb": "{ }"}, warm=Warm(min=1))
    newer = changed.model_copy(update={"resource_version": "6"})
    world.cache.put_notebook(newer)

    assert await world.give(a_view(an_execution(), notebook=newer)) is None


async def test_calls_of_notebooks_that_keep_none_cost_nothing() -> None:
    world = World()
    plain = a_notebook().model_copy(update={"resource_version": "6"})
    world.cache.put_notebook(plain)

    assert await world.give(a_view(an_execution(), notebook=plain)) is None
    assert world.started == []
