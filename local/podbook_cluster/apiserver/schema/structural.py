"""Prunes, defaults and validates a custom resource by the structural schema of its CRD."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final

from podbook_cluster.apiserver.schema import formats
from podbook_cluster.apiserver.terms.errors import Cause

Schema = Mapping[str, Any]

PRESERVE: Final = "x-kubernetes-preserve-unknown-fields"
EMBEDDED: Final = "x-kubernetes-embedded-resource"
INT_OR_STRING: Final = "x-kubernetes-int-or-string"
LIST_TYPE: Final = "x-kubernetes-list-type"
LIST_KEYS: Final = "x-kubernetes-list-map-keys"

WRONG_TYPE: Final = "FieldValueTypeInvalid"

# Every object has these, whatever its schema says.
_ROOT_FIELDS: Final = ("apiVersion", "kind", "metadata")


def prune(schema: Schema, value: Any, path: str = "", *, is_root: bool = True) -> list[str]:
    """Remove in place what the schema does not know; return the paths of what was removed."""
    removed: list[str] = []
    if isinstance(value, dict):
        keeps = bool(schema.get(PRESERVE))
        for key in list(value):
            inner = _property(schema, key)
            if inner is not None:
                removed += prune(inner, value[key], _join(path, key), is_root=False)
            elif not keeps and not (key in _ROOT_FIELDS and (is_root or schema.get(EMBEDDED))):
                removed.append(_join(path, key))
                del value[key]
    elif isinstance(value, list):
        inner = schema.get("items")
        if inner is not None:
            for index, item in enumerate(value):
                removed += prune(inner, item, f"{path}[{index}]", is_root=False)
    return removed


def default(schema: Schema, value: Any) -> None:
    """Drop nulls where none is allowed, then fill in the defaults, in place."""
    if isinstance(value, dict):
        for key in [key for key, item in value.items() if item is None]:
            inner = _property(schema, key)
            if inner is not None and not inner.get("nullable"):
                del value[key]
        for key, inner in (schema.get("properties") or {}).items():
            if key not in value and "default" in inner:
                value[key] = deepcopy(inner["default"])
        for key, item in value.items():
            inner = _property(schema, key)
            if inner is not None:
                default(inner, item)
    elif isinstance(value, list) and schema.get("items") is not None:
        for item in value:
            default(schema["items"], item)


def validate(schema: Schema, value: Any, path: str = "") -> Iterator[Cause]:
    """Yield what does not fit the schema, CEL rules apart."""
    if value is None and schema.get("nullable"):
        return
    wrong = _type_cause(schema, value, path)
    if wrong is not None:
        yield wrong
        return
    if "enum" in schema and value not in schema["enum"]:
        allowed = ", ".join(f'"{item}"' for item in schema["enum"])
        yield Cause(
            path,
            f"Unsupported value: {_show(value)}: supported values: {allowed}",
            "FieldValueNotSupported",
        )
    if isinstance(value, dict):
        yield from _object_causes(schema, value, path)
    elif isinstance(value, list):
        yield from _list_causes(schema, value, path)
    elif isinstance(value, str):
        yield from _string_causes(schema, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_causes(schema, value, path)
    yield from _combination_causes(schema, value, path)


def _property(schema: Schema, key: str) -> Schema | None:
    inner: Any = (schema.get("properties") or {}).get(key)
    if inner is None:
        inner = schema.get("additionalProperties")
        if inner is True:
            return {PRESERVE: True}
    # A schema came from JSON: asking for a dict is four times as fast as for a Mapping.
    return inner if isinstance(inner, dict) else None


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _type_cause(schema: Schema, value: Any, path: str) -> Cause | None:
    if schema.get(INT_OR_STRING):
        fits = _has_type("integer", value) or isinstance(value, str)
        wanted = "integer,string"
    elif "type" in schema:
        wanted = str(schema["type"])
        fits = _has_type(wanted, value)
    else:
        return None
    if fits:
        return None
    return Cause(
        path,
        f'Invalid value: "{_type_name(value)}": {path} in body must be of type {wanted}:'
        f' "{_type_name(value)}"',
        WRONG_TYPE,
    )


def _has_type(wanted: str, value: Any) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    kinds: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    return isinstance(value, kinds.get(wanted, ()))


def _type_name(value: Any) -> str:
    for name in ("boolean", "object", "array", "string", "integer", "number"):
        if _has_type(name, value):
            return name
    return "null"


def _object_causes(schema: Schema, value: dict[str, Any], path: str) -> Iterator[Cause]:
    for key in schema.get("required") or ():
        if key not in value:
            yield Cause(_join(path, key), "Required value", "FieldValueRequired")
    if "maxProperties" in schema and len(value) > schema["maxProperties"]:
        limit = schema["maxProperties"]
        yield Cause(
            path, f"Too many: {len(value)}: must have at most {limit} items", "FieldValueTooMany"
        )
    if "minProperties" in schema and len(value) < schema["minProperties"]:
        limit = schema["minProperties"]
        yield Cause(
            path,
            f"Invalid value: {len(value)}: {path} in body should have at least {limit} properties",
        )
    for key, item in value.items():
        inner = _property(schema, key)
        if inner is not None:
            yield from validate(inner, item, _join(path, key))


def _list_causes(schema: Schema, value: list[Any], path: str) -> Iterator[Cause]:
    if "maxItems" in schema and len(value) > schema["maxItems"]:
        limit = schema["maxItems"]
        yield Cause(
            path, f"Too many: {len(value)}: must have at most {limit} items", "FieldValueTooMany"
        )
    if "minItems" in schema and len(value) < schema["minItems"]:
        limit = schema["minItems"]
        yield Cause(
            path, f"Invalid value: {len(value)}: {path} in body should have at least {limit} items"
        )
    yield from _duplicate_causes(schema, value, path)
    inner = schema.get("items")
    if inner is not None:
        for index, item in enumerate(value):
            yield from validate(inner, item, f"{path}[{index}]")


def _duplicate_causes(schema: Schema, value: list[Any], path: str) -> Iterator[Cause]:
    kind = schema.get(LIST_TYPE)
    if kind not in ("set", "map") and not schema.get("uniqueItems"):
        return
    seen: list[Any] = []
    for index, item in enumerate(value):
        identity = item
        if kind == "map" and isinstance(item, dict):
            identity = {key: item.get(key) for key in schema.get(LIST_KEYS) or ()}
        if identity in seen:
            yield Cause(
                f"{path}[{index}]", f"Duplicate value: {_show(identity)}", "FieldValueDuplicate"
            )
        seen.append(identity)


def _string_causes(schema: Schema, value: str, path: str) -> Iterator[Cause]:
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        limit = schema["maxLength"]
        yield Cause(path, f"Too long: may not be more than {limit} bytes", "FieldValueTooLong")
    if "minLength" in schema and len(value) < schema["minLength"]:
        limit = schema["minLength"]
        yield Cause(
            path, f'Invalid value: "{value}": {path} in body should be at least {limit} chars long'
        )
    if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        yield Cause(
            path, f"Invalid value: \"{value}\": {path} in body should match '{schema['pattern']}'"
        )
    if "format" in schema and not formats.is_valid(schema["format"], value):
        yield Cause(
            path,
            f'Invalid value: "{value}": {path} in body must be of type'
            f' {schema["format"]}: "{value}"',
        )


def _number_causes(schema: Schema, value: float, path: str) -> Iterator[Cause]:
    for keyword, exclusive, word in (
        ("minimum", "exclusiveMinimum", "greater"),
        ("maximum", "exclusiveMaximum", "less"),
    ):
        if keyword not in schema:
            continue
        bound = schema[keyword]
        beyond = value < bound if keyword == "minimum" else value > bound
        strict = bool(schema.get(exclusive))
        if beyond or (strict and value == bound):
            relation = f"{word} than" if strict else f"{word} than or equal to"
            yield Cause(
                path,
                f"Invalid value: {_show(value)}: {path} in body should be"
                f" {relation} {_show(bound)}",
            )
    if "multipleOf" in schema and value % schema["multipleOf"]:
        yield Cause(
            path,
            f"Invalid value: {_show(value)}: {path} in body should be a multiple"
            f" of {schema['multipleOf']}",
        )


def _combination_causes(schema: Schema, value: Any, path: str) -> Iterator[Cause]:
    for inner in schema.get("allOf") or ():
        yield from validate(inner, value, path)
    if "anyOf" in schema and not any(_fits(inner, value) for inner in schema["anyOf"]):
        yield Cause(
            path, f"Invalid value: {path} in body must validate at least one schema (anyOf)"
        )
    if "oneOf" in schema and sum(_fits(inner, value) for inner in schema["oneOf"]) != 1:
        yield Cause(
            path, f"Invalid value: {path} in body must validate one and only one schema (oneOf)"
        )
    if "not" in schema and _fits(schema["not"], value):
        yield Cause(path, f"Invalid value: {path} in body must not validate the schema (not)")


def _fits(schema: Schema, value: Any) -> bool:
    return next(validate(schema, value), None) is None


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    # To Go, `$` is the end of the text; to Python, a line break at the end may still follow.
    is_end = text.endswith("$") and not text.endswith(r"\$")
    return re.compile(rf"{text[:-1]}\Z" if is_end else text)


def _show(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}":{_show(item)}' for key, item in value.items()) + "}"
    return str(value)
