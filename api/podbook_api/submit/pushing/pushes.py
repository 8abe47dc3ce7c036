"""Writes notebooks to the cluster for whoever pushes them: each is old or new, never half."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podbook_api.artifacts.past_versions import Past
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.auth import access_log
from podbook_api.auth.rbac import User
from podbook_api.http.problems import Problem
from podbook_api.state.catalog import Entry
from podbook_api.state.cluster import Cluster
from podbook_api.state.notebooks import Notebooks
from podbook_api.submit.pushing import refusals
from podbook_api.submit.pushing.blobs import PushedBlobs
from podbook_api.submit.pushing.brought import Brought
from podbook_api.submit.pushing.wanted import Wanted, check_contract
from podbook_crds import names
from podbook_crds.checking.checker import Checker
from podbook_crds.content import Content, spec_digest
from podbook_crds.errors import (
    ClusterUnavailable,
    Conflict,
    Refused,
    StoreUnavailable,
    UnknownNotebook,
)
from podbook_crds.resources.naming import resource_name
from podbook_crds.resources.notebook import Notebook, NotebookSpec
from podbook_crds.resources.pushed import History, ManagedBy, PushedVersion
from podbook_kube.objects import Object
from podbook_kube.reflector import Reflector

_log = logging.getLogger(__name__)

_TRIES: Final = 5
_NO_CONTENT: Final = NotebookSpec.model_fields.keys() - {
    *Content.model_fields,
    *("source", "problem"),
}


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push came to."""

    entry: Entry
    is_new: bool
    is_changed: bool


