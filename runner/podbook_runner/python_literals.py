"""Writes JSON values as Python expressions, guided by their schema: models become real objects.

Only what a model names is built as an object. What pydantic turns into the right type by itself
is left as it came: enums, decimals, sets, tuples, durations, bytes.
"""

import json
import keyword
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from podbook_crds.contracts import MODEL_SCHEME, violations
from podbook_crds.errors import InvalidContract
from podbook_crds.notebook import Schema, SharedModel
from podbook_runner import python_moments
from podbook_runner.python_imports import Imports
from podbook_runner.python_layout import Expression, Group

# Written into the schemas of shared models by podbook.read_models.
IMPORT_KEY: Final = "x-podbook-import"
JSON_ONLY_KEY: Final = "x-podbook-json-only"

# Python's parser takes about 200 brackets inside each other, fewer in older versions.
DEPTH_LIMIT: Final = 60
_REFERENCES_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A schema, the document that its `#/…` references lead into, and whether a model has it."""

    schema: Mapping[str, Any]
    root: Mapping[str, Any]
    in_model: bool = False
    import_path: str | None = None

    def at(self, schema: object) -> "Place":
        """Return the place of a schema inside of this one."""
        plain = schema if isinstance(schema, dict) else {}
        return replace(self, schema=plain, import_path=None)


@dataclass(frozen=True, slots=True)
class Literals:
    """Writes values; the imports they need are collected on the way."""

    models: Mapping[str, SharedModel]
    imports: Imports

    def write(self, value: Any, place: Place) -> Expression:
        """Return the expression of a value of that schema."""
        if _depth(value) > DEPTH_LIMIT:
            return f"{self.imports.standard('json')}.loads({json.dumps(value)!r})"
        return self._write(value, self.resolved(place, value))

    def resolved(self, place: Place, value: Any) -> Place:
        """Follow references, and of alternatives the one that the value fits."""
        for _ in range(_REFERENCES_LIMIT):
            following = self._followed(place, value)
            if following is None:
                break
            place = following
        import_path = place.import_path or place.schema.get(IMPORT_KEY)
        if not isinstance(import_path, str):
            return place
        return replace(place, import_path=import_path, in_model=True)

    def _write(self, value: Any, place: Place) -> Expression:
        if place.import_path is not None:
            return self._object(value, place, place.import_path)
        if isinstance(value, dict):
            return self._dict(value, place)
        if isinstance(value, list):
            items = place.schema.get("items")
            prefix = place.schema.get("prefixItems", items if isinstance(items, list) else [])
            schemas = [*prefix, *[items] * (len(value) - len(prefix))]
            pairs = zip(value, schemas, strict=False)
            return Group("[", "]", [("", self._at(item, place, schema)) for item, schema in pairs])
        if isinstance(value, str) and place.in_model:
            kind = str(place.schema.get("format"))
            return python_moments.written(value, kind, self.imports) or repr(value)
        return _atom(value)

    def _at(self, value: Any, place: Place, schema: object) -> Expression:
        return self._write(value, self.resolved(place.at(schema), value))

    def _dict(self, value: dict[str, Any], place: Place) -> Expression:
        pairs = self._members(value, place)
        return Group("{", "}", [(f"{key!r}: ", member) for key, member in pairs])

    def _members(self, value: dict[str, Any], place: Place) -> Iterator[tuple[str, Expression]]:
        properties = place.schema.get("properties")
        others = place.schema.get("additionalProperties")
        for key, member in value.items():
            known = properties.get(key, others) if isinstance(properties, dict) else others
            yield key, self._at(member, place, known)

    def _object(self, value: Any, place: Place, import_path: str) -> Expression:
        """Return the construction of a model, or of an enum's member."""
        name = self.imports.model(import_path)
        plain = replace(place, import_path=None)
        if place.schema.get(JSON_ONLY_KEY):
            return f"{name}.model_validate_json({json.dumps(value)!r})"
        if not isinstance(value, dict) or "properties" not in place.schema:
            return Group(f"{name}(", ")", [("", self._write(value, plain))])
        members = list(self._members(value, plain))
        if all(key.isidentifier() and not keyword.iskeyword(key) for key, _ in members):
            return Group(f"{name}(", ")", [(f"{key}=", member) for key, member in members])
        pairs = [(f"{key!r}: ", member) for key, member in members]
        return Group(f"{name}(", ")", [("**", Group("{", "}", pairs))])

    def _followed(self, place: Place, value: Any) -> Place | None:
        schema = place.schema
        if isinstance(reference := schema.get("$ref"), str):
            return self._referred(reference, place)
        for choice in ("anyOf", "oneOf"):
            if isinstance(options := schema.get(choice), list):
                return self._fitting(options, place, value)
        for part in schema.get("allOf", ()) if isinstance(schema.get("allOf"), list) else ():
            if isinstance(part, dict) and "$ref" in part:
                return place.at(part)
        return None

    def _referred(self, reference: str, place: Place) -> Place | None:
        if reference.startswith(MODEL_SCHEME):
            model = self.models.get(reference[len(MODEL_SCHEME) :])
            if model is None:
                return None
            return Place(model.json_schema, model.json_schema, True, model.import_path)
        target: Any = place.root
        for part in reference.removeprefix("#").strip("/").split("/"):
            target = target.get(part) if isinstance(target, dict) and part else target
        return replace(place, schema=target) if isinstance(target, dict) else None

    def _fitting(self, options: list[Any], place: Place, value: Any) -> Place:
        """Return the first that fits, as pydantic does where several take the value exactly."""
        for option in options:
            if isinstance(option, dict) and self._fits(value, option, place.root):
                return place.at(option)
        return place.at({})

    def _fits(self, value: Any, option: Schema, root: Mapping[str, Any]) -> bool:
        definitions = {key: root[key] for key in ("$defs", "definitions") if key in root}
        try:
            return not violations(
                value, {**definitions, **option}, models=self.models, root="", formats=True
            )
        except InvalidContract:
            return False


def _atom(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _depth(value: Any) -> int:
    """Return how many lists and objects stand inside each other, without recursion."""
    depth, level = 0, [value]
    while level := [
        child
        for node in level
        if isinstance(node, (dict, list))
        for child in (node.values() if isinstance(node, dict) else node)
    ]:
        depth += 1
    return depth
