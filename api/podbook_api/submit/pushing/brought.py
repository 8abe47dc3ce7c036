"""Reads what a push brings as its notebook: whether a run could read it, too."""

import json
from typing import Any

from podbook_api.artifacts.store import Store
from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_crds.bounded_processes.serving import Refusal
from podbook_crds.errors import InvalidNotebook
from podbook_crds.formats.notebooks import lacking
from podbook_crds.resources.notebook import Source


class Brought:
    """Looks into pushed notebooks, in bounds."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader

    async def check(self, source: Source) -> None:
        """Raise InvalidNotebook unless it is a notebook; what is not there is another's to tell."""
        if source.blob is None:
            name, data = "ipynb", (source.ipynb or "").encode("utf-8", "surrogatepass")
        else:
            name, found = f"blob {source.blob}", await self._store.get_blob(source.blob)
            if found is None:
                return
            data = found
        try:
            await self._reader.ask(judge, {}, data)
        except Unreadable as error:
            raise InvalidNotebook(f"/spec/source: {name}: {error}") from error


def judge(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Refuse what is no notebook; read as the runner reads it, which takes NaN for a number."""
    try:
        lacks = lacking(json.loads(parts[0]))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"it is not JSON: {error}") from error
    if lacks:
        raise Refusal(f"it is no notebook: {lacks}")
    return b""