@dataclass(frozen=True)
class Pushes:
    """The catalog as it is written over REST."""

    cluster: Cluster
    contents: Contents
    notebooks: Notebooks
    followed: Reflector
    checker: Checker
    blobs: PushedBlobs
    brought: Brought
    past: Past
    now: Callable[[], datetime]

    async def put(
        self, wanted: Wanted, *, may_create: Callable[[], Awaitable[None]], dry_run: bool = False
    ) -> Pushed:
        """Make the notebook as it is wanted; raise what stands against it.

        may_create is asked where there is none of that id yet, and raises where it may not be made.
        """
        for _ in range(_TRIES):
            current = await self.current(wanted.notebook_id)
            if current is None:
                await may_create()
            self._check(current, wanted)
            spec, rollback_of = await self._spec(current, wanted)
            if dry_run or (current is not None and _is_same(current, spec, wanted)):
                return Pushed(current or Entry(_draft(spec)), current is None, is_changed=dry_run)
            history = await self._history(current, spec, wanted, rollback_of)
            try:
                entry = await self._write(current, spec, wanted, history)
            except Conflict:
                continue  # Somebody was faster: what is there now may stand against it.
            access_log.changed("push", entry.notebook.id, by=wanted.caller)
            return Pushed(entry, current is None, is_changed=True)
        raise ClusterUnavailable(f"notebook {wanted.notebook_id!r} keeps changing")

    async def delete(
        self, notebook_id: str, *, catalog: str, expected: str | None, by: User, managed: ManagedBy
    ) -> None:
        """Delete the notebook of that catalog; its versions are kept for one that is made again."""
        current = await self.current(notebook_id)
        if current is None:
            raise UnknownNotebook(f"no notebook has the id {notebook_id[:200]!r}")
        refusals.check_owner(current, catalog=catalog, by=managed, take_over=False)
        if expected not in (None, current.digest):
            raise refusals.changed(current, notebook_id)
        found = current.notebook
        try:
            await self.cluster.delete(
                names.NOTEBOOK_PLURAL, found.name, uid=found.uid, version=found.resource_version
            )
        except Conflict as error:
            raise refusals.changed(await self.current(notebook_id), notebook_id) from error
        # At once, not by way of the watch: who asks next is told that it is gone.
        known = {"name": found.name, "uid": found.uid, "resourceVersion": found.resource_version}
        self.followed.forget({"metadata": known})
        access_log.changed("delete", notebook_id, by=by)

    async def current(self, notebook_id: str) -> Entry | None:
        """Return the notebook as the cluster has it now."""
        try:
            known = await self.notebooks.find(notebook_id)
        except UnknownNotebook:
            return None
        resource = await self.cluster.get(names.NOTEBOOK_PLURAL, known.notebook.name)
        if resource is None or "deletionTimestamp" in resource["metadata"]:
            return None
        return Entry(Notebook.from_resource(resource))

    def _check(self, current: Entry | None, wanted: Wanted) -> None:
        there = "" if current is None else current.digest
        if wanted.expected not in (None, there):
            raise refusals.changed(current, wanted.notebook_id)
        if current is not None:
            refusals.check_owner(
                current, catalog=wanted.catalog, by=wanted.managed_by, take_over=wanted.take_over
            )

    async def _spec(self, current: Entry | None, wanted: Wanted) -> tuple[NotebookSpec, int | None]:
        """Return what is to be written, and of a rollback the number of the version it is of."""
        if wanted.spec is not None:
            content = Content.of(wanted.notebook_id, wanted.spec)
            missing = await self.blobs.missing(content.blobs, now=self.now())
            if missing:
                raise refusals.missing_blobs(missing)
            if current is None or current.content.ipynb != content.ipynb:
                await self.brought.check(wanted.spec.source)
            await check_contract(wanted.spec, self.checker)
            return wanted.spec, None
        if current is None:
            raise UnknownNotebook(f"no notebook has the id {wanted.notebook_id[:200]!r}")
        version = _found(current, wanted.version)
        old = await self.contents.get(version.digest)
        if old is None or not await self.blobs.are_there(old.blobs):
            raise refusals.version_gone(wanted.notebook_id, version.number)
        # What is no content has no versions: it stays as it is.
        present = current.notebook.spec
        kept = {name: getattr(present, name) for name in _NO_CONTENT}
        return old.spec().model_copy(update=kept), version.number

    async def _history(
        self, current: Entry | None, spec: NotebookSpec, wanted: Wanted, rollback_of: int | None
    ) -> History:
        if current is None:
            history = await self.past.read(wanted.notebook_id)
        else:
            history = current.history
        history = history.model_copy(update=wanted.kept)
        digest = Content.of(wanted.notebook_id, spec).digest
        if current is not None and current.digest == digest and history.items:
            return history  # Only what is no content differs.
        version = PushedVersion(
            number=history.next_number,
            digest=digest,
            pushed_at=self.now(),
            pushed_by=wanted.caller.shown,
            source=wanted.source,
            verdict=wanted.verdict,
            rollback_of=rollback_of,
        )
        return history.followed_by(version)

    async def _write(
        self, current: Entry | None, spec: NotebookSpec, wanted: Wanted, history: History
    ) -> Entry:
        """Write spec, catalog and versions in one request; raise Conflict."""
        labels = {names.CATALOG_LABEL: wanted.catalog}
        annotations = {
            names.MANAGED_BY_ANNOTATION: wanted.managed_by.value,
            names.VERSIONS_ANNOTATION: history.text(),
        }
        # Its record first: from the moment it is served one can come back to it.
        draft = Notebook(namespace="", name="", uid="", spec=spec)
        content = Content.of(wanted.notebook_id, spec)
        await self.contents.keep(draft, content, content.digest)
        if current is None:
            resource = await self._created(wanted.notebook_id, labels, annotations, spec)
        else:
            found = current.notebook
            resource = await self.cluster.change(
                names.NOTEBOOK_PLURAL,
                found.name,
                found.resource_version,
                [
                    _add("labels", {**found.labels, **labels}),
                    _add("annotations", {**found.annotations, **annotations}),
                    {"op": "replace", "path": "/spec", "value": spec.to_wire()},
                ],
            )
        self.followed.put(resource)
        await self._remember(wanted.notebook_id, history)
        return Entry(Notebook.from_resource(resource))

    async def _created(
        self, notebook_id: str, labels: Object, annotations: Object, spec: NotebookSpec
    ) -> Object:
        for name in (resource_name(notebook_id), resource_name(notebook_id, taken_by=notebook_id)):
            metadata = {"name": name, "labels": labels, "annotations": annotations}
            body = {
                "apiVersion": names.API_VERSION,
                "kind": names.NOTEBOOK_KIND,
                "metadata": metadata,
                "spec": spec.to_wire(),
            }
            try:
                return await self.cluster.create(names.NOTEBOOK_PLURAL, body)
            except Refused as refused:
                if refused.reason != "AlreadyExists":
                    raise
            there = await self.cluster.get(names.NOTEBOOK_PLURAL, name)
            if there is None or (there["spec"].get("id") or name) == notebook_id:
                raise Conflict(f"notebook {notebook_id!r} has just been made")
        raise Problem(409, "name-taken", "Its resource's name is taken", f"by {name!r}")

    async def _remember(self, notebook_id: str, history: History) -> None:
        try:
            await self.past.write(notebook_id, history)
        except StoreUnavailable as error:
            # It is written again with the next version, and needed only where this one is deleted.
            _log.warning("%s: its versions are not remembered: %s", notebook_id, error)


def _draft(spec: NotebookSpec) -> Notebook:
    return Notebook(namespace="", name=resource_name(spec.id or ""), uid="", spec=spec)


def _is_same(current: Entry, spec: NotebookSpec, wanted: Wanted) -> bool:
    """Tell whether nothing is to be written: content, settings, catalog, versions kept."""
    return (
        spec_digest(current.notebook.spec) == spec_digest(spec)
        and current.catalog == wanted.catalog
        and current.managed_by is wanted.managed_by
        and all(getattr(current.history, name) == value for name, value in wanted.kept.items())
    )


def _found(current: Entry, wanted: int | str | None) -> PushedVersion:
    for version in current.history.items:
        if wanted in (version.number, version.digest):
            return version
    raise refusals.unknown_version(current, wanted or "")


def _add(field: str, value: Any) -> Object:
    return {"op": "add", "path": f"/metadata/{field}", "value": value}
