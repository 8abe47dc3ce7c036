"""Checks values against a notebook's JSON Schemas, with every failing place named."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final, cast

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT7

from podbook_crds.checking import references
from podbook_crds.checking.keywords import UNDECLARED, dialect_of, validator_of
from podbook_crds.errors import InvalidContract, Violation
from podbook_crds.formats.json_pointers import pointer_step
from podbook_crds.resources.notebook import Schema, SharedModel

MODEL_SCHEME: Final = "nbschema://"

# How Podbook's own notes in the schemas of shared models begin: for the runner, not for clients.

# More than a person reads; a list of a million wrong items must not become an answer of its size.
VIOLATIONS_LIMIT: Final = 100

# Where one of these stands, members may be declared elsewhere, or what may stand there is said.
_COMPOSED: Final = frozenset(
    {
        *("$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf", "if"),
        *("dependentSchemas", "dependencies", "patternProperties"),
        *("additionalProperties", "unevaluatedProperties"),
    }
)

# Names are compared where that takes no time: so many characters, and so many names.
_NAMES_LENGTH: Final = 63
_NAMES_COMPARED: Final = 100
_OLDER: Final = (
    "; without `$schema` it is read as draft 7, in which `$anchor` and what stands below `$defs`"
    " have no name: say which dialect it is written in"
)

# jsonschema asks for the packages behind each format; these need none.
_FORMATS: Final = FormatChecker(
    formats=("date", "email", "idn-email", "ipv4", "ipv6", "regex", "uuid")
)


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    """RFC 3339 and, as notebooks use it, ISO 8601 without an offset."""
    if not isinstance(value, str):
        return True
    if "T" not in value.upper() and " " not in value:
        return False
    datetime.fromisoformat(_six_digits(value.upper()))
    return True


@_FORMATS.checks("time", raises=ValueError)
def _is_time(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(_six_digits(f"2000-01-01T{value.upper()}"))
    return True


def check_schema(schema: Schema, models: Mapping[str, SharedModel]) -> None:
    """Raise InvalidContract where the schema is none, or refers to what no value is judged by."""
    try:
        cast(Any, dialect_of(schema)).check_schema(schema)
        has_dialect = "$schema" in schema
        references.follow(
            schema,
            _registry(models),
            missing=lambda said: _missing(said, models, has_dialect=has_dialect),
        )
    except SchemaError as error:
        raise InvalidContract(references.sentence(error)) from error
    except RecursionError as error:
        raise InvalidContract("the schema is nested too deeply to check") from error


def _missing(reference: str, models: Mapping[str, SharedModel], *, has_dialect: bool) -> str:
    """Say why nothing is at a reference."""
    if not reference.startswith(MODEL_SCHEME):
        is_named = not has_dialect and not reference.startswith("#/")
        return "the schema has nothing there" + (_OLDER if is_named else "")
    if reference.removeprefix(MODEL_SCHEME).partition("#")[0] in models:
        return "the model's schema has nothing there"
    return f"no model of that alias; known are: {', '.join(sorted(models)) or 'none'}"


def violations(
    value: Any,
    schema: Schema,
    *,
    models: Mapping[str, SharedModel],
    root: str,
    formats: bool,
    closed: bool = False,
) -> list[Violation]:
    """Return every place where the value does not fit, at most 100; empty where it fits.

    root is the pointer of the value itself, such as `/parameters`. formats says whether `format`
    is asserted; JSON Schema's own default is that it is not. closed refuses members that a plain
    schema does not declare, unless it says `additionalProperties` itself. Raises InvalidContract
    where the schema itself cannot be used. Takes as long as it takes: see `podbook_crds.checking`.
    """
    found: dict[tuple[str, str], Violation] = {}
    judged = _closed(schema) if closed and is_plain(schema) else schema
    try:
        for error in _validator(judged, models, formats=formats).iter_errors(value):
            for meant in _meant(error):
                violation = _violation(root, meant)
                found.setdefault(_mistake(violation, meant), violation)
            if len(found) >= VIOLATIONS_LIMIT:
                break
    except Unresolvable as error:
        raise InvalidContract(f"a $ref of the schema leads nowhere: {error}") from error
    except RecursionError as error:
        raise InvalidContract("the schema or the value is nested too deeply to check") from error
    except (MemoryError, SystemError):  # The latter is how Python says it, now and then.
        raise
    except Exception as error:  # In a schema that is none, jsonschema raises what it trips over.
        check_schema(schema, models)
        raise InvalidContract(f"a shared model's schema cannot be used: {error}") from error
    return list(found.values())[:VIOLATIONS_LIMIT]


def is_plain(schema: Schema) -> bool:
    """A schema composed of others may declare anywhere below: only a plain one is closed."""
    return _COMPOSED.isdisjoint(schema)


def _closed(schema: Schema) -> Schema:
    """Refuse what is not declared; what is required counts as declared: else no call could fit."""
    closed: Schema = {**schema, "additionalProperties": False}
    required, declared = schema.get("required"), schema.get("properties", {})
    if isinstance(required, list) and isinstance(declared, dict):
        named: Schema = {name: {} for name in required if isinstance(name, str)}
        closed["properties"] = {**named, **declared}
    return closed


def _validator(schema: Schema, models: Mapping[str, SharedModel], *, formats: bool) -> Validator:
    kind = cast(Any, validator_of(dialect_of(schema)))
    validator = kind(
        schema, registry=_registry(models), format_checker=_FORMATS if formats else None
    )
    return cast(Validator, validator)


def _meant(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is wrong with the one choice that was meant, where only one can have been."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    choices: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        # A choice that is `false` has no place: nothing is meant by it.
        choices.setdefault(next(iter(inner.relative_schema_path), None), []).append(inner)
    likely = [inside for inside in choices.values() if not any(map(_is_of_another_kind, inside))]
    if len(likely) != 1:
        yield error
        return
    for inner in likely[0]:
        yield from _meant(inner)


def _is_of_another_kind(error: ValidationError) -> bool:
    """Tell whether it says that the value is another thing: by its type, or a member's value."""
    depth = len(error.relative_path)
    return (error.validator == "type" and depth == 0) or (
        error.validator in ("const", "enum") and depth <= 1
    )


