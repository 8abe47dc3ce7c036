"""Makes the one object that a call is, however often it takes."""

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import Final

from podbook_api.auth import access_log
from podbook_api.http.problems import Problem
from podbook_api.state.cluster import Cluster, no_place_for
from podbook_api.submit.calls import Request
from podbook_crds import names
from podbook_crds.backoff import pauses
from podbook_crds.errors import ClusterBusy, ClusterUnavailable, Refused
from podbook_crds.resources.execution import Execution
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector

_TRIES: Final = 5
_FIRST_PAUSE: Final = 0.025
_LONGEST_PAUSE: Final = 0.4


@dataclass(frozen=True)
class Made:
    """An execution of the name that was chosen, and whether this very call made it."""

    execution: Execution
    is_own: bool = True


class Making:
    """Creates executions under names that are chosen before, so that no try makes a second."""

    def __init__(self, cluster: Cluster, cache: Reflector) -> None:
        self._cluster = cluster
        self._cache = cache

    async def made(self, request: Request, body: Object) -> Made:
        """Return the execution of the body's name; raise where the name is another's.

        Where a key or a chain leads to the name, it may be there already; a name that is new to
        everybody is there only if this very call has made it.
        """
        labels = body["metadata"]["labels"]
        unsure = request.idempotency_key is not None or names.REQUEST_LABEL in labels
        name, lost = body["metadata"]["name"], False
        last = "it is there and cannot be read"
        for pause in islice(pauses(first=_FIRST_PAUSE, longest=_LONGEST_PAUSE), _TRIES):
            try:
                resource = await self._cluster.create(names.EXECUTION_PLURAL, body)
            except ClusterBusy:
                raise  # It was waited for already.
            except ClusterUnavailable as error:
                unsure = lost = True  # Perhaps it was made and only the answer was lost.
                last = str(error)
            except Refused as refused:
                if refused.reason != "AlreadyExists" or not unsure:
                    raise
                # Where it cannot be read it was deleted, or is too new to be read: both pass.
                found = await self._cluster.get(names.EXECUTION_PLURAL, name)
                if found is not None:
                    return self._found(found, body, request if lost else None)
            else:
                await self._check_whole(resource, request)
                self._cache.put(resource)
                return Made(_told(Execution.from_resource(resource), request))
            await asyncio.sleep(pause)
        raise ClusterUnavailable(f"execution {name} could not be made: {last}")

    async def _check_whole(self, made: Object, request: Request) -> None:
        """Take back what would not be run as its caller asked for."""
        if lost := request.options.keys() - made["spec"].keys():
            name, uid = made["metadata"]["name"], made["metadata"]["uid"]
            await self._cluster.delete(names.EXECUTION_PLURAL, name, uid=uid)
            raise no_place_for(lost)

    def _found(self, found: Object, body: Object, told: Request | None) -> Made:
        label = names.REQUEST_LABEL
        own = body["metadata"]["labels"].get(label)
        if own is not None and (found["metadata"].get("labels") or {}).get(label) != own:
            self._cache.put(found)
            return Made(Execution.from_resource(found), is_own=False)
        annotations = body["metadata"]["annotations"]
        same = self.same(found, annotations.get(names.REQUEST_DIGEST_ANNOTATION))
        return Made(same if told is None else _told(same, told))

    def same(self, resource: Object, digest: str | None) -> Execution:
        """Return the execution that a key made, if it was made for the same request."""
        annotations = resource["metadata"].get("annotations") or {}
        if annotations.get(names.REQUEST_DIGEST_ANNOTATION) != digest:
            name = resource["metadata"]["name"]
            raise Problem(
                422,
                "idempotency-key-reused",
                "The Idempotency-Key was used for another request",
                f"execution {name} was made with this key and another body; use a new key",
            )
        self._cache.put(resource)
        return Execution.from_resource(resource)


def _told(made: Execution, request: Request) -> Execution:
    access_log.wrote("create", made, by=request.caller, surface=request.surface)
    return made
