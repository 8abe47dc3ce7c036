"""How far the cells of running executions are; never written into a resource."""

from collections import OrderedDict
from typing import Final

from podbook_api.store import PROGRESS, Store, artifact_path
from podbook_crds.intake import Progress

_REMEMBERED: Final = 4096


class ProgressBoard:
    """The newest progress of each running execution: this process's own, else the store's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: OrderedDict[str, Progress] = OrderedDict()

    async def put(self, execution_uid: str, progress: Progress) -> None:
        """Keep a progress."""
        self._newest[execution_uid] = progress
        self._newest.move_to_end(execution_uid)
        while len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)
        path = artifact_path(execution_uid, PROGRESS)
        await self._store.put(path, progress.model_dump_json().encode())

    async def get(self, execution_uid: str) -> Progress | None:
        """Return the progress, or None where none was reported."""
        known = self._newest.get(execution_uid)
        if known is not None:
            return known
        data = await self._store.get(artifact_path(execution_uid, PROGRESS))
        try:
            return None if data is None else Progress.model_validate_json(data)
        except ValueError:
            return None
