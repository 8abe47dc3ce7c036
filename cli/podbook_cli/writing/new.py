"""`podbook new`: writes a first notebook with its contract, or takes over those of Times Square."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from podbook_catalog.entries.draft import config_path
from podbook_cli.exits import BadInput
from podbook_cli.writing.times_square import converted

# Served by every `podbook up` at its usual port; editors complete by it.
_SCHEMA: Final = "http://127.0.0.1:5050/schemas/config.json"


def new(name: str, *, times_square: Path | None) -> int:
    """Write NAME.ipynb and its config; or, of a folder of Times Square, all that are in it."""
    if times_square is not None:
        return _taken_over(Path(name), times_square)
    path = Path(name if name.endswith(".ipynb") else f"{name}.ipynb")
    _save(path, _notebook(path.stem), _config())
    return 0


def _taken_over(folder: Path, source: Path) -> int:
    if not source.is_dir():
        raise BadInput(f"{source}: there is no such folder")
    found = list(converted(source))
    if not found:
        raise BadInput(f"{source}: no notebook there has a NAME.yaml beside it")
    for each in found:
        _save(folder / each.path, each.notebook, {"$schema": _SCHEMA, **each.config})
        for remark in each.remarks:
            sys.stderr.write(f"warning: {folder / each.path}: {remark}\n")
    return 0


def _save(path: Path, notebook: dict[str, Any], config: dict[str, Any]) -> None:
    beside = config_path(path)
    for file in (path, beside):
        if file.exists():
            raise BadInput(f"{file} is there already; nothing was written over it")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The contract first: a server that follows the folder never shows the one without the other.
    for file, value, indent in ((beside, config, 2), (path, notebook, 1)):
        text = json.dumps(value, indent=indent, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{file}\n")


def _notebook(title: str) -> dict[str, Any]:
    saves = 'from podbook import save_output\n\nsave_output({"greeting": f"Hello, {name}!"})'
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {title}"},
        _code("parameters", 'name = "world"  # who is greeted', tags=["parameters"]),
        _code("work", saves),
    ]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}


def _code(name: str, source: str, *, tags: list[str] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"tags": tags} if tags else {},
        "outputs": [],
        "source": source,
    }


def _config() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "default": "world", "description": "Who is greeted."}
    greeting = {"type": "string"}
    return {
        "$schema": _SCHEMA,
        "input": {"type": "object", "properties": {"name": name}},
        "output": {
            "type": "object",
            "properties": {"greeting": greeting},
            "required": ["greeting"],
        },
        "examples": [
            {
                "name": "somebody",
                "parameters": {"name": "Ada"},
                "output": {"greeting": "Hello, Ada!"},
            }
        ],
    }
