"""`podbook contract`: prints a notebook's contract as its config file."""

import json
from pathlib import Path
from typing import Any, Final

from podbook_cli.exits import BadInput
from podbook_cli.printing.formats import Format, print_value
from podbook_cli.printing.printed_json import print_json
from podbook_cli.servers.target import Target

# Of a notebook that says nothing of its parameters: where to write them.
_NOTHING_YET: Final = {"type": "object", "properties": {}}


def show_contract(notebook: str, target: Target, shape: Format) -> None:
    """Print what NAME.config.json would say: of a file by reading it, else as the server has it."""
    path = Path(notebook)
    found = _of_file(path) if path.suffix == ".ipynb" else _of_server(notebook, target)
    if shape is Format.JSON:
        print_json(found, indent=4)
    else:
        print_value(found, shape)


def _of_file(path: Path) -> dict[str, Any]:
    from podbook_catalog.entries.cells import with_cells
    from podbook_catalog.entries.inference import inferred_contract

    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no notebook: {error}") from error
    found = with_cells(notebook)
    if found is None:
        raise BadInput(f"{path} is no notebook: it has no list of cells")
    return {"input": inferred_contract(found) or _NOTHING_YET}


def _of_server(notebook: str, target: Target) -> dict[str, Any]:
    with target.client() as client:
        view = client.notebook(notebook)
    if view["problem"]:
        raise BadInput(f"notebook {notebook!r} cannot be run: {view['problem']}")
    output = {} if view.get("output") is None else {"output": view["output"]}
    asked = view.get("input")
    return {"input": _NOTHING_YET if asked is None else asked, **output}
