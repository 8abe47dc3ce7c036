"""Finds executions, waits for their ends, cancels and deletes them."""

import asyncio

from podbook_api.auth import access_log
from podbook_api.auth.rbac import User
from podbook_api.state.cluster import Cluster, is_object_name, no_place_for
from podbook_api.state.execution_index import ExecutionIndex
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.errors import Refused, UnknownExecution
from podbook_crds.resources.execution import Execution
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector


class Executions:
    """The executions of the namespace, as fresh as the watch and never older than a 404."""

    def __init__(self, cluster: Cluster, cache: Reflector, index: ExecutionIndex) -> None:
        self._cluster = cluster
        self._cache = cache
        self._index = index
        self._stopping = False

    def stop(self) -> None:
        """Let every wait end now: the process is about to."""
        self._stopping = True
        self._index.wake()

    @property
    def is_stopping(self) -> bool:
        """Whether waits return at once, with executions that are not final."""
        return self._stopping

    async def find(self, name: str) -> Execution:
        """Return the execution; raise UnknownExecution only after the cluster itself said so."""
        return self._index.whole(name) or await self.live(name)

    async def live(self, name: str) -> Execution:
        """Return the execution as the cluster has it now; raise UnknownExecution."""
        return Execution.from_resource(await self._resource(name))

    async def _resource(self, name: str) -> Object:
        resource = None
        if is_object_name(name):
            resource = await self._cluster.get(names.EXECUTION_PLURAL, name)
        # What is being deleted is gone to everybody who asks; a finalizer may keep it for long.
        if resource is None or "deletionTimestamp" in resource["metadata"]:
            raise UnknownExecution(f"no execution has the id {name[:100]!r}")
        self._cache.put(resource)
        return resource

    async def finished(self, name: str, *, seconds: float) -> Execution:
        """Return the execution as soon as it is final, or as it is when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    changed = self._index.next_change(name)
                    try:
                        execution = await self.find(name)
                        if execution.status.phase.is_final or self._stopping:
                            return execution
                        await changed
                    finally:
                        changed.cancel()
        except TimeoutError:
            return await self.find(name)

    def next_change(self, name: str) -> asyncio.Future[None]:
        """Return what is done at the execution's next change; to be cancelled by who asked."""
        return self._index.next_change(name)

    async def cancel(self, name: str, *, by: User, surface: Surface) -> Execution:
        """Ask for the execution's end; one that is final stays as it is."""
        execution = await self.find(name)
        if execution.status.phase.is_final or execution.spec.cancel:
            return execution
        annotations = {names.CANCELLED_BY_ANNOTATION: by.shown}
        patch = {"metadata": {"annotations": annotations}, "spec": {"cancel": True}}
        cancelled = await self._changed(name, patch)
        access_log.wrote("cancel", cancelled, by=by, surface=surface)
        return cancelled

    async def keep(self, name: str, *, keep: bool, by: User, surface: Surface) -> Execution:
        """Keep the execution beyond its time, or no longer than that."""
        execution = await self.live(name)
        if execution.spec.keep is keep:
            return execution
        changed = await self._changed(name, {"spec": {"keep": keep}})
        if changed.spec.keep is not keep:
            raise no_place_for(["keep"])
        access_log.wrote("keep" if keep else "unkeep", changed, by=by, surface=surface)
        return changed

    async def _changed(self, name: str, patch: Object) -> Execution:
        try:
            resource = await self._cluster.merge(names.EXECUTION_PLURAL, name, patch)
        except Refused as refused:
            if refused.status != 404:  # noqa: PLR2004
                raise
            raise UnknownExecution(f"no execution has the id {name[:100]!r}") from refused
        self._cache.put(resource)
        return Execution.from_resource(resource)

    async def delete(self, name: str, *, by: User, surface: Surface) -> Execution:
        """Delete the execution, running or not; return what it was."""
        resource = await self._resource(name)
        execution = Execution.from_resource(resource)
        await self._cluster.delete(names.EXECUTION_PLURAL, name, uid=execution.uid)
        self._cache.forget(resource)
        access_log.wrote("delete", execution, by=by, surface=surface)
        return execution
