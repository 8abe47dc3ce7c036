"""Finds what a contract says of a value: everything that applies to it, through all references."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds import names
from podbook_crds.call_rules.contracts import MODEL_SCHEME, violations
from podbook_crds.errors import InvalidContract
from podbook_crds.formats.json_pointers import unescaped
from podbook_crds.resources.notebook import SharedModel

_Schema = Mapping[str, Any]

# Written into the schemas of shared models by podbook.read_models.

# Of one value; more is a contract that refers to itself.
_PARTS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Part:
    """One schema that applies to a value, and the document that its `#/…` references lead into."""

    schema: _Schema
    root: _Schema
    # Whether it is part of a model, and where that can be imported from if it is the model itself.
    in_model: bool = False
    import_path: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """All that applies to a value; a model comes alone, what stands beside it only checks."""

    parts: tuple[Part, ...] = ()

    @property
    def model(self) -> Part | None:
        """The model that the value is an object of."""
        return next((part for part in self.parts if part.import_path is not None), None)

    def first(self, keyword: str) -> Any:
        """Return what the first part says that has the keyword, or None."""
        return next((p.schema[keyword] for p in self.parts if keyword in p.schema), None)

    @property
    def in_model(self) -> bool:
        """Tell whether a model takes the value: then it has that model's types."""
        return any(part.in_model for part in self.parts)


@dataclass(frozen=True, slots=True)
class Places:
    """Leads from a contract to the places of the values in it."""

    models: Mapping[str, SharedModel]

    def of(self, value: Any, *starts: Part) -> Place:
        """Return the place of a value that these schemas are written for."""
        parts: list[Part] = []
        waiting = list(reversed(starts))
        while waiting and len(parts) < _PARTS_LIMIT:
            part = waiting.pop()
            path = part.import_path or part.schema.get(names.IMPORT_KEY)
            part = Part(part.schema, part.root, part.in_model or bool(path), path)
            parts.append(part)
            waiting += reversed(list(self._leads(part, value)))
        return Place(_with_the_model_alone(parts))

    def member(self, place: Place, key: str, value: Any) -> Place:
        """Return the place of a member of an object."""
        declared = [
            _inside(part, schema)
            for part in place.parts
            for schema in _declared(part.schema, key)
            if isinstance(schema, dict)
        ]
        return self.of(value, *declared)

    def item(self, place: Place, index: int, value: Any) -> Place:
        """Return the place of an item of a list."""
        declared = [_inside(part, _item(part.schema, index)) for part in place.parts]
        return self.of(value, *[part for part in declared if part.schema])

    def _leads(self, part: Part, value: Any) -> Iterator[Part]:
        """Yield what the schema refers to, requires besides, or offers and the value fits."""
        schema = part.schema
        if isinstance(reference := schema.get("$ref"), str):
            yield from self._referred(reference, part)
        for choice in ("anyOf", "oneOf"):
            yield from self._fitting(schema.get(choice), part, value)
        for required in schema.get("allOf") or ():
            if isinstance(required, dict):
                yield _inside(part, required)
        if isinstance(condition := schema.get("if"), dict):
            branch = schema.get("then" if self._fits(value, condition, part) else "else")
            if isinstance(branch, dict):
                yield _inside(part, branch)

    def _referred(self, reference: str, part: Part) -> Iterator[Part]:
        if reference.startswith(MODEL_SCHEME):
            model = self.models.get(reference[len(MODEL_SCHEME) :])
            if model is not None:
                yield Part(model.json_schema, model.json_schema, True, model.import_path)
            return
        target: Any = part.root
        for step in reference.removeprefix("#").strip("/").split("/"):
            name = unescaped(step)
            target = target.get(name) if isinstance(target, dict) and name else target
        if isinstance(target, dict):
            # A recursive model's schema is a reference to its definition.
            own = target.get(names.IMPORT_KEY) or part.import_path
            yield Part(target, part.root, part.in_model, own)

    def _fitting(self, options: Any, part: Part, value: Any) -> Iterator[Part]:
        """Yield the first that fits, as pydantic does where several take the value exactly."""
        for option in options if isinstance(options, list) else ():
            if isinstance(option, dict) and self._fits(value, option, part):
                yield _inside(part, option)
                return

    def _fits(self, value: Any, option: _Schema, part: Part) -> bool:
        definitions = {key: part.root[key] for key in ("$defs", "definitions") if key in part.root}
        try:
            return not violations(
                value, {**definitions, **option}, models=self.models, root="", formats=True
            )
        except InvalidContract:
            return False


def _with_the_model_alone(parts: list[Part]) -> tuple[Part, ...]:
    paths = [part.import_path for part in parts if part.import_path is not None]
    return tuple(part for part in parts if not paths or part.import_path == paths[0])


def _inside(part: Part, schema: Any) -> Part:
    return Part(schema if isinstance(schema, dict) else {}, part.root, part.in_model)


def _declared(schema: _Schema, key: str) -> list[Any]:
    properties, patterns = schema.get("properties"), schema.get("patternProperties")
    found = [properties[key]] if isinstance(properties, dict) and key in properties else []
    for pattern, declared in patterns.items() if isinstance(patterns, dict) else ():
        if _matches(pattern, key):
            found.append(declared)
    return found or [schema.get("additionalProperties")]


def _matches(pattern: str, key: str) -> bool:
    try:
        return re.search(pattern, key) is not None
    except re.error:  # Of another language's kind; the contract's check has said so.
        return False


def _item(schema: _Schema, index: int) -> Any:
    items = schema.get("items")
    prefix = schema.get("prefixItems", items if isinstance(items, list) else [])
    if isinstance(prefix, list) and index < len(prefix):
        return prefix[index]
    return schema.get("additionalItems") if isinstance(items, list) else items
