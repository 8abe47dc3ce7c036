"""Reads a notebook that came with a request: is it one, and in which language."""

from dataclasses import dataclass
from typing import Any

from podbook_api.http.large_bodies import CameAlong
from podbook_crds import strict_json
from podbook_crds.call_rules import languages
from podbook_crds.errors import InvalidNotebook


@dataclass(frozen=True, slots=True)
class InlineNotebook:
    """The notebook as JSON text, and its language in small letters where it says one."""

    text: str
    language: str | None


def read(ipynb: str | dict[str, Any], came_along: CameAlong | None = None) -> InlineNotebook:
    """Return the notebook; raise InvalidNotebook with what a notebook needs and it lacks.

    came_along is what was found of it already.
    """
    if came_along is not None and isinstance(ipynb, str):
        if came_along.problem is not None:
            raise InvalidNotebook(came_along.problem)
        return InlineNotebook(ipynb, came_along.language)
    text = ipynb if isinstance(ipynb, str) else strict_json.text(ipynb)
    return InlineNotebook(text, language_of(ipynb))


def language_of(ipynb: str | dict[str, Any]) -> str | None:
    """Return the language that it says; raise InvalidNotebook likewise.

    Its cells are the runner's to judge: only what can never run is refused here.
    """
    try:
        notebook = strict_json.parse(ipynb) if isinstance(ipynb, str) else ipynb
    except strict_json.NotJson as error:
        raise InvalidNotebook(f"ipynb is not JSON: {error}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise InvalidNotebook("ipynb is no notebook: it has no nbformat")
    if not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise InvalidNotebook("ipynb is no notebook: it has no list of cells")
    return languages.said_by(notebook)
