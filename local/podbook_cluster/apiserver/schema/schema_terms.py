"""Short words for schemas of built-in kinds."""

from typing import Any, Final

Schema = dict[str, Any]

_ANY: Final = "x-kubernetes-preserve-unknown-fields"


def text(description: str = "") -> Schema:
    """A text."""
    return {"type": "string", "description": description}


def integer(description: str = "") -> Schema:
    """A whole number."""
    return {"type": "integer", "description": description}


def fields(description: str = "", required: str = "", **properties: Schema) -> Schema:
    """An object with these fields, the `required` ones at least; unknown ones are kept."""
    return {
        "type": "object",
        "description": description,
        _ANY: True,
        **({"required": required.split()} if required else {}),
        **({"properties": properties} if properties else {}),
    }


def items(of: Schema, description: str = "") -> Schema:
    """A list."""
    return {"type": "array", "description": description, "items": of}


def texts_by_name(description: str = "") -> Schema:
    """Any names, each with a text."""
    return {"type": "object", "description": description, "additionalProperties": text()}


def texts(description: str = "") -> Schema:
    """A list of texts."""
    return items(text(), description)
