"""Keeps, before a run is accepted, what it will be made of: its notebook may be gone by then."""

import logging
from http import HTTPStatus

from podbook_api.state.catalog import Entry
from podbook_api.state.cluster import Cluster
from podbook_crds.errors import Refused
from podbook_crds.resources import revision

_log = logging.getLogger(__name__)


class Revisions:
    """One object for each version that is run, not for each run."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        # The last version of each notebook: one that comes back may have been tidied away.
        self._kept: dict[str, str] = {}

    async def keep(self, entry: Entry) -> None:
        """Make sure that the notebook's present version is kept."""
        name, digest = entry.notebook.name, entry.digest
        if self._kept.get(name) == digest:
            return
        try:
            await self._cluster.create(revision.PLURAL, revision.write(entry.notebook, digest))
        except Refused as refused:
            if refused.status == HTTPStatus.FORBIDDEN:
                # A Role of an older release: the run itself needs it only where its notebook goes.
                _log.warning("%s: its version is not kept: %s", name, refused)
            elif refused.reason != "AlreadyExists":
                raise
        self._kept[name] = digest
