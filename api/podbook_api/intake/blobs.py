"""Hands a run pod the blobs of its own execution's content, and no others."""

from podbook_api.artifacts.store import Store
from podbook_api.http.problems import Problem
from podbook_api.intake.identity import Caller
from podbook_api.intake.jobs import ContentGone, Jobs
from podbook_api.intake.view import View


class Blobs:
    """What a job names by digest instead of holding it."""

    def __init__(self, store: Store, view: View, jobs: Jobs) -> None:
        self._store = store
        self._view = view
        self._jobs = jobs

    async def fetch(self, caller: Caller, digest: str) -> bytes:
        """Return a blob of the content that the caller's job was made of.

        Raises Gone unless the caller's pod is there and its claim stands. Another execution's
        blob is a 404 like one that is nowhere: nobody learns here what the store holds.
        """
        pod = await self._view.pod(caller)
        execution = await self._view.claimed(caller)
        try:
            named = await self._jobs.blobs(execution, pod)
        except ContentGone:
            named = frozenset()
        return await self.one_of(named, digest)

    async def one_of(self, named: frozenset[str], digest: str) -> bytes:
        """Return a blob of those; raise Problem 404."""
        data = await self._store.get_blob(digest) if digest in named else None
        if data is None:
            raise Problem(404, "unknown-blob", "no such blob in this execution's content")
        return data
