"""Turns a contract type into a structural schema, the form of JSON Schema that a CRD takes.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

import json
from typing import Any

from podbook_crds.resources.model import Model
from podbook_crds.resources.quantities import INT_OR_STRING

Schema = dict[str, Any]

_ANY: Schema = {"x-kubernetes-preserve-unknown-fields": True}

# `default` would be written into every stored object; defaults hold where a value is read.
_DROPPED = {"$defs", "title", "default", "additionalProperties"}


def structural(model: type[Model]) -> Schema:
    """Return the model's schema: no $ref, no title, no null, no default."""
    raw = model.model_json_schema(by_alias=True)
    return _inline(raw, raw.get("$defs", {}))


def _inline(node: Schema, definitions: Schema) -> Schema:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        target = _ANY if name == "JsonValue" else _inline(definitions[name], definitions)
        return {**target, **_said(node)}
    if INT_OR_STRING in node:
        return {
            INT_OR_STRING: True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            **_said(node),
        }
    if "anyOf" in node:  # An optional field: nulls are never written.
        (option,) = [option for option in node["anyOf"] if option != {"type": "null"}]
        return _inline({**option, **{k: v for k, v in node.items() if k != "anyOf"}}, definitions)
    if not node.keys() - {"title", "default", "description"}:
        return {**_ANY, **_said(node)}
    plain = {key: value for key, value in node.items() if key not in _DROPPED}
    if "properties" in plain:
        fields = plain["properties"].items()
        plain["properties"] = {name: _field(field, definitions) for name, field in fields}
    if "items" in plain:
        plain["items"] = _inline(plain["items"], definitions)
    if "additionalProperties" in node:
        plain |= _open(node["additionalProperties"], definitions)
    return plain


def _said(node: Schema) -> Schema:
    return {key: node[key] for key in ("description",) if key in node}


def _field(node: Schema, definitions: Schema) -> Schema:
    """Return a property's schema; its default is told where people read what it is."""
    schema, default = _inline(node, definitions), node.get("default")
    if "description" in schema and isinstance(default, bool | int | str) and default != "":
        schema["description"] += f" Default: {json.dumps(default)}."
    return schema


def _open(values: Any, definitions: Schema) -> Schema:
    """A map of typed values stays one; a map of anything keeps whatever it is given."""
    if values is True:
        return _ANY
    schema = _inline(values, definitions)
    return _ANY if schema == _ANY else {"additionalProperties": schema}
