"""Turns a request into an execution: checks it, pins its content, creates the one object."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

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
from podbook_api.submit import effects, labels, webhooks
from podbook_api.submit.again import past_versions
from podbook_api.submit.again.fitness import Use
from podbook_api.submit.again.reuse import Answered, Call, Reuse, Served
from podbook_api.submit.calls import Request
from podbook_api.submit.effects import Effects
from podbook_api.submit.making import Made, Making
from podbook_api.submit.parameters_field import spec_of
from podbook_api.submit.release_limits import ReleaseLimits
from podbook_api.submit.revisions import Revisions
from podbook_api.submit.webhooks import SECRETS
from podbook_crds import names
from podbook_crds.call_rules import now_defaults
from podbook_crds.call_rules.overriding.check import check_overrides
from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import Contract, contract_of
from podbook_crds.content import blob_digest
from podbook_crds.errors import PodbookError, Refused
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import Defaults, InputValidation, Runtime
from podbook_crds.resources.serving.answers import Cache
from podbook_crds.resources.warning import RunWarning, noted
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector

# Keeps what a run is made of.
Keep = Callable[[], Awaitable[None]]


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
    making: Making
    reuse: Reuse
    limits: ReleaseLimits
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
        spec = entry.notebook.spec
        check_overrides(request.runtime, spec.overrides, inline=False)
        self.limits.check(request.options, runtime=spec.runtime, defaults=spec.defaults)
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
    ) -> Answered:
        """Return what answers a call of the catalog: an execution that is there, or a new one."""
        known = await self._known(request, notebook_id)
        if known is not None:
            return Answered(await self._with_secret(known, request))
        entry, warnings = await self.checked(notebook_id, request, pinned=pinned)
        spec = entry.notebook.spec
        reference = {"name": entry.notebook.name, "digest": entry.digest}
        noting = replace(request, annotations={**request.annotations, **noted(warnings)})
        body = self._body(noting, reference, target=notebook_id, entry=entry)
        body["spec"] = {**effects.said(spec), **body["spec"]}

        async def keep() -> None:
            await asyncio.gather(
                self.contents.keep(entry.notebook, entry.content, entry.digest),
                self.revisions.keep(entry),
            )

        call = self.reuse.call(request, body["spec"], Served.by(spec)) if pinned is None else None
        return await self._answered(request, notebook_id, body, call, keep)

    async def _answered(
        self, request: Request, target: str, body: Object, call: Call | None, keep: Keep
    ) -> Answered:
        """Return what answers it; keep what a run of it is made of before there is one."""

        async def make(name: str) -> Made:
            self._admit()
            await keep()
            return await self.making.made(request, _named(body, name))

        if call is None:
            made = await make(body["metadata"]["name"])
            return Answered(await self._with_secret(made.execution, request))
        body["metadata"]["labels"] |= call.labels
        if request.fresh:
            made = await make(body["metadata"]["name"])
            return Answered(made.execution, Use.MISS)

        async def make_once(name: str) -> Made:
            if request.idempotency_key is not None:
                # What the key has made on another replica may not be known here yet.
                await self.cache.caught_up()
                if (known := await self._known(request, target)) is not None:
                    return Made(known)
            return await make(name)

        return await self.reuse.answer(call, make_once)

    async def check_inline(self, request: Request) -> None:
        """Raise what is wrong with a request that brings its notebook along."""
        await self.executing.inline(request.caller)
        check_overrides(request.runtime, None, inline=True)
        self.limits.check(request.options, runtime=Runtime(), defaults=Defaults())
        await self._fit(request, None, request.language or "")

    async def run_inline(self, ipynb: str, request: Request, cache: Cache | None) -> Answered:
        """Return what answers a call with a notebook of its own, which may say cache itself."""
        await self.check_inline(request)
        data = ipynb.encode("utf-8", "surrogatepass")
        blob = blob_digest(data)
        body = self._body(request, {"blob": blob}, target=blob)

        async def keep() -> None:
            await self.store.put_blob(data)

        served = None if cache is None else Served(cache)
        call = self.reuse.call(request, body["spec"], served)
        return await self._answered(request, blob, body, call, keep)

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
        name = self.index.requested(request.name)
        resource = None if name is None else await self.cluster.get(names.EXECUTION_PLURAL, name)
        return None if resource is None else self.making.same(resource, request.digest_of(target))

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


def _named(body: Object, name: str) -> Object:
    """Return the body under another name, which its own address ends with."""
    metadata = body["metadata"]
    annotations = {**metadata["annotations"]}
    if (url := annotations.get(names.URL_ANNOTATION)) is not None:
        annotations[names.URL_ANNOTATION] = f"{url.rpartition('/')[0]}/{name}"
    return {**body, "metadata": {**metadata, "name": name, "annotations": annotations}}
