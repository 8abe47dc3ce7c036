"""Makes a notebook's schemas stand on their own: shared models brought into the document."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from podbook_api.openapi import schema_dialect
from podbook_api.openapi.component_names import ComponentNames
from podbook_api.openapi.led_references import led
from podbook_api.openapi.references import COMPONENTS
from podbook_crds import names
from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.formats.json_pointers import unescaped
from podbook_crds.resources.notebook import SharedModel

Schema = dict[str, Any]

_DEFINITIONS: Final = ("$defs", "definitions")
_HERE: Final = "#/definitions/"
# Parts of a schema with its models written into it; 16 characters count as one.
_INLINED: Final = 20_000


def resolved(schema: Schema, models: Mapping[str, SharedModel]) -> Schema:
    """Return the schema with its models where they are referred to.

    Exactly as written where it refers to no model. A model that leads back to itself stands in
    `definitions` as well, and is referred to there; all of them do where models that refer to
    models would double with every step.
    """
    found: Schema = {}
    try:
        whole = _Scope(models, found, base=_HERE).rewritten(schema, own=None)
        if not found:
            return schema
        inlining = _Inlining(found)
        inlined: Schema = inlining.of(whole, ())
        kept = inlining.kept
    except RecursionError:
        return schema
    except _TooMuch:
        inlined, kept = whole, found
    if kept:
        inlined["definitions"] = {**inlined.get("definitions", {}), **kept}
    return inlined


class _TooMuch(Exception):
    """The schema would become too large."""


class _Inlining:
    """One schema while the definitions that it refers to are written into it."""

    def __init__(self, found: Schema) -> None:
        self._found = found
        self._left = _INLINED
        # What leads back to itself, and has to stand somewhere.
        self.kept: Schema = {}

    def of(self, node: Any, path: tuple[str, ...]) -> Any:
        """Return the node; path holds the definitions that it stands inside of. Raise _TooMuch."""
        self._left -= 1 + (len(node) // 16 if isinstance(node, str) else 0)
        if self._left < 0:
            raise _TooMuch
        if isinstance(node, list):
            return [self.of(child, path) for child in node]
        if not isinstance(node, dict):
            return node
        name = str(node.get("$ref", "")).removeprefix(_HERE)
        if name in path:
            if name not in self.kept:
                self.kept[name] = {}  # Before what is inside, which leads here again.
                self.kept[name] = self.of(self._found[name], (name,))
            return node
        if name not in self._found:
            return {key: self.of(value, path) for key, value in node.items()}
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**self.of(self._found[name], (*path, name)), **beside}


def components(
    name: str,
    schema: Schema,
    models: Mapping[str, SharedModel],
    *,
    names: ComponentNames,
    of: str,
) -> Schema:
    """Return the schema under that name, with everything it refers to, as OpenAPI 3.1 has it.

    Models are named after the notebook, `of`: two may mean different models by one alias.
    """
    found: Schema = {}
    _Scope(models, found, base=COMPONENTS, named=names.of, owner=of).add(name, schema)
    whole = led(found, named=names.of)
    return {key: schema_dialect.component(value) for key, value in whole.items()}


def _dotted(owner: str, part: str) -> str:
    """Name what stands in a schema's own definitions: nobody takes that for a class."""
    return f"{owner}.{_safe(part)}" if owner else _safe(part)


@dataclass(frozen=True)
class _Scope:
    """Where schemas are brought together: under found, referred to below base."""

    models: Mapping[str, SharedModel]
    found: Schema
    base: str
    # The name of a part of an owner; models are parts of the notebook.
    named: Callable[[str, str], str] = _dotted
    owner: str = ""

    def add(self, name: str, schema: Schema) -> None:
        """Add a schema of its own; its definitions move beside it."""
        self.found[name] = {}  # Before what is inside: a model may lead back to itself.
        for key in _DEFINITIONS:
            inner = schema.get(key)
            for title, definition in inner.items() if isinstance(inner, dict) else ():
                self.found[self.named(name, title)] = self.rewritten(definition, own=name)
        own = {key: value for key, value in schema.items() if key not in _DEFINITIONS}
        self.found[name] = self.rewritten(own, own=name)

    def rewritten(self, node: Any, *, own: str | None) -> Any:
        """Return the node with its references led to base; own is the schema that # means."""
        if isinstance(node, list):
            return [self.rewritten(child, own=own) for child in node]
        if not isinstance(node, dict):
            return node
        node = {
            key: value
            for key, value in node.items()
            if not key.startswith(names.SCHEMA_NOTE_PREFIX)
        }
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {
                key: value if key in schema_dialect.LITERALS else self.rewritten(value, own=own)
                for key, value in node.items()
            }
        others = {k: self.rewritten(v, own=own) for k, v in node.items() if k != "$ref"}
        if reference.startswith(MODEL_SCHEME):
            alias = reference.removeprefix(MODEL_SCHEME)
            name = self.named(self.owner, alias)
            if name not in self.found and alias in self.models:
                self.add(name, self.models[alias].json_schema)
            return {**others, "$ref": f"{self.base}{name}"}
        if own is not None and reference.startswith("#"):
            return {**others, "$ref": f"{self.base}{self._inner(own, reference)}"}
        return {**others, "$ref": reference}

    def _inner(self, own: str, reference: str) -> str:
        """Turn `#/$defs/When` of a schema into its name, and `#` into the schema itself."""
        parts = unquote(reference).lstrip("#").strip("/").split("/")
        if len(parts) > 1 and parts[0] in _DEFINITIONS:
            title = unescaped(parts[1])
            return "/".join([self.named(own, title), *parts[2:]])
        return "/".join([own, *(part for part in parts if part)])


def _safe(name: str) -> str:
    """Return a name that a component of an OpenAPI document may have, another for each name."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return safe if safe == name else f"{safe}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
