"""Reads notebooks as Times Square keeps them: NAME.ipynb, with NAME.yaml beside it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from podbook_cli.exits import BadInput
from podbook_crds.call_rules.parameters_cells import TAG, declaring, source_of, tags_of

# A default that is worked out when the page is made: there is no such thing in a contract.
_DYNAMIC: Final = "X-Dynamic-Default"
_TEMPLATE: Final = re.compile(r"\{\{.*?params\..*?\}\}")


@dataclass(frozen=True, slots=True)
class Converted:
    """A notebook as Podbook has it."""

    path: PurePosixPath
    notebook: dict[str, Any]
    config: dict[str, Any]
    # What could not be taken over, in sentences.
    remarks: list[str] = field(default_factory=list)


def converted(source: Path) -> Iterator[Converted]:
    """Yield the notebooks that have their settings beside them; raises BadInput."""
    for path in sorted(source.rglob("*.ipynb")):
        beside = next((p for s in (".yaml", ".yml") if (p := path.with_suffix(s)).is_file()), None)
        if beside is not None and ".ipynb_checkpoints" not in path.parts:
            yield _one(path, beside, PurePosixPath(path.relative_to(source).as_posix()))


def _one(path: Path, beside: Path, name: PurePosixPath) -> Converted:
    import yaml

    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        settings = yaml.safe_load(beside.read_text(encoding="utf-8")) or {}
        cells, declared = notebook["cells"], settings.get("parameters") or {}
        remarks = [*_tag(cells), *_templates(cells)]
        properties = {str(key): _property(key, schema, remarks) for key, schema in declared.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError, yaml.YAMLError) as error:
        raise BadInput(f"{beside}, or {path.name}, cannot be read: {error}") from error
    said = {key: str(settings[key]) for key in ("title", "description") if settings.get(key)}
    schema = {**said, "type": "object", "properties": properties}
    return Converted(name, notebook, {"input": schema}, remarks)


def _tag(cells: list[dict[str, Any]]) -> Iterator[str]:
    """Tag the first cell of code: it is the one that Times Square replaces by the parameters."""
    if declaring(cells, by_first_line=False) is not None:
        return
    for cell in cells:
        if cell.get("cell_type") == "code":
            cell["metadata"] = {**(cell.get("metadata") or {}), "tags": [*tags_of(cell), TAG]}
            return
    yield "it has no cell of code, and so none for parameters"


def _templates(cells: list[dict[str, Any]]) -> Iterator[str]:
    if any(_TEMPLATE.search(source_of(cell)) for cell in cells):
        yield "{{ params.… }} stands in a cell and is shown as it is: print the value instead"


def _property(name: Any, schema: Any, remarks: list[str]) -> dict[str, Any]:
    found = {str(key): _plain(value) for key, value in dict(schema).items()}
    if found.pop(_DYNAMIC, None) is not None:
        remarks.append(f"the default of {name} was worked out anew each time: callers give it now")
    return found


def _plain(value: Any) -> Any:
    """Return a date of YAML's as the text that JSON has for it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