def _violation(root: str, error: ValidationError) -> Violation:
    if error.validator in UNDECLARED:
        near = _near(str(error.absolute_path[-1]), error.schema) if error.absolute_path else None
        return Violation(_pointer(root, error), _sentence(error), near)
    return Violation(_pointer(root, error), _sentence(error))


def _near(name: str, schema: Any) -> str | None:
    """Return the declared name that was meant, perhaps."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return nearest(name, list(properties or ()))


def nearest(name: str, declared: list[str]) -> str | None:
    """Return the declared name that was meant, perhaps."""
    if len(name) > _NAMES_LENGTH or len(declared) > _NAMES_COMPARED:
        return None
    near = get_close_matches(name, [d for d in declared if len(d) <= _NAMES_LENGTH], n=1)
    return near[0] if near else None


def _mistake(violation: Violation, error: ValidationError) -> tuple[str, str]:
    """Return what is equal for the same mistake: a member may be undeclared for several schemas."""
    is_undeclared = error.validator in UNDECLARED
    return violation.pointer, "" if is_undeclared else violation.message


def _registry(models: Mapping[str, SharedModel]) -> Registry[Any]:
    """Answer nbschema://alias with the model's schema, and anything else with nothing at all."""

    def retrieve(uri: str) -> Resource[Any]:
        alias = uri.removeprefix(MODEL_SCHEME)
        if not uri.startswith(MODEL_SCHEME) or alias not in models:
            raise LookupError(uri)
        return Resource.from_contents(models[alias].json_schema, default_specification=DRAFT7)

    # attrs' `retrieve` argument is hidden from type checkers.
    return cast(Any, Registry)(retrieve=retrieve)  # type: ignore[no-any-return]


def _pointer(root: str, error: ValidationError) -> str:
    return root + "".join(map(pointer_step, error.absolute_path)) or "/"


def _sentence(error: ValidationError) -> str:
    """Return jsonschema's sentence, cut where it repeats a large value."""
    limit = 300
    if error.validator is None:  # The schema of this place is `false`.
        return "is not allowed here: the contract takes no value for it"
    message = error.message
    if error.instance is None or isinstance(error.instance, bool):  # As JSON has it.
        message = message.replace(repr(error.instance), json.dumps(error.instance), 1)
    return message if len(message) <= limit else f"{message[:limit]}… ({error.validator})"


def _six_digits(text: str) -> str:
    """Cut a fraction of more than six digits: notebooks' clients send seven."""
    head, dot, tail = text.partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}{dot}{tail[: min(digits, 6)]}{tail[digits:]}"
