"""How calls find the newest run of their key, or make the next, on replicas that know little."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.auth.rbac import User
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.submit.again import answer_key
from podbook_api.submit.again.fitness import Use
from podbook_api.submit.again.reuse import Answered, Reuse, Served
from podbook_api.submit.calls import Request
from podbook_api.submit.making import Made
from podbook_crds.errors import UnknownExecution
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import OutputValidation
from podbook_crds.resources.serving.answers import Cache
from tests.support.answers import (
    CACHE,
    CALL,
    DIGEST,
    ENDED,
    NOW,
    SCHEMA,
    SHARED,
    SPEC,
    other,
    resource,
)


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
