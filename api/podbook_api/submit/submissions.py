"""Turns a request into an execution: checks it, pins its content, creates the one object."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.store import Store
from podbook_api.auth import access_log
from podbook_api.auth.executing import Executing
from podbook_api.auth.rbac import User
from podbook_api.http.problems import Problem
from podbook_api.state.catalog import Entry
from podbook_api.state.cluster import Cluster
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.state.notebooks import Notebooks
from podbook_api.submit import effects, labels, past_versions, webhooks
from podbook_api.submit.calls import Request
from podbook_api.submit.effects import Effects
from podbook_api.submit.parameters_field import spec_of
from podbook_api.submit.revisions import Revisions
from podbook_api.submit.webhooks import SECRETS
from podbook_crds import names
from podbook_crds.call_rules import now_defaults
from podbook_crds.call_rules.overriding.check import check_overrides
from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import Contract, contract_of
from podbook_crds.errors import ClusterBusy, ClusterUnavailable, PodbookError, Refused
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import InputValidation
from podbook_crds.resources.warning import RunWarning, noted
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector

_PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True)
class Submissions:
    """Creates executions; one request to the Kubernetes API each."""

    cluster: Cluster
    store: Store
    contents: Contents
    revisions: Revisions
    notebooks: Notebooks
    cache: Reflector
    index: ExecutionIndex
    checker: Checker
    effects: Effects
    executing: Executing
    queue_limit: int
    now: Callable[[], datetime]

    async def checked(
        self, notebook_id: str, request: Request, *, pinned: str | None = None
    ) -> tuple[Entry, list[RunWarning]]:
        """Return the notebook that the request fits, and what to know; raise what is wrong.

        pinned is the digest of the version that is meant, where it is not the present one.
        """
        found = await self._found(notebook_id, request.caller)
        entry = await past_versions.entry_of(self.contents, found, pinned)
        if request.digest not in (None, entry.digest):
            raise Problem(
                412,
                "notebook-changed",
                "The notebook is not the one the request was made for",
                f"notebook {notebook_id!r} now has the digest {entry.digest}",
            )
        check_overrides(request.runtime, entry.notebook.spec.overrides, inline=False)
        spec = entry.notebook.spec
        asked = effects.asked_by(request.surface, request.options, spec)
        closed = asked in (None, InputValidation.ENFORCE)
        resolved = self.resolved(entry, request.parameters)
        await self._fit(
            replace(request, parameters=resolved),
            contract_of(spec),
            spec.runtime.language,
            closed=closed,
        )
        return entry, await self.effects.judged(resolved, entry, asked)

    async def _found(self, notebook_id: str, caller: User) -> Entry:
        """Return the notebook as it is now; who may not execute it learns nothing else of it."""
        try:
            entry = await self.notebooks.runnable(notebook_id)
        except PodbookError:
            await self.executing.one(caller, notebook_id)
            raise
        await self.executing.one(caller, notebook_id, entry.notebook.name)
        return entry

    def resolved(self, entry: Entry, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters with what the contract means by today and now."""
        return now_defaults.given(parameters, entry.notebook.spec.input, self.now())

    async def run(
        self, notebook_id: str, request: Request, *, pinned: str | None = None
    ) -> Execution:
        """Create an execution of a notebook of the catalog, or return the one its key names."""
        known = await self._known(request, notebook_id)
        if known is not None:
            return await self._with_secret(known, request)
        entry, warnings = await self.checked(notebook_id, request, pinned=pinned)
        self._admit()
        await asyncio.gather(
            self.contents.keep(entry.notebook, entry.content, entry.digest),
            self.revisions.keep(entry),
        )
        reference = {"name": entry.notebook.name, "digest": entry.digest}
        noting = replace(request, annotations={**request.annotations, **noted(warnings)})
        body = self._body(noting, reference, target=notebook_id, entry=entry)
        body["spec"] = {**effects.said(entry.notebook.spec), **body["spec"]}
        return await self._with_secret(await self._create(request, body), request)

    async def check_inline(self, request: Request) -> None:
        """Raise what is wrong with a request that brings its notebook along."""
        await self.executing.inline(request.caller)
        check_overrides(request.runtime, None, inline=True)
        await self._fit(request, None, request.language or "")

    async def run_inline(self, ipynb: str, request: Request) -> Execution:
        """Create an execution of a notebook that came with the request."""
        await self.check_inline(request)
        self._admit()
        blob = await self.store.put_blob(ipynb.encode("utf-8", "surrogatepass"))
        body = self._body(request, {"blob": blob}, target=blob)
        return await self._with_secret(await self._create(request, body), request)

    async def _fit(
        self, request: Request, contract: Contract | None, language: str, *, closed: bool = True
    ) -> None:
        spec_of(request.parameters)  # Their size, before anything looks into them.
        how = {"strict": request.surface.is_strict, "closed": closed}
        await self.checker.parameters(request.parameters, contract, language=language, **how)

    def _admit(self) -> None:
        queued = self.index.queued()
        if queued >= self.queue_limit:
            raise Problem(
                429,
                "too-many-queued",
                "Too many executions are queued",
                f"{queued} executions wait for a slot and {self.queue_limit} may; try again later",
                headers={"Retry-After": "10"},
            )

    async def _known(self, request: Request, target: str) -> Execution | None:
        """Return the execution that the key has made, whatever has become of the notebook since."""
        if request.idempotency_key is None:
            return None
        name = request.name
        if self.index.line(name) is None:
            return None
        resource = await self.cluster.get(names.EXECUTION_PLURAL, name)
        return None if resource is None else self._same(resource, request.digest_of(target))

    async def _create(self, request: Request, body: Object) -> Execution:
        """Create it, however often it takes: its name is chosen, so no try can make a second."""
        name, unsure = body["metadata"]["name"], request.idempotency_key is not None
        lost = False
        digest = body["metadata"]["annotations"].get(names.REQUEST_DIGEST_ANNOTATION)
        last = "it is there and cannot be read"
        for pause in _PAUSES:
            try:
                resource = await self.cluster.create(names.EXECUTION_PLURAL, body)
            except ClusterBusy:
                raise  # It was waited for already.
            except ClusterUnavailable as error:
                unsure = lost = True  # Perhaps it was made and only the answer was lost.
                last = str(error)
            except Refused as refused:
                if refused.reason != "AlreadyExists" or not unsure:
                    raise
                # Where it cannot be read it was deleted, or is too new to be read: both pass.
                made = await self.cluster.get(names.EXECUTION_PLURAL, name)
                if made is not None:
                    same = self._same(made, digest)
                    return _told(same, request) if lost else same
            else:
                self.cache.put(resource)
                return _told(Execution.from_resource(resource), request)
            await asyncio.sleep(pause)
        raise ClusterUnavailable(f"execution {name} could not be made: {last}")

    def _same(self, resource: Object, digest: str | None) -> Execution:
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
        self.cache.put(resource)
        return Execution.from_resource(resource)

    async def _with_secret(self, execution: Execution, request: Request) -> Execution:
        """Make the Secret that its webhook is signed with; without one there is no execution.

        After the execution, which owns it: nothing is left where this process ends in between.
        """
        if request.webhook is None or execution.status.phase.is_final:
            return execution
        try:
            await self.cluster.create(SECRETS, webhooks.secret(request.webhook, execution))
        except Refused as refused:
            if refused.reason != "AlreadyExists":
                await self._discard(execution, request)
                raise
        except PodbookError:
            await self._discard(execution, request)
            raise
        return execution

    async def _discard(self, execution: Execution, request: Request) -> None:
        """Its caller is told that it could not be made."""
        with contextlib.suppress(PodbookError):
            await self.cluster.delete(names.EXECUTION_PLURAL, execution.name, uid=execution.uid)
            access_log.wrote("delete", execution, by=request.caller, surface=request.surface)

    def _body(
        self,
        request: Request,
        reference: dict[str, str],
        *,
        target: str,
        entry: Entry | None = None,
    ) -> Object:
        name, notebook = request.name, None if entry is None else entry.notebook.spec
        webhook = webhooks.reference(
            request.webhook, None if notebook is None else notebook.webhook, name
        )
        schema = None if notebook is None else notebook.input
        parameters = now_defaults.given(request.parameters, schema, self.now())
        annotations = self._annotations(request, target, entry)
        spec = {"notebook": reference, **spec_of(parameters), **request.options}
        if webhook is not None:
            spec["webhook"] = webhook.to_wire()
            annotations[names.URL_ANNOTATION] = f"{request.base_url}{request.shown_at}/{name}"
        return {
            "apiVersion": names.API_VERSION,
            "kind": names.EXECUTION_KIND,
            "metadata": {
                "name": name,
                "labels": labels.of(reference.get("name"), parameters, schema),
                "annotations": annotations,
            },
            "spec": spec,
        }

    def _annotations(self, request: Request, target: str, entry: Entry | None) -> dict[str, str]:
        found = {
            **request.annotations,
            names.SUBMITTED_ANNOTATION: micro_time(self.now()),
            names.SURFACE_ANNOTATION: request.surface.value,
            names.CREATED_BY_ANNOTATION: request.caller.shown,
        }
        if entry is not None:
            found[names.NOTEBOOK_ID_ANNOTATION] = target
            found |= labels.noted(entry.secrets, entry.notebook.spec)
        if request.language is not None:
            found[names.LANGUAGE_ANNOTATION] = request.language
        if request.idempotency_key is not None:
            found[names.REQUEST_DIGEST_ANNOTATION] = request.digest_of(target)
        return found


def _told(made: Execution, request: Request) -> Execution:
    access_log.wrote("create", made, by=request.caller, surface=request.surface)
    return made
