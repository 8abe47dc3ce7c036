"""Gives a call the answer that is there, or the run that goes on; else the next of its chain.

The name of each run of a key follows from the one before it. So of all who find that none fits,
on whichever replica, one makes the next, and the others meet it: no clock and no lock decides.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import uuid4
from weakref import WeakValueDictionary

from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.state.executions import Executions
from podbook_api.state.submission_order import Kind
from podbook_api.submit.again.answer_key import key, next_name, terms
from podbook_api.submit.again.fitness import Use, Wanted, age, use_of
from podbook_api.submit.calls import Request
from podbook_api.submit.making import Made
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.errors import UnknownExecution
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import NotebookSpec, OutputValidation, Schema
from podbook_crds.resources.serving.answers import Cache, Scope
from podbook_kube.objects import Object

# Runs of a chain that are looked at one after the other: what others made meanwhile, or put in the
# way. A call that still found none runs on its own.
_LINKS: Final = 8

# Makes the execution of that name, or finds it.
Make = Callable[[str], Awaitable[Made]]


@dataclass(frozen=True)
class Answered:
    """The execution that answers a call; use is None where its notebook has no cache."""

    execution: Execution
    use: Use | None = None
    # Of a hit.
    age_seconds: float | None = None


@dataclass(frozen=True)
class Served:
    """What a notebook says of the calls that it answers."""

    cache: Cache
    schema: Schema | None = None
    # None where the notebook came along.
    output_validation: OutputValidation | None = None
    has_image: bool = False

    @classmethod
    def by(cls, spec: NotebookSpec) -> Self | None:
        """Return it for one of the catalog; None where every call of it runs."""
        if spec.cache is None:
            return None
        return cls(spec.cache, spec.input, spec.output_validation, spec.runtime.image is not None)

    def takes(self, request: Request) -> bool:
        """Whether a call may be given an answer: one that wants something of its own may not."""
        runtime = request.runtime
        is_inline = self.output_validation is None
        return (
            # Its runs are deleted with their answers.
            request.surface is not Surface.JUPYREST_GRPC
            and request.webhook is None
            and runtime.resources is None
            and not runtime.env
            and (runtime.kernel is None or is_inline)
            and request.options.get("outputValidation") in (None, self.output_validation)
        )


@dataclass(frozen=True)
class Call:
    """A call that may be given an answer, and the key that it has in common with its like."""

    key: str
    wanted: Wanted
    request: Request

    @property
    def labels(self) -> dict[str, str]:
        """By which its run is found: as an answer, and by the key that the call was sent with."""
        return {names.ANSWER_KEY_LABEL: self.key, names.REQUEST_LABEL: self.request.name}


class Reuse:
    """Finds what answers a call."""

    def __init__(
        self,
        executions: Executions,
        index: ExecutionIndex,
        store: Store,
        now: Callable[[], datetime],
        image: str,
    ) -> None:
        """Image is what a notebook runs in that names none."""
        self._executions = executions
        self._index = index
        self._image = image
        self._store = store
        self._now = now
        # One after the other in this process: the second finds what the first has made.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def call(self, request: Request, spec: Object, served: Served | None) -> Call | None:
        """Return what the call has in common with its like; None for one that goes past them.

        spec is that of the execution that it would make.
        """
        if served is None or not served.takes(request):
            return None
        caller, cache = request.caller.shown, served.cache
        draft = Execution(namespace="", name="", uid="", spec=spec)
        wanted = Wanted(draft, served.schema, caller, cache, request.max_age)
        answer_key = key(
            terms(draft, served.schema),
            image="" if served.has_image else self._image,
            caller=caller if cache.scope is Scope.CALLER else None,
        )
        return Call(answer_key, wanted, request)

    async def answer(self, call: Call, make: Make) -> Answered:
        """Return what answers the call; make is asked where nothing does."""
        turn = self._turns.setdefault(call.key, asyncio.Lock())
        async with turn:
            newest = await self._newest(call)
            for _ in range(_LINKS):
                if newest is not None and (found := await self._judged(newest, call)):
                    return found
                made = await make(next_name(call.key, newest))
                if made.is_own:
                    return Answered(made.execution, Use.MISS)
                newest = made.execution
        return Answered((await make(str(uuid4()))).execution, Use.MISS)

    async def _newest(self, call: Call) -> Execution | None:
        """Return the newest run of the key, as far as one made by this API can be found."""
        scope, caller = call.wanted.cache.scope, call.wanted.caller
        for line in self._index.lines(Kind(answer_key=call.key), before=None):
            is_meant = line.created_by == caller or (
                scope is Scope.SHARED and line.created_by is not None
            )
            if is_meant:
                try:
                    return await self._executions.find(line.name)
                except UnknownExecution:
                    continue  # Deleted a moment ago.
        return None

    async def _judged(self, found: Execution, call: Call) -> Answered | None:
        use = use_of(found, call.wanted, self._now())
        if use is Use.MISS or not await self._may_read(found, call):
            return None
        if use is Use.MET:
            return Answered(found, use)
        if not await self._is_whole(found):
            return None
        return Answered(found, use, age(found, self._now()))

    async def _may_read(self, found: Execution, call: Call) -> bool:
        if found.annotations.get(names.CREATED_BY_ANNOTATION) == call.wanted.caller:
            return True
        may_read = call.request.may_read
        return may_read is not None and await may_read(found.name)

    async def _is_whole(self, found: Execution) -> bool:
        """Whether everything that it left is still in the store."""
        prefix = artifact_path(found.uid, "")
        wanted = {artifact.name for artifact in found.status.artifacts}
        if found.status.output_ref is not None:
            wanted.add(found.status.output_ref.name)
        if wanted:
            folder = prefix.rstrip("/")
            kept = {s.path.removeprefix(prefix) async for s in self._store.under(folder)}
            wanted -= kept
        return not wanted
