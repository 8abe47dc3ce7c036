"""What the cluster has of a folder: read seldom, and kept as it is written."""

import time
from typing import Any, Final

from podbook_catalog.target.resource_changes import Changes, path_of
from podbook_catalog.target.resources import NotebookResources
from podbook_crds.errors import PodbookError

# Somebody may have changed or deleted a resource with kubectl: it is put back by the first pass
# after so long.
_TRUSTED_SECONDS: Final = 30.0

Resource = dict[str, Any]


class Standing:
    """The resources of a folder, by name."""

    def __init__(self, resources: NotebookResources) -> None:
        self._resources = resources
        self._present: dict[str, Resource] = {}
        self._read_at: float | None = None

    def read(self) -> dict[str, Resource]:
        """Return what stands; raises ClusterUnavailable."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > _TRUSTED_SECONDS:
            self._present = self._resources.present()
            self._read_at = now
        return self._present

    def write(self, needed: Changes) -> dict[str, str]:
        """Write what differs; return a sentence for each file that the cluster refuses.

        What was served before goes on being served then. Raises ClusterUnavailable.
        """
        created = [
            self._resources.labelled(name, entry.path.as_posix(), entry.wire)
            for name, entry in needed.created
        ]
        wanted = [*created, *needed.replaced]
        paths = {resource["metadata"]["name"]: path_of(resource) for resource in wanted}
        answers: dict[str, Resource] = {}
        try:
            refused = self._resources.write(wanted, needed.deleted, answers=answers)
        except PodbookError:
            self._read_at = None
            raise
        self._keep(wanted, answers, needed.deleted)
        if refused:
            # Somebody else's doing: what there is now has to be seen.
            self._read_at = None
        return {
            paths.get(name, name): f"{paths.get(name, name)} is refused by the cluster: {why}"
            for name, why in refused.items()
        }

    def _keep(
        self, wanted: list[Resource], answers: dict[str, Resource], deleted: list[str]
    ) -> None:
        for resource in wanted:
            name = resource["metadata"]["name"]
            if name in answers:
                # The spec that was sent, which is compared with faster than an equal one.
                is_same = answers[name]["spec"] == resource["spec"]
                self._present[name] = {
                    **answers[name],
                    "spec": resource["spec"] if is_same else answers[name]["spec"],
                }
        for name in deleted:
            self._present.pop(name, None)
