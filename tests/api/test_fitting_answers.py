"""Which execution answers which call: the rules, without a cluster."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.auth.rbac import User
from podbook_api.http.problems import Problem
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.submit.again import answer_key, freshness
from podbook_api.submit.again.fitness import Use, Wanted, use_of
from podbook_api.submit.again.reuse import Answered, Reuse, Served
from podbook_api.submit.calls import Request
from podbook_api.submit.making import Made
from podbook_api.submit.webhooks import WebhookRequest
from podbook_crds import names
from podbook_crds.calls.surfaces import Surface
from podbook_crds.errors import UnknownExecution
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import OutputValidation
from podbook_crds.resources.serving.answers import Cache, Scope

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
SCHEMA: dict[str, Any] = {"properties": {"n": {"type": "integer", "default": 1}}}
SPEC = {"notebook": {"name": "sums", "digest": DIGEST}, "parameters": {"n": 1}}
CACHE = Cache(max_age_seconds=600, failure_max_age_seconds=30)
SHARED = Cache(max_age_seconds=600, scope=Scope.SHARED)
ENDED = {"phase": "Succeeded", "reason": "NotebookCompleted"}


def resource(
    spec: dict[str, Any] | None = None, *, by: str | None = "ada", **fields: Any
) -> dict[str, Any]:
    name = fields.pop("name", str(uuid.uuid4()))
    submitted = {names.SUBMITTED_ANNOTATION: micro_time(fields.pop("submitted", NOW))}
    return {
        "metadata": {
            "namespace": "default",
            "name": name,
            "uid": f"uid-of-{name}",
            "creationTimestamp": "2026-11-28T11:00:00Z",
            "labels": fields.pop("labels", {}),
            "annotations": submitted | ({} if by is None else {names.CREATED_BY_ANNOTATION: by}),
            **fields.pop("metadata", {}),
        },
        "spec": SPEC if spec is None else spec,
        "status": fields,
    }


def ran(spec: dict[str, Any] | None = None, *, ago: float = 10, **fields: Any) -> Execution:
    """Return an execution that ended so many seconds ago."""
    at = {"finishedAt": micro_time(NOW - timedelta(seconds=ago))}
    return Execution.from_resource(resource(spec, **{**ENDED, **at, **fields}))


def going(spec: dict[str, Any] | None = None, **fields: Any) -> Execution:
    return Execution.from_resource(resource(spec, **fields))


def wanted(spec: dict[str, Any] = SPEC, cache: Cache = CACHE, **fields: Any) -> Wanted:
    draft = Execution.model_validate({"namespace": "", "name": "", "uid": "", "spec": spec})
    return Wanted(draft, SCHEMA, fields.pop("caller", "ada"), cache, **fields)


def other(**changes: Any) -> dict[str, Any]:
    return {**SPEC, **changes}


FAILED = {"phase": "Failed", "reason": "NotebookRaised"}
LOST = [{"type": "ArtifactsLost", "status": "True", "reason": "x"}]
CASES = [
    ("one that goes on", going(), wanted(), Use.MET),
    ("one that waits", going(phase="Queued"), wanted(), Use.MET),
    ("one that ended well", ran(), wanted(), Use.HIT),
    ("one as old as may be", ran(ago=600), wanted(), Use.HIT),
    ("one that is older", ran(ago=601), wanted(), Use.MISS),
    ("older than the call takes", ran(ago=20), wanted(max_age=10), Use.MISS),
    ("as old as the call takes", ran(ago=10), wanted(max_age=10), Use.HIT),
    ("a call that takes more than the notebook", ran(ago=601), wanted(max_age=9000), Use.MISS),
    ("a call that takes no age", ran(ago=0), wanted(max_age=0), Use.MISS),
    ("that call meets one that goes on", going(), wanted(max_age=0), Use.MET),
    ("no age at all", ran(ago=0), wanted(cache=Cache(max_age_seconds=0)), Use.MISS),
    ("an end far ahead of this clock", ran(ago=-4000), wanted(), Use.MISS),
    ("cells that raised", ran(**FAILED, ago=30), wanted(), Use.HIT),
    ("by a failure's own age", ran(**FAILED, ago=31), wanted(), Use.MISS),
    ("which is none unless said", ran(**FAILED, ago=0), wanted(cache=Cache()), Use.MISS),
    ("an output that did not fit", ran(phase="Failed", reason="OutputInvalid"), wanted(), Use.HIT),
    ("a kernel that died", ran(phase="Failed", reason="KernelDied"), wanted(), Use.MISS),
    ("a fault of the cluster", ran(phase="Failed", reason="PodLost"), wanted(), Use.MISS),
    ("one of ours", ran(phase="Failed", reason="InternalError"), wanted(), Use.MISS),
    ("a cancelled one", ran(phase="Cancelled", reason="Cancelled"), wanted(), Use.MISS),
    ("one that is being cancelled", going(other(cancel=True)), wanted(), Use.MISS),
    ("one that is being deleted", going(metadata={"deletionTimestamp": "x"}), wanted(), Use.MISS),
    ("lost artifacts", ran(conditions=LOST), wanted(), Use.MISS),
    ("a default spelled out", ran(other(parameters={})), wanted(), Use.HIT),
    ("kept as text", ran(other(parameters={}, parametersText='{"n": 1}')), wanted(), Use.HIT),
    ("text that is none", ran(other(parameters={}, parametersText="{")), wanted(), Use.MISS),
    ("1.0 is not 1", ran(other(parameters={}, parametersText='{"n": 1.0}')), wanted(), Use.MISS),
    ("other parameters", ran(other(parameters={"n": 2})), wanted(), Use.MISS),
    ("another notebook", ran(other(notebook={"name": "x", "digest": DIGEST})), wanted(), Use.MISS),
    ("another version", ran(other(notebook={"name": "sums"})), wanted(), Use.MISS),
    ("another deadline", ran(other(deadlineSeconds=1)), wanted(), Use.MISS),
    ("checked otherwise", ran(other(outputValidation="off")), wanted(), Use.MISS),
    ("an environment", ran(other(runtime={"env": [{"name": "A"}]})), wanted(), Use.MISS),
    ("one that is kept", ran(other(keep=True)), wanted(), Use.HIT),
    ("warnings asked for otherwise", ran(other(inputValidation="off")), wanted(), Use.HIT),
    ("another caller's", ran(by="bob"), wanted(), Use.MISS),
    ("nobody's, by kubectl", ran(by=None), wanted(), Use.MISS),
    ("another's, shared", ran(by="bob"), wanted(cache=SHARED), Use.HIT),
    ("kubectl's, shared", ran(by=None), wanted(cache=SHARED), Use.MISS),
]


@pytest.mark.parametrize(
    ("found", "asked", "use"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_there_answers_a_call_or_does_not(
    found: Execution, asked: Wanted, use: Use
) -> None:
    assert use_of(found, asked, NOW) is use


def key_of(spec: dict[str, Any], image: str = "a", caller: str | None = None) -> str:
    return answer_key.key(answer_key.terms(wanted(spec).draft, SCHEMA), image=image, caller=caller)


def test_a_key_is_the_same_for_the_same_and_for_nothing_else() -> None:
    keys = [
        key_of(SPEC),
        key_of(SPEC, image="b"),
        key_of(SPEC, caller="ada"),
        key_of(other(parameters={"n": 2})),
        key_of(other(parameters={}, parametersText='{"n": 1.0}')),
        key_of(other(runtime={"kernel": "r"})),
        key_of(other(notebook={"name": "sums", "digest": "sha256:" + "b" * 64})),
    ]

    assert len(set(keys)) == len(keys)
    assert key_of(other(parameters={})) == key_of(other(keep=True)) == keys[0]
    # Written into labels and names that other releases read: no change of code may move them.
    assert keys[0] == "3472af9c19808f698c7e035c3c210625d7e6bca4"
    assert answer_key.next_name(keys[0], None) == "e1ad8f65-973b-583a-89b9-0108bc74efa4"
    assert answer_key.next_name(keys[0], going(name="x")) != answer_key.next_name(keys[0], None)


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("", (False, None)),
        ("no-cache", (True, None)),
        ("No-Store, max-age=5", (True, 5)),
        ('max-age="60"', (False, 60)),
        ("max-age=" + "9" * 5000, (False, 10**10)),
        ("max-age=-1", (False, 0)),
        ("max-age=٣", (False, 0)),
        ("max-age", (False, 0)),
        ("private, stale-while-revalidate=1", (False, None)),
    ],
)
def test_cache_control_is_read_as_rfc_9111_has_it(
    header: str, read: tuple[bool, int | None]
) -> None:
    assert freshness.read(header) == read


def test_a_call_that_wants_no_run_is_told_that_there_would_be_one() -> None:
    with pytest.raises(Problem, match="only-if-cached"):
        freshness.read("max-age=3, only-if-cached")


HOOK = WebhookRequest(url="https://x.org", secret="whsec_" + "YWFh" * 8)
CALL = Request(surface=Surface.V1, caller=User("ada"))


@pytest.mark.parametrize(
    ("call", "taken"),
    [
        pytest.param(CALL, True, id="a plain one"),
        pytest.param(replace(CALL, webhook=HOOK), False, id="one with a webhook"),
        pytest.param(replace(CALL, surface=Surface.JUPYREST_GRPC), False, id="gRPC, which deletes"),
        *(
            pytest.param(replace(CALL, options=options), taken, id=str(options))
            for options, taken in [
                ({"runtime": {"env": [{"name": "A", "value": "1"}]}}, False),
                ({"runtime": {"resources": {"limits": {"cpu": "1"}}}}, False),
                ({"runtime": {"kernel": "r"}}, False),
                ({"outputValidation": "report"}, False),
                ({"outputValidation": "enforce"}, True),
                ({"deadlineSeconds": 5}, True),
            ]
        ),
    ],
)
def test_a_call_that_wants_something_of_its_own_goes_past(call: Request, taken: bool) -> None:
    assert Served(CACHE, SCHEMA, OutputValidation.ENFORCE).takes(call) is taken


class Played:
    """A cluster that holds executions by their names, as two replicas see it."""

    def __init__(self, store: Store) -> None:
        self.there: dict[str, dict[str, Any]] = {}
        self.store = store

    def replica(self) -> "Replica":
        return Replica(self)


class Replica:
    """One API: what it knows is what it was shown."""

    def __init__(self, cluster: Played) -> None:
        self.cluster = cluster
        self.index = ExecutionIndex()
        self.reuse = Reuse(self, self.index, cluster.store, lambda: NOW, "image")  # type: ignore[arg-type]

    async def find(self, name: str) -> Execution:
        if name not in self.cluster.there:
            raise UnknownExecution(name)
        return Execution.from_resource(self.cluster.there[name])

    def see(self) -> None:
        for found in self.cluster.there.values():
            self.index.present(found)

    async def ask(self, call: Request = CALL, cache: Cache = CACHE) -> Answered:
        found = self.reuse.call(call, SPEC, Served(cache, SCHEMA, OutputValidation.ENFORCE))
        assert found is not None

        async def make(name: str) -> Made:
            await asyncio.sleep(0)  # Others have their turn.
            if (there := self.cluster.there.get(name)) is not None:
                return Made(Execution.from_resource(there), is_own=False)
            made = resource(name=name, by=call.caller.name, labels=found.labels)
            self.cluster.there[name] = made
            self.index.present(made)
            return Made(Execution.from_resource(made))

        return await self.reuse.answer(found, make)


@pytest.fixture
def played(tmp_path: Path) -> Played:
    return Played(Store.open(tmp_path.as_uri()))


def test_a_storm_over_replicas_that_know_nothing_of_each_other_is_one_run(played: Played) -> None:
    replicas = [played.replica() for _ in range(3)]

    async def storm() -> list[Answered]:
        return await asyncio.gather(*(replicas[n % 3].ask() for n in range(300)))

    answers = asyncio.run(storm())

    assert len(played.there) == 1
    assert [a.use for a in answers].count(Use.MISS) == 1
    assert {a.use for a in answers} == {Use.MISS, Use.MET}


def test_what_is_unfit_is_followed_by_the_next_and_never_in_the_way(played: Played) -> None:
    here, there = played.replica(), played.replica()
    made = []
    for _ in range(4):
        made.append(asyncio.run(here.ask()).execution.name)
        played.there[made[-1]]["status"] = {"phase": "Failed", "reason": "PodLost"}
        here.see()

    # The other one has seen nothing of it, and walks the chain to its end.
    answer = asyncio.run(there.ask())
    met = asyncio.run(here.ask())

    assert len(set(made)) == 4
    assert answer.use is Use.MISS
    assert (met.execution.name, met.use) == (answer.execution.name, Use.MET)


def test_a_name_that_somebody_took_first_is_passed_over(played: Played) -> None:
    here = played.replica()
    call = here.reuse.call(CALL, SPEC, Served(CACHE, SCHEMA))
    assert call is not None
    taken = answer_key.next_name(call.key, None)
    squatter = resource(other(parameters={"n": 66}), name=taken, by=None, labels=call.labels)
    played.there[taken] = squatter
    here.see()

    first, second = asyncio.run(here.ask()), asyncio.run(here.ask())

    assert (first.use, second.use) == (Use.MISS, Use.MET)
    assert first.execution.name == second.execution.name != taken


def test_only_who_may_read_a_shared_answer_is_given_it(played: Played) -> None:
    replica, asked = played.replica(), []

    async def may_read(name: str) -> bool:
        asked.append(name)
        return len(asked) == 1

    first = asyncio.run(replica.ask(CALL, SHARED))
    bob = replace(CALL, caller=User("bob"), may_read=may_read)
    uses = [asyncio.run(replica.ask(bob, SHARED)).use for _ in range(2)]

    assert uses == [Use.MET, Use.MISS]
    assert asked == [first.execution.name] * 2


def test_an_answer_whose_artifacts_are_gone_is_none(played: Played) -> None:
    replica = played.replica()
    made = asyncio.run(replica.ask()).execution
    artifact = {"name": "notebook.ipynb", "size": 1, "digest": DIGEST}
    played.there[made.name]["status"] = {
        **ENDED,
        "finishedAt": micro_time(NOW - timedelta(seconds=480)),
        "artifacts": [artifact],
    }
    path = artifact_path(made.uid, "notebook.ipynb")

    asyncio.run(played.store.put(path, b"{}"))
    hit = asyncio.run(replica.ask())
    asyncio.run(played.store.delete([path]))
    anew = asyncio.run(replica.ask())

    assert (hit.execution.name, hit.use, hit.age_seconds) == (made.name, Use.HIT, 480)
    assert (anew.use, anew.execution.name == made.name) == (Use.MISS, False)
