"""Evaluates the `x-kubernetes-validations` of a CRD, transition rules on `oldSelf` among them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from podbook_cluster.apiserver.schema import expressions
from podbook_cluster.apiserver.schema.structural import (
    EMBEDDED,
    LIST_KEYS,
    LIST_TYPE,
    PRESERVE,
    Schema,
)
from podbook_cluster.apiserver.terms.errors import Cause

RULES: Final = "x-kubernetes-validations"

# Stands for "there was no old value to compare with".
ABSENT: Final = object()

# What a real API server calls the place of the object itself.
_ROOT: Final = "<nil>"

# Of an object's metadata a rule sees these two only.
_VISIBLE_METADATA: Final = ("name", "generateName")


def broken(schema: Schema, path: str = "spec") -> Iterator[Cause]:
    """Yield the rules of a schema that are not CEL."""
    for index, rule in enumerate(schema.get(RULES) or ()):
        for key in ("rule", "messageExpression"):
            try:
                if key in rule:
                    expressions.compiled(rule[key])
            except expressions.ExpressionFailed as error:
                yield Cause(f"{path}.{RULES}[{index}].{key}", f"Invalid value: {error}")
    for name, inner in (schema.get("properties") or {}).items():
        yield from broken(inner, f"{path}.properties[{name}]")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from broken(schema[key], f"{path}.{key}")


def validate(schema: Schema, value: Any, old: Any = ABSENT, path: str = "") -> Iterator[Cause]:
    """Yield the rules that `value` breaks, each with the rule's own message.

    Args:
        schema: the structural schema of `value`.
        value: the object or the part of it that the schema describes; must be valid otherwise.
        old: what stood there before; transition rules are skipped where nothing did.
        path: where the value stands in the object.

    """
    if not _has_rules(schema):
        return
    is_root = not path
    for rule in schema.get(RULES) or ():
        cause = _broken_rule(rule, schema, value, old, path, is_root=is_root)
        if cause is not None:
            yield cause
    if isinstance(value, dict):
        for key, item in value.items():
            inner = _inner(schema, key)
            if inner is not None:
                before = old.get(key, ABSENT) if isinstance(old, dict) else ABSENT
                yield from validate(inner, item, before, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            before = _counterpart(schema, item, old)
            yield from validate(schema["items"], item, before, f"{path}[{index}]")


def unchecked(schema: Schema) -> list[Cause]:
    """Return what stands for the rules of an object that is invalid otherwise."""
    if not _has_rules(schema):
        return []
    return [
        Cause(
            _ROOT,
            "Invalid value: null: some validation rules were not checked because the object was"
            " invalid; correct the existing errors to complete validation",
        )
    ]


def _broken_rule(
    rule: Mapping[str, Any], schema: Schema, value: Any, old: Any, path: str, *, is_root: bool
) -> Cause | None:
    text = rule["rule"]
    variables = {"self": visible(schema, value, is_root=is_root)}
    if "oldSelf" in expressions.names(text):
        if old is ABSENT:
            return None
        variables["oldSelf"] = visible(schema, old, is_root=is_root)
    field = f"{path}{rule.get('fieldPath', '')}".removeprefix(".") or _ROOT
    try:
        if expressions.evaluate(text, variables) is True:
            return None
    except expressions.ExpressionFailed as error:
        return Cause(field, f"Invalid value: rule could not be evaluated: {error}")
    shown = f'"{_type_of(value)}"'
    return Cause(
        field,
        f"Invalid value: {shown}: {_message(rule, variables)}",
        str(rule.get("reason", "FieldValueInvalid")),
    )


def _message(rule: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    if "messageExpression" in rule:
        try:
            return str(expressions.evaluate(rule["messageExpression"], variables))
        except expressions.ExpressionFailed:
            pass
    return str(rule.get("message") or f"failed rule: {rule['rule']}")


def visible(schema: Schema, value: Any, *, is_root: bool = False) -> Any:
    """Return what a rule sees of a value: declared fields only, with CEL's types."""
    if isinstance(value, dict):
        seen = {}
        known = value if schema.get("additionalProperties") else schema.get("properties") or ()
        for key in known:
            inner = _inner(schema, key) if key in value else None
            if inner is not None:
                seen[key] = visible(inner, value[key])
        if is_root or schema.get(EMBEDDED):
            seen |= _identity(value)
        return seen
    if isinstance(value, list):
        return [visible(schema.get("items") or {}, item) for item in value]
    return _typed(schema, value)


def _identity(value: Mapping[str, Any]) -> dict[str, Any]:
    metadata = value.get("metadata") or {}
    return {
        "apiVersion": value.get("apiVersion", ""),
        "kind": value.get("kind", ""),
        "metadata": {key: metadata[key] for key in _VISIBLE_METADATA if key in metadata},
    }


def _typed(schema: Schema, value: Any) -> Any:
    if schema.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if schema.get("format") == "date-time" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def _inner(schema: Schema, key: str) -> Schema | None:
    inner = (schema.get("properties") or {}).get(key)
    if inner is None:
        inner = schema.get("additionalProperties")
    # A schema came from JSON: asking for a dict is four times as fast as for a Mapping.
    if not isinstance(inner, dict) or (inner.get(PRESERVE) and not _is_declared(inner)):
        return None
    return inner


def _is_declared(schema: Schema) -> bool:
    # A value of no type is out of sight for a rule; of an object, only declared fields are seen.
    return "type" in schema or bool(schema.get("properties"))


def _counterpart(schema: Schema, item: Any, old: Any) -> Any:
    keys = schema.get(LIST_KEYS)
    if schema.get(LIST_TYPE) != "map" or not isinstance(old, list) or not isinstance(item, dict):
        return ABSENT
    for candidate in old:
        if all(candidate.get(key) == item.get(key) for key in keys or ()):
            return candidate
    return ABSENT


def _has_rules(schema: Schema) -> bool:
    if schema.get(RULES):
        return True
    inner = [*(schema.get("properties") or {}).values()]
    inner += [schema[key] for key in ("items", "additionalProperties") if schema.get(key)]
    return any(_has_rules(item) for item in inner if isinstance(item, dict))


def _type_of(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else str(value)
