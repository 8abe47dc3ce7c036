"""Sees to it that every reference in a notebook's schemas leads to a component of the document.

Generators of clients refuse what a JSON pointer into a component leads to, and a whole document for
one reference that leads nowhere.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from podbook_api.openapi import schema_dialect
from podbook_api.openapi.references import COMPONENTS
from podbook_crds.formats.json_pointers import unescaped

Schema = dict[str, Any]


def led(found: Schema, *, named: Callable[[str, str], str]) -> Schema:
    """Return the components with what is inside of one, and referred to, beside it.

    What leads nowhere, or out of the document, allows anything.
    """
    leading = _Leading(found, named)
    while leading.waiting:
        name, schema = leading.waiting.popitem()
        leading.whole[name] = leading.of(schema)
    return leading.whole


class _Leading:
    """The components that stand already, and those that wait for it."""

    def __init__(self, found: Schema, named: Callable[[str, str], str]) -> None:
        self._found = found
        self._named = named
        self.waiting = dict(found)
        self.whole: Schema = {}

    def of(self, node: Any, *, by_names: bool = False) -> Any:
        """Return the schema; by_names where its keys are names of the author's."""
        if isinstance(node, list):
            return [self.of(child) for child in node]
        if not isinstance(node, dict):
            return node
        schema = {
            key: child
            if key in schema_dialect.LITERALS and not by_names
            else self.of(child, by_names=key in schema_dialect.NAMED and not by_names)
            for key, child in node.items()
        }
        reference = schema.get("$ref")
        if by_names or not isinstance(reference, str):
            return schema
        own = {key: value for key, value in schema.items() if key != "$ref"}
        name = self._led(reference)
        return own if name is None else {**own, "$ref": f"{COMPONENTS}{name}"}

    def _led(self, reference: str) -> str | None:
        if not reference.startswith(COMPONENTS):
            return None
        name, _, inside = reference.removeprefix(COMPONENTS).partition("/")
        target = _inside(self._found.get(name), inside)
        if target is None or not inside:
            return None if target is None else name
        name = self._named(name, inside)
        if name not in self.whole:
            self.waiting[name] = target
        return name


def _inside(node: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to, None where it leads nowhere."""
    for part in unquote(pointer).split("/") if pointer else ():
        key = unescaped(part)
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict):
            node = node.get(key)
        else:
            return None
    return node if isinstance(node, dict) else None
