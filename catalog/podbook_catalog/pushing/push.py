"""Carries out a push: each notebook for itself, old or new, whatever happens in between."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from podbook_catalog.pushing.plan import Change, Step
from podbook_catalog.pushing.rest import CatalogServer, Declined
from podbook_catalog.snapshot import Snapshot
from podbook_crds.content import Content
from podbook_crds.resources.pushed import Origin, Verdict

# A sweep may take a blob between the question and the notebook that names it.
_TRIES: Final = 3

Json = dict[str, Any]


class FileChanged(Exception):
    """A file of the folder is another than it was when the folder was read."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    prune: bool = False
    take_over: bool = False
    dry_run: bool = False
    managed_by: str = "push"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one notebook; refused says why nothing did."""

    step: Step
    digest: str | None = None
    version: int | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """One folder on its way to one server."""

    snapshot: Snapshot
    server: CatalogServer
    options: Options
    origin: Origin | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    is_stopped: Callable[[], bool] = bool

    def carry_out(self, steps: Iterable[Step]) -> Iterator[Done]:
        """Take the steps, and yield what each came to; raises NoAnswer.

        What one notebook is refused for keeps no other back.
        """
        for step in steps:
            try:
                yield self._take(step)
            except Declined as error:
                yield Done(step, refused=str(error))
            except (FileChanged, OSError) as error:
                yield Done(step, refused=f"{error}; push again")

    def _take(self, step: Step) -> Done:
        if step.change is Change.UNCHANGED or (
            step.change is Change.REMOVED and not self.options.prune
        ):
            return Done(step, step.known, _version_of(step.there))
        if step.change is Change.REMOVED:
            if not self.options.dry_run:
                by_git = self.options.managed_by == "git"
                self.server.delete(
                    step.id, catalog=self.snapshot.name, known=step.known or "", by_git=by_git
                )
            return Done(step, step.known)
        if self.options.dry_run:
            return self._tried(step)
        self._send(_blobs(step))
        for _ in range(_TRIES - 1):
            try:
                return self._put(step)
            except Declined as error:
                if not error.missing:
                    raise
                for digest in error.missing:
                    self.server.forget(digest)
                self._send(error.missing)
        return self._put(step)

    def _tried(self, step: Step) -> Done:
        """Ask whether it would be written; what the server has not got yet is no objection."""
        try:
            return self._put(step)
        except Declined as error:
            if not error.missing:
                raise
            return Done(step, _digest(step))

    def _put(self, step: Step) -> Done:
        answer = self.server.put(
            step.id, self._body(step), known=step.known, dry_run=self.options.dry_run
        )
        if self.options.dry_run:
            return Done(step, _digest(step))
        return Done(step, answer["digest"], _version_of(answer))

    def _body(self, step: Step) -> Json:
        body: Json = {
            "catalog": self.snapshot.name,
            "spec": step.entry.wire if step.entry else {},
            "managedBy": self.options.managed_by,
            "takeOver": self.options.take_over,
            "versions": self.snapshot.settings.versions.to_wire(),
        }
        if self.origin is not None:
            body["source"] = self.origin.to_wire()
        if step.id in self.verdicts:
            body["verdict"] = self.verdicts[step.id].value
        return body

    def _send(self, digests: Iterable[str]) -> None:
        for digest in digests:
            if self.server.has(digest):
                continue
            data = self.snapshot.blobs.read(digest)
            if data is None:
                path = self.snapshot.blobs.files[digest]
                raise FileChanged(f"{path} changed while it was pushed")
            self.server.send(digest, data)


def _content(step: Step) -> Content:
    assert step.entry is not None
    return Content.of(step.id, step.entry.spec)


def _blobs(step: Step) -> list[str]:
    return sorted(_content(step).blobs)


def _digest(step: Step) -> str:
    return _content(step).digest


def _version_of(view: Json | None) -> int | None:
    return None if view is None else view.get("version")
