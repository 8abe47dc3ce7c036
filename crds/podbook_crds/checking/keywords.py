"""JSON Schema's keywords that forbid members and items, told of one by one where they stand.

jsonschema lists all of them in one sentence about the object that holds them. And `multipleOf`
counts in decimals, as its numbers are written; nothing else differs.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from functools import cache
from typing import Any, Final, cast

from jsonschema import (
    Draft3Validator,
    Draft7Validator,
    Draft201909Validator,
    _legacy_keywords,
    _utils,
    validators,
)
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from podbook_crds.errors import InvalidContract

Errors = Iterator[ValidationError]

# What is forbidden by these is undeclared; a name that was meant may be close to it.
UNDECLARED: Final = frozenset({"additionalProperties", "unevaluatedProperties"})
# Digits of the largest number that is read, by the smallest that it can be a multiple of.
_DIGITS: Final = Context(prec=5000)
# More names than a sentence holds anyway.
_NAMED: Final = 50


@cache
def validator_of(dialect: type[Validator]) -> type[Validator]:
    """Return the validator of a dialect of JSON Schema, with these keywords as they are here."""
    extended = cast(Any, validators.extend)(dialect, _keywords_of(dialect))
    extended.evolve = _evolve_of(extended, dialect)
    return cast(type[Validator], extended)


def _keywords_of(dialect: type[Validator]) -> dict[str, Any]:
    if dialect is Draft3Validator:  # Its `properties` say what is required, too.
        return {}
    known = cast(Any, dialect).VALIDATORS
    ours = {name: function for name, function in _KEYWORDS.items() if name in known}
    if dialect is Draft201909Validator:
        ours["unevaluatedProperties"] = _unevaluated_properties_2019
    if "prefixItems" not in known:
        ours["items"] = _items_of_older_drafts
    return ours


def _evolve_of(extended: Any, dialect: type[Validator]) -> Callable[..., Any]:
    """Return how a validator comes to another part: by its own `$schema`, too, with our keywords.

    jsonschema's takes its own class there, also where a reference leads back to the root.
    """
    fields = [(field.name, field.alias) for field in extended.__attrs_attrs__ if field.init]

    def evolve(self: Any, **changes: Any) -> Any:
        schema = changes.setdefault("schema", self.schema)
        for name, argument in fields:
            if argument not in changes:
                changes[argument] = getattr(self, name)
        return cast(Any, validator_of(dialect_of(schema, default=dialect)))(**changes)

    return evolve


def dialect_of(schema: Any, default: type[Validator] = Draft7Validator) -> type[Validator]:
    """Return what the schema says that it is written in; the default where it says nothing known.

    Raises InvalidContract where it says it by what is no text, or no address.
    """
    said = schema.get("$schema", "") if isinstance(schema, dict) else ""
    wrong = f"/$schema: {said!r} is no address of a dialect of JSON Schema"
    if not isinstance(said, str):
        raise InvalidContract(wrong)
    try:
        return cast(type[Validator], cast(Any, validators.validator_for)(schema, default))
    except ValueError as error:  # Of an address such as `http://[`.
        raise InvalidContract(wrong) from error


def _additional_properties(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for name in _utils.find_additional_properties(instance, schema):
        if rest is False:
            yield ValidationError(_undeclared(schema), path=[name])
        elif rest is not True:
            yield from _at(validator, instance[name], rest, name)


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
            yield from _at(validator, instance[name], rest, name)


def _property_names(validator: Any, names: Any, instance: Any, _: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for name in instance:
        for error in _at(validator, name, names, name):
            error.message = f"the name {error.message}"
            yield error


def _items(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    if not validator.is_type(instance, "array"):
        return
    for index in range(len(schema.get("prefixItems", ())), len(instance)):
        yield from _at(validator, instance[index], rest, index)


def _additional_items(validator: Any, rest: Any, instance: Any, schema: Any) -> Errors:
    items = schema.get("items")
    if not validator.is_type(instance, "array") or not isinstance(items, list):
        return
    for index in range(len(items), len(instance)):
        yield from _at(validator, instance[index], rest, index)


def _properties(validator: Any, properties: Any, instance: Any, _: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for name, schema in properties.items():
        if name in instance:
            yield from _at(validator, instance[name], schema, name, within=name)


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _: Any) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for pattern, schema in patterns.items():
        for name, value in instance.items():
            if re.search(pattern, name):
                yield from _at(validator, value, schema, name, within=pattern)


def _prefix_items(validator: Any, prefix: Any, instance: Any, _: Any) -> Errors:
    if not validator.is_type(instance, "array"):
        return
    for index, (item, schema) in enumerate(zip(instance, prefix, strict=False)):
        yield from _at(validator, item, schema, index, within=index)


def _multiple_of(validator: Any, step: Any, instance: Any, _: Any) -> Errors:
    """In binary, 0.07 is no multiple of 0.01; who wrote both meant decimals."""
    if not validator.is_type(instance, "number"):
        return
    if _DIGITS.remainder(Decimal(repr(instance)), Decimal(repr(step))):
        yield ValidationError(f"{instance!r} is not a multiple of {step!r}")


def _items_of_older_drafts(validator: Any, items: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(items, list):
        yield from _prefix_items(validator, items, instance, schema)
    else:
        yield from _items(validator, items, instance, {})


def _at(
    validator: Any, value: Any, schema: Any, place: str | int, *, within: str | int | None = None
) -> Errors:
    """Yield what is wrong at a place; jsonschema itself forgets the place where that is `false`."""
    if schema is False:
        nobody: Any = None  # No keyword forbids it, and none above it is to be named.
        yield ValidationError("is not allowed", validator=nobody, instance=value, path=[place])
    else:
        yield from validator.descend(value, schema, path=place, schema_path=within)


def _undeclared(schema: Any) -> str:
    declared = [str(name) for name in schema.get("properties") or ()]
    patterns = [f"names that match {p!r}" for p in schema.get("patternProperties") or ()]
    listed = ", ".join([*sorted(declared), *patterns][:_NAMED])
    return f"is not declared; declared are: {listed or 'none'}"


_KEYWORDS: Final = {
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "propertyNames": _property_names,
    "prefixItems": _prefix_items,
    "items": _items,
    "multipleOf": _multiple_of,
    "additionalItems": _additional_items,
}
