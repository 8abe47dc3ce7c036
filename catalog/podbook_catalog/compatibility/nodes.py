"""Schemas as the comparison sees them: references followed, alternatives and parts told apart."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.checking.contract import Contract
from podbook_crds.formats.json_pointers import steps

Json = dict[str, Any]

# Keywords that say nothing about which values are valid.
_NOTES: Final = frozenset(
    {
        *("title", "description", "default", "examples", "$comment", "$schema", "deprecated"),
        *("readOnly", "writeOnly", "$defs", "definitions", "contentEncoding", "contentMediaType"),
        "contentSchema",
    }
)
_DEEP: Final = 64
# Places, references followed; a schema that multiplies itself has more.
_LARGE: Final = 500
# What the older dialects have not got, and pass over; draft 7 holds where nothing is said.
_SINCE_2020: Final = frozenset({"prefixItems"})
_SINCE_2019: Final = _SINCE_2020 | {
    *("unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas"),
    *("minContains", "maxContains", "$recursiveRef"),
}
_SINCE_6: Final = _SINCE_2019 | {"const", "contains", "propertyNames", "if", "then", "else"}


class Unresolved(Exception):
    """A reference leads to something that cannot be compared; the message names it."""


@dataclass(frozen=True)
class Node:
    """A schema, and the document that its references are about."""

    schema: Any
    document: Any
    contract: Contract

    def at(self, schema: Any) -> "Node":
        """Return a part of the same document."""
        return Node(schema, self.document, self.contract)

    @cached_property
    def keywords(self) -> Json:
        """What it says about values; `false` is what nothing fits."""
        if isinstance(self.schema, bool) or not isinstance(self.schema, dict):
            return {} if self.schema is not False else {"enum": []}
        unknown, only_reference = self._dialect
        if only_reference and "$ref" in self.schema:
            return {"$ref": self.schema["$ref"]}  # What stands beside it is passed over.
        passed_over = _NOTES | unknown
        return {k: v for k, v in self.schema.items() if k not in passed_over and k[:2] != "x-"}

    @property
    def _dialect(self) -> tuple[frozenset[str], bool]:
        """Return what its dialect does not know, and whether a reference stands alone in it."""
        own = self.document.get("$schema") if isinstance(self.document, dict) else None
        said = str(own or self.contract.schema.get("$schema") or "draft-07")
        if "2020-12" in said:
            return frozenset(), False
        if "2019-09" in said:
            return _SINCE_2020, False
        return (_SINCE_6 if "draft-04" in said or "draft-03" in said else _SINCE_2019), True

    @property
    def key(self) -> tuple[int, int]:
        """The same for the same place of the same document."""
        return id(self.schema), id(self.document)


def root_of(contract: Contract) -> Node:
    """Return the whole of a contract's schema."""
    return Node(contract.schema, contract.schema, contract)


def parts(node: Node, depth: int = 0) -> list[Node]:
    """Return what has to hold all together: the schema itself, its references and its `allOf`.

    Raises Unresolved.
    """
    if depth > _DEEP:
        raise Unresolved("references that lead in a circle")
    found = [node]
    keywords = node.keywords
    if "$ref" in keywords:
        found += parts(resolved(node, keywords["$ref"]), depth + 1)
    for inner in keywords.get("allOf") or ():
        found += parts(node.at(inner), depth + 1)
    return found


def resolved(node: Node, reference: Any) -> Node:
    """Return what a reference leads to; raises Unresolved."""
    if isinstance(reference, str) and reference.startswith(MODEL_SCHEME):
        model = node.contract.models.get(reference.removeprefix(MODEL_SCHEME))
        if model is None:
            raise Unresolved(reference)
        return Node(model.json_schema, model.json_schema, node.contract)
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise Unresolved(str(reference)[:100])
    found = node.document
    for step in steps(reference):
        if not isinstance(found, dict) or step not in found:
            raise Unresolved(reference[:100])
        found = found[step]
    return node.at(found)


def alone(node: Node) -> Contract:
    """Return a contract of the part alone, with what its references need."""
    schema = node.schema if isinstance(node.schema, dict) else node.keywords
    needed = {
        key: node.document[key]
        for key in ("$defs", "definitions", "$schema")
        if isinstance(node.document, dict) and key in node.document
    }
    return Contract({**needed, **schema}, node.contract.models)


def said(node: Node, keys: Mapping[str, Any] | None = None) -> str | None:
    """Return what the schema says as text, references followed; None where it never ends."""
    begun = node.at(keys) if keys is not None else node
    try:
        return json.dumps(_expanded(begun, 0, iter(range(_LARGE))), sort_keys=True)
    except (Unresolved, RecursionError):
        return None


def _expanded(node: Node, depth: int, left: Iterator[int]) -> Any:
    if depth > _DEEP or next(left, None) is None:
        raise Unresolved("references that lead in a circle")
    if isinstance(node.schema, list):
        return [_expanded(node.at(inner), depth + 1, left) for inner in node.schema]
    if not isinstance(node.schema, dict):
        return node.schema
    found = {
        k: _expanded(node.at(v), depth + 1, left) for k, v in node.keywords.items() if k != "$ref"
    }
    if "$ref" in node.keywords:
        found["$ref"] = _expanded(resolved(node, node.keywords["$ref"]), depth + 1, left)
    return found
