"""Reads an executed notebook as leniently as it can be shown; nothing is validated."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

_CURRENT: Final = 4
_WIDGETS: Final = "application/vnd.jupyter.widget-state+json"
_HEADINGS: Final = 6

Json = dict[str, Any]


class NoNotebook(Exception):
    """What was handed in has no cells that could be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; kind is code, markdown or raw, and outputs are objects with an output_type."""

    number: int
    kind: str
    source: str
    tags: frozenset[str] = frozenset()
    metadata: Json = field(default_factory=dict)
    outputs: tuple[Json, ...] = ()
    count: int | None = None
    attachments: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """A notebook: its cells, the lexer of its language, and the widgets' models by their ids."""

    cells: tuple[Cell, ...]
    lexer: str
    models: dict[str, Json]


def read(ipynb: bytes) -> Book:
    """Return the notebook; what does not fit its format is repaired or left out.

    Raises NoNotebook.
    """
    try:
        raw = json.loads(ipynb.decode("utf-8-sig", "replace"))
    except ValueError as error:
        raise NoNotebook(f"it is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise NoNotebook(f"it is no JSON object but a {type(raw).__name__}")
    version = raw.get("nbformat")
    if isinstance(version, int) and version < _CURRENT:
        raw = _upgraded(raw)
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise NoNotebook("it has no list of cells")
    metadata = _object(raw.get("metadata"))
    kept = [cell for cell in cells if isinstance(cell, dict)]
    return Book(
        cells=tuple(_cell(number, cell) for number, cell in enumerate(kept, 1)),
        lexer=_lexer(metadata),
        models=_models(metadata),
    )


def text_of(value: Any) -> str:
    """Return a text that may stand as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _upgraded(raw: Json) -> Json:
    import warnings

    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dict(nbformat.convert(nbformat.from_dict(raw), _CURRENT))
    except Exception as error:  # nbformat raises whatever it trips over.
        said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise NoNotebook(f"its format is too old to be read: {said}") from error


def _cell(number: int, raw: Json) -> Cell:
    kind, source = raw.get("cell_type"), text_of(raw.get("source"))
    if kind == "heading":
        level = raw.get("level")
        level = level if isinstance(level, int) and 1 <= level <= _HEADINGS else 1
        kind, source = "markdown", f"{'#' * level} {' '.join(source.splitlines())}"
    metadata = _object(raw.get("metadata"))
    count = raw.get("execution_count")
    outputs = raw.get("outputs")
    return Cell(
        number=number,
        kind=kind if kind in ("code", "markdown") else "raw",
        source=source,
        tags=_tags(metadata.get("tags")),
        metadata=metadata,
        outputs=tuple(o for o in outputs if isinstance(o, dict))
        if isinstance(outputs, list)
        else (),
        count=count if isinstance(count, int) else None,
        attachments=_object(raw.get("attachments")),
    )


def _tags(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.replace(",", " ").split())
    return (
        frozenset(tag for tag in value if isinstance(tag, str)) if _is_list(value) else frozenset()
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _lexer(metadata: Json) -> str:
    language = _object(metadata.get("language_info"))
    kernel = _object(metadata.get("kernelspec"))
    found = language.get("pygments_lexer") or language.get("name") or kernel.get("language")
    return found if isinstance(found, str) else "python"


def _models(metadata: Json) -> dict[str, Json]:
    """Return the models; Colab writes them without the object around them."""
    kept = _object(_object(metadata.get("widgets")).get(_WIDGETS))
    state = kept.get("state")
    if isinstance(state, dict) and "model_name" not in state:
        kept = state
    return {
        name: model
        for name, model in kept.items()
        if isinstance(model, dict) and isinstance(model.get("state"), dict)
    }


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
