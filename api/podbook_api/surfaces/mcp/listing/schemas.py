"""Schemas as clients of all kinds take them: one document without references, on common ground.

Clients refuse a whole list for one schema that they cannot read: a `$ref`, a keyword of another
draft, a pattern of another language. What is left out here only makes a schema say less; calls are
checked by the contract itself.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.formats.json_pointers import steps
from podbook_crds.resources.notebook import SharedModel

Schema = dict[str, Any]

# Parts of one schema, members of one enum, characters of one text, references inside another.
_PARTS: Final = 1500
_CHOICES: Final = 200
_TEXT: Final = 600
_DEPTH: Final = 24
_DEEPEST: Final = 100
_TYPES: Final = {"string", "number", "integer", "boolean", "array", "object", "null"}
_NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_COUNTS: Final = ("minLength", "maxLength", "minItems", "maxItems", "minProperties")
_TEXTS: Final = ("title", "description", "format")
_CHOICE: Final = ("anyOf", "oneOf", "allOf")


def entered(schema: Schema | None, models: Mapping[str, SharedModel], *, closed: bool) -> Schema:
    """Return what a tool takes: always an object whose members stand at its root."""
    whole = _Inlined(models).of(schema or {}, schema or {}, ())
    members, required = dict(whole.get("properties", {})), list(whole.get("required", []))
    for part in (*whole.get("allOf", ()), *whole.get("anyOf", ())):
        members = {**part.get("properties", {}), **members}
    for part in whole.get("allOf", ()):
        required += [name for name in part.get("required", ()) if name not in required]
    found: Schema = {"type": "object", "properties": members}
    found |= {"required": required} if required else {}
    found |= {"description": whole["description"]} if "description" in whole else {}
    is_plain = not any(word in whole for word in _CHOICE) and "additionalProperties" not in whole
    return found | ({"additionalProperties": False} if closed and is_plain and members else {})


def saved(schema: Schema | None, models: Mapping[str, SharedModel]) -> Schema:
    """Return what an output looks like."""
    return {} if schema is None else _Inlined(models).of(schema, schema, ())


class _Inlined:
    """One schema while it is brought together: how much of it there may still be."""

    def __init__(self, models: Mapping[str, SharedModel]) -> None:
        self._models = models
        self._left = _PARTS
        self._depth = 0

    def of(self, node: Any, root: Any, path: tuple[Any, ...]) -> Schema:
        """Return the schema; path holds the references that led here, none is followed twice."""
        self._left -= 1
        if not isinstance(node, dict) or self._left < 0 or self._depth > _DEEPEST:
            return {}
        self._depth += 1
        try:
            return self._whole(node, root, path)
        finally:
            self._depth -= 1

    def _whole(self, node: Schema, root: Any, path: tuple[Any, ...]) -> Schema:
        own = {**_said(node), **self._parts(node, root, path)}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return own
        step = reference if reference.startswith(MODEL_SCHEME) else (id(root), reference)
        if step in path or len(path) >= _DEPTH:
            return {key: own[key] for key in ("title", "description") if key in own}
        target, there = self._target(reference, root)
        return {**self.of(target, there, (*path, step)), **own}

    def _parts(self, node: Schema, root: Any, path: tuple[Any, ...]) -> Schema:
        found: Schema = {}
        members = node.get("properties")
        if isinstance(members, dict):
            found["properties"] = {
                str(name): self.of(child, root, path) for name, child in members.items()
            }
        if isinstance(node.get("items"), dict):
            found["items"] = self.of(node["items"], root, path)
        others = node.get("additionalProperties")
        if isinstance(others, bool | dict) and "patternProperties" not in node:
            found["additionalProperties"] = (
                others if isinstance(others, bool) else self.of(others, root, path)
            )
        return found | self._choices(node, root, path)

    def _choices(self, node: Schema, root: Any, path: tuple[Any, ...]) -> Schema:
        found: Schema = {}
        for word in _CHOICE:
            choices = node.get(word)
            if not isinstance(choices, list) or not choices:
                continue
            parts = [self.of(choice, root, path) for choice in choices]
            if len(parts) == 1:
                found = {**parts[0], **found}
            # Where a keyword was left out several choices may fit: anyOf for oneOf.
            elif {} not in parts or word == "allOf":
                found["allOf" if word == "allOf" else "anyOf"] = parts
        return found

    def _target(self, reference: str, root: Any) -> tuple[Any, Any]:
        if reference.startswith(MODEL_SCHEME):
            model = self._models.get(reference.removeprefix(MODEL_SCHEME))
            return (None, None) if model is None else (model.json_schema, model.json_schema)
        node = root if reference.startswith("#") else None
        for step in steps(unquote(reference.lstrip("#"))):
            if isinstance(node, list):
                node = _item(node, step)
            else:
                node = node.get(step) if isinstance(node, dict) else None
        return node, root


def _item(items: list[Any], step: str) -> Any:
    # More digits than any list has items are no number that Python reads.
    is_number = step.isascii() and step.isdigit() and len(step) < _TEXT
    return items[int(step)] if is_number and int(step) < len(items) else None


def _said(node: Schema) -> Schema:
    """Return what the node itself says, in words that all clients know."""
    found: Schema = {}
    if isinstance(kind := node.get("type"), str) and kind in _TYPES:
        found["type"] = kind
    elif isinstance(kind, list) and kind and all(each in _TYPES for each in kind):
        found["type"] = kind if len(kind) > 1 else kind[0]
    for word in _TEXTS:
        if isinstance(text := node.get(word), str):
            found[word] = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
    for words, kinds in ((_NUMBERS, (int, float)), (_COUNTS, (int,))):
        for word in words:
            if isinstance(node.get(word), kinds) and not isinstance(node[word], bool):
                found[word] = node[word]
    if isinstance(required := node.get("required"), list):
        found |= {"required": [name for name in required if isinstance(name, str)]}
    if isinstance(choices := node.get("enum"), list) and 0 < len(choices) <= _CHOICES:
        found["enum"] = choices
    return found | {word: node[word] for word in ("const", "default") if word in node}
