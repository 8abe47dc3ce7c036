"""JSON Schema's keywords that forbid members and items, told of one by one where they stand.

jsonschema lists all of them in one sentence about the object that holds them; nothing else differs.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, cast

from jsonschema import Draft7Validator, Draft201909Validator, _legacy_keywords, _utils, validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

Errors = Iterator[ValidationError]

# What is forbidden by these is undeclared; a name that was meant may be close to it.
UNDECLARED: Final = frozenset({"additionalProperties", "unevaluatedProperties"})
# More names than a sentence holds anyway.
_NAMED: Final = 50


@cache
def validator_of(dialect: type[Validator]) -> type[Validator]:
    """Return the validator of a dialect of JSON Schema, with these keywords as they are here."""
    known = cast(Any, dialect).VALIDATORS
    ours = {name: function for name, function in _KEYWORDS.items() if name in known}
    if dialect is Draft201909Validator:
        ours["unevaluatedProperties"] = _unevaluated_properties_2019
    if "prefixItems" not in known:
        del ours["items"]
    return cast(type[Validator], cast(Any, validators.extend)(dialect, ours))


def dialect_of(schema: Any) -> type[Validator]:
    """Return what the schema says that it is written in; draft 7 where it says nothing."""
    return cast(type[Validator], cast(Any, validators.validator_for)(schema, Draft7Validator))


def _additional_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for name in _utils.find_additional_properties(instance, schema):
        if rest is False:
            yield ValidationError(_undeclared(schema), path=[name])
        elif rest is not True:
            yield from validator.descend(instance[name], rest, path=name)


def _unevaluated_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    find = _utils.find_evaluated_property_keys_by_schema
    return _unevaluated(validator, rest, instance, schema, find)


def _unevaluated_properties_2019(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    find = _legacy_keywords.find_evaluated_property_keys_by_schema
    return _unevaluated(validator, rest, instance, schema, find)


def _unevaluated(validator: Any, rest: Any, instance: Any, schema: Any, find: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    evaluated = set(find(validator, instance, schema))
    for name in instance:
        if name in evaluated:
            continue
        if rest is False:
            yield ValidationError(_undeclared(schema), path=[name])
        else:
            yield from validator.descend(instance[name], rest, path=name)


def _property_names(validator: Any, names: Any, instance: Any, _: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for name in instance:
        for error in validator.descend(name, names, path=name):
            error.message = f"the name {error.message}"
            yield error


def _items(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    if not validator.is_type(instance, "array"):
        return
    for index in range(len(schema.get("prefixItems", ())), len(instance)):
        yield from validator.descend(instance[index], rest, path=index)


def _additional_items(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    items = schema.get("items")
    if not validator.is_type(instance, "array") or not isinstance(items, list):
        return
    for index in range(len(items), len(instance)):
        yield from validator.descend(instance[index], rest, path=index)


def _undeclared(schema: Any) -> str:
    declared = [str(name) for name in schema.get("properties") or ()]
    patterns = [f"names that match {p!r}" for p in schema.get("patternProperties") or ()]
    listed = ", ".join([*sorted(declared), *patterns][:_NAMED])
    return f"is not declared; declared are: {listed or 'none'}"


_KEYWORDS: Final = {
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "propertyNames": _property_names,
    "items": _items,
    "additionalItems": _additional_items,
}
