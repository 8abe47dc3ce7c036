"""Values that come as text, from a command line or an address, as what a contract means by them."""

import json
from collections.abc import Mapping
from typing import Any


def typed(given: Mapping[str, str], schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the values: text where the contract says so, else JSON where it is JSON."""
    texts = text_names(schema)
    return {name: text if name in texts else value(text) for name, text in given.items()}


def text_names(schema: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the names whose values are text in any case."""
    properties = (schema or {}).get("properties")
    declared = properties if isinstance(properties, dict) else {}
    return frozenset(
        name
        for name, below in declared.items()
        if isinstance(below, dict) and below.get("type") == "string"
    )


def value(text: str) -> Any:
    """Return what the text is as JSON (`5`, `true`, `[1, 2]`, `"5"`), else the text itself."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text
