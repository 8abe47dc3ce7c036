"""Reads a notebook that came with a request: is it one, and in which language."""

from dataclasses import dataclass
from typing import Any

from podbook_api.http import strict_json
from podbook_crds.calls import languages
from podbook_crds.errors import InvalidNotebook


@dataclass(frozen=True, slots=True)
class InlineNotebook:
    """The notebook as JSON text, and its language in small letters where it says one."""

    text: str
    language: str | None


def read(ipynb: str | dict[str, Any]) -> InlineNotebook:
    """Return the notebook; raise InvalidNotebook with what a notebook needs and it lacks.

    Its cells are the runner's to judge: only what can never run is refused here.
    """
    text = ipynb if isinstance(ipynb, str) else strict_json.text(ipynb)
    try:
        notebook = strict_json.parse(text) if isinstance(ipynb, str) else ipynb
    except strict_json.NotJson as error:
        raise InvalidNotebook(f"ipynb is not JSON: {error}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise InvalidNotebook("ipynb is no notebook: it has no nbformat")
    if not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise InvalidNotebook("ipynb is no notebook: it has no list of cells")
    return InlineNotebook(text, languages.said_by(notebook))
