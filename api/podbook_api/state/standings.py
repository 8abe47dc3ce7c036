"""What is to be known of an execution beside itself: what it hides, and until when it is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.state.catalog import Catalog
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.state.parameters_in_short import hidden_names
from podbook_api.state.submission_order import Kind
from podbook_crds import names
from podbook_crds.ends.latest import keeps_latest
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import StoreUnavailable
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Defaults


@dataclass(frozen=True, slots=True)
class Standing:
    """Times are None where nothing is due before its end, or before somebody's word."""

    secrets: frozenset[str]
    expires_at: datetime | None = None
    artifacts_expire_at: datetime | None = None


class Standings:
    """Finds it by the notebook as it is now, and by the version that ran."""

    def __init__(self, catalog: Catalog, contents: Contents, index: ExecutionIndex) -> None:
        self._catalog = catalog
        self._contents = contents
        self._index = index

    def secrets(self, notebook: str | None) -> frozenset[str]:
        """Return the parameters that the notebook of that name hides."""
        entry = None if notebook is None else self._catalog.named(notebook)
        return frozenset() if entry is None else entry.secrets

    def hidden(self, execution: Execution) -> frozenset[str]:
        """Return the parameters of an execution that are shown to nobody."""
        told = hidden_names(execution.annotations.get(names.SECRETS_ANNOTATION))
        return told | self.secrets(execution.spec.notebook.name)

    async def of(self, execution: Execution) -> Standing:
        """Return it for one execution."""
        notebook = execution.spec.notebook.name
        secrets = self.hidden(execution)
        ended, spec = execution.status.finished_at, execution.spec
        if ended is None or spec.keep or self._is_latest(execution):
            return Standing(secrets)
        # The operator goes by the notebook as it is, the sweep by the version that ran.
        own = spec.ttl_seconds_after_finished
        seconds = self._defaults(notebook).ttl_seconds_after_finished if own is None else own
        kept = await self._artifact_seconds(execution)
        return Standing(
            secrets,
            expires_at=ended + timedelta(seconds=seconds),
            artifacts_expire_at=None if kept is None else ended + timedelta(seconds=kept),
        )

    def _is_latest(self, execution: Execution) -> bool:
        """Whether it stays because it is the newest result for its parameters."""
        entry = self._catalog.named(execution.spec.notebook.name or "")
        if entry is None or not keeps_latest(entry.notebook):
            return False
        asked = execution.labels.get(names.PARAMETERS_LABEL)
        kind = Kind(entry.notebook.id, Phase.SUCCEEDED, asked)
        newest = next(self._index.lines(kind, before=None), None) if asked else None
        return newest is not None and newest.uid == execution.uid

    def _defaults(self, notebook: str | None) -> Defaults:
        entry = None if notebook is None else self._catalog.named(notebook)
        return Defaults() if entry is None else entry.notebook.spec.defaults

    async def _artifact_seconds(self, execution: Execution) -> int | None:
        digest = execution.spec.notebook.digest or execution.status.notebook_digest
        if digest is None:
            return Defaults().artifact_ttl_seconds
        try:
            content = await self._contents.get(digest)
        except StoreUnavailable:
            return None
        return (Defaults() if content is None else content.defaults).artifact_ttl_seconds
