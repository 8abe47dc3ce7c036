"""Reads a notebook that came with a request: is it one, and in which language."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from podbook_api.http.large_bodies import CameAlong
from podbook_crds.call_rules import languages
from podbook_crds.errors import InvalidNotebook
from podbook_crds.formats import strict_json
from podbook_crds.formats.notebooks import lacking
from podbook_crds.resources.serving.answers import Cache

# Where in its metadata a notebook speaks to Podbook.
_OWN: Final = "podbook"


@dataclass(frozen=True, slots=True)
class InlineNotebook:
    """The notebook as JSON text, and its language in small letters where it says one."""

    text: str
    language: str | None
    # What its own metadata says, as the config of one in a catalog would.
    cache: Cache | None = None


def read(ipynb: str | dict[str, Any], came_along: CameAlong | None = None) -> InlineNotebook:
    """Return the notebook; raise InvalidNotebook with what a notebook needs and it lacks.

    came_along is what was found of it already.
    """
    if came_along is not None and isinstance(ipynb, str):
        if came_along.problem is not None:
            raise InvalidNotebook(came_along.problem)
        return InlineNotebook(ipynb, came_along.language, _cache(came_along.cache))
    text = ipynb if isinstance(ipynb, str) else strict_json.text(ipynb)
    said = said_by(ipynb)
    return InlineNotebook(text, said.language, _cache(said.cache))


@dataclass(frozen=True, slots=True)
class Said:
    """What a notebook's metadata say that an API has to know."""

    language: str | None
    cache: Any


def said_by(ipynb: str | dict[str, Any]) -> Said:
    """Return what it says of itself; raise InvalidNotebook likewise.

    Its cells are the runner's to judge: only what can never run is refused here.
    """
    try:
        notebook = strict_json.parse(ipynb) if isinstance(ipynb, str) else ipynb
    except strict_json.NotJson as error:
        raise InvalidNotebook(f"ipynb is not JSON: {error}") from error
    if lacks := lacking(notebook):
        raise InvalidNotebook(f"ipynb is no notebook: {lacks}")
    metadata = notebook.get("metadata")
    own = metadata.get(_OWN) if isinstance(metadata, dict) else None
    cache = own.get("cache") if isinstance(own, dict) else None
    return Said(languages.said_by(notebook), cache)


def _cache(said: Any) -> Cache | None:
    if said is None:
        return None
    try:
        return Cache.model_validate(said)
    except ValidationError as error:
        why = error.errors()[0]
        place = "/".join(("", "metadata", _OWN, "cache", *map(str, why["loc"])))
        raise InvalidNotebook(f"{place}: {why['msg']}") from error
