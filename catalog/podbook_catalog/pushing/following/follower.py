"""Looks what the repository is now, brings the server there, and says how it stands."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from podbook_catalog.pushing.following.one_pass import Brought, Rules, bring
from podbook_catalog.pushing.following.repository import GitFailed, Repository
from podbook_catalog.pushing.origin import without_password
from podbook_catalog.pushing.rest import CatalogServer, Declined, NoAnswer
from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.snapshot import Snapshot, read_snapshot
from podbook_crds.protocol.followed_catalog import (
    FAULTS_LIMIT,
    CatalogFault,
    FollowedCatalog,
    fault,
)
from podbook_crds.resources.pushed import Origin

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """A commit that was checked out: its folder, or why that cannot be read."""

    commit: str
    snapshot: Snapshot | None
    faults: list[CatalogFault]


class Follower:
    """A repository's folder on its way to a server, again and again."""

    def __init__(
        self,
        repository: Repository,
        *,
        path: str,
        server: CatalogServer,
        rules: Rules,
        now: Callable[[], datetime],
    ) -> None:
        self._repository, self._path = repository, path
        self._server, self._rules, self._now = server, rules, now
        self._read: _Read | None = None
        # As the last pass left it; None before the first.
        self.stands: FollowedCatalog | None = None

    def go_on_from(self, told: FollowedCatalog | None) -> None:
        """Take over how it stood before this process, if that is of the same folder."""
        if told is not None and (told.repository, told.ref, told.path) == self._place:
            self.stands = told

    @property
    def _place(self) -> tuple[str, str, str]:
        shown = without_password(self._repository.url) or ""
        return shown, self._repository.ref, self._path

    def look(self) -> tuple[FollowedCatalog, Brought]:
        """Return how it stands after one pass, and what that pass changed.

        Nothing is raised that a repository, its server or the way to them can bring about: it is
        told, and the next pass looks again.
        """
        try:
            commit = self._repository.fetch()
            if self._read is None or self._read.commit != commit:
                self._read = self._check_out(commit)
        except (GitFailed, OSError) as error:
            return self._stand(Brought(faults=[fault(f"the repository: {error}")])), Brought()
        read = self._read
        brought = Brought(faults=list(read.faults))
        if read.snapshot is not None:
            brought = self._bring(read.snapshot, commit)
            brought.faults = [*read.faults, *brought.faults]
        return self._stand(brought, read), brought

    def _bring(self, snapshot: Snapshot, commit: str) -> Brought:
        origin = Origin(
            repository=without_password(self._repository.url),
            ref=self._repository.ref,
            commit=commit,
            path=self._path or None,
            dirty=False,
        )
        try:
            return bring(snapshot, self._server, origin, self._rules)
        except (NoAnswer, Declined) as error:
            return Brought(faults=[fault(str(error))])

    def _check_out(self, commit: str) -> _Read:
        tree, links = self._repository.check_out(commit)
        faults = [fault(f"{path} leads out of the repository: it is left out") for path in links]
        root = tree / self._path
        if not root.is_dir():
            shown = self._path or "its root"
            return _Read(commit, None, [*faults, fault(f"{shown} is no folder of the repository")])
        try:
            found = read_snapshot(root, interpreter=None, environment={}, is_local=False)
        except (Mistaken, OSError) as error:
            return _Read(commit, None, [*faults, fault(str(error))])
        for sentence in found.warnings:
            _log.warning("%s: %s", commit[:12], sentence)
        return _Read(commit, found, faults)

    def _stand(self, brought: Brought, read: _Read | None = None) -> FollowedCatalog:
        before = self.stands
        revision = read.commit if read else before and before.revision
        is_served = read is not None and not brought.faults
        name = read.snapshot.name if read and read.snapshot else before and before.name
        repository, ref, path = self._place
        self.stands = FollowedCatalog(
            name=name or None,
            repository=repository,
            ref=ref,
            path=path,
            revision=revision or None,
            served=revision if is_served else before and before.served,
            checked_at=self._now(),
            faults=brought.faults[:FAULTS_LIMIT],
        )
        return self.stands


def repository_folder(work: Path) -> Path:
    """Return where fetched commits are kept, empty: what an earlier process left is not trusted."""
    folder = work / "git"
    shutil.rmtree(folder, ignore_errors=True)
    return folder
