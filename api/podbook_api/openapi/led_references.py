"""Sees to it that every reference in a notebook's schemas leads to a component of the document.

Generators of clients refuse what a JSON pointer into a component leads to, and a whole document for
one reference that leads nowhere.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from podbook_api.openapi.references import COMPONENTS

Schema = dict[str, Any]


def led(found: Schema, *, named: Callable[[str, str], str]) -> Schema:
    """Return the components with what is inside of one, and referred to, beside it.

    What leads nowhere, or out of the document, allows anything.
    """
    whole: Schema = {}
    waiting = dict(found)
    while waiting:
        name, schema = waiting.popitem()
        whole[name] = _led(schema, found, waiting, whole, named)
    return whole


def _led(
    node: Any, found: Schema, waiting: Schema, whole: Schema, named: Callable[[str, str], str]
) -> Any:
    if isinstance(node, list):
        return [_led(child, found, waiting, whole, named) for child in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _led(child, found, waiting, whole, named) for key, child in node.items()}
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    name, _, inside = reference.removeprefix(COMPONENTS).partition("/")
    target = _inside(found.get(name), inside) if reference.startswith(COMPONENTS) else None
    if target is None:
        return {key: value for key, value in schema.items() if key != "$ref"}
    if inside:
        name = named(name, inside)
        if name not in whole and name not in waiting:
            waiting[name] = target
    return {**schema, "$ref": f"{COMPONENTS}{name}"}


def _inside(node: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to, None where it leads nowhere."""
    for part in unquote(pointer).split("/") if pointer else ():
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict):
            node = node.get(key)
        else:
            return None
    return node if isinstance(node, dict) else None
