"""Writes the JSON Schemas of people's own files, by which editors complete and check them.

python -m podbook_catalog.entries.published [--check]
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

import podbook_crds
from podbook_catalog.entries.config import Config
from podbook_catalog.settings.podbook_toml import Settings
from podbook_crds.formats.kept_files import keep

Schema = dict[str, Any]

FOLDER: Final = Path(podbook_crds.__file__).parent / "schemas"
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"


def files() -> dict[str, str]:
    """Return the text of every file, by its name."""
    config = _of(Config, "NAME.config.json of Podbook")
    for name in ("input", "output"):
        said = "What goes in." if name == "input" else "What comes out."
        config["properties"][name] = {"description": said, "$ref": _DRAFT}
    schemas = {"config.json": config, "podbook.json": _of(Settings, "podbook.toml of Podbook")}
    return {name: json.dumps(schema, indent=1) + "\n" for name, schema in schemas.items()}


def _of(model: type[BaseModel], title: str) -> Schema:
    schema = _closed(model.model_json_schema(by_alias=True))
    return {"$schema": _DRAFT, **schema, "title": title}


def _closed(node: Any) -> Any:
    """Refuse unknown keys, as the reader does, and leave out the titles that no person wrote."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {
        key: {name: _closed(inner) for name, inner in value.items()}
        if key in {"properties", "$defs"}
        else _closed(value)
        for key, value in node.items()
        if key != "title" or not isinstance(value, str)
    }
    return {**closed, "additionalProperties": False} if "properties" in node else closed


def main() -> int:
    """Write the files, or with --check tell which are not current."""
    command = "python -m podbook_catalog.entries.published"
    return keep(FOLDER, files(), command=command, check="--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
