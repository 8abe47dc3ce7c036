"""Follows the references of a contract: each leads to a schema, and none back to where it stands.

A value is judged by a schema and by all that this leads to in its place. What leads back to itself
there judges one value without end; below a member or an item it may, as values end.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import lookup_recursive_ref, specification_with

from podbook_crds.checking.keywords import dialect_of
from podbook_crds.errors import InvalidContract
from podbook_crds.formats.json_pointers import pointer_step

# Keywords whose schemas judge the very value that they stand beside.
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "extends", "not", "if", "then", "else")
_IN_PLACE_BY_NAME: Final = ("dependentSchemas", "dependencies")
# Those whose schemas judge what is below it, or that wait to be referred to.
_BELOW: Final = (
    *("items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"),
    *("additionalProperties", "unevaluatedProperties", "propertyNames"),
)
_BELOW_BY_NAME: Final = ("properties", "patternProperties")
_KEPT_BY_NAME: Final = ("$defs", "definitions")
_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")

Dialect = type[Validator]
# A place of a contract: what stands there, from where references are resolved, and its dialect.
Place = tuple[Any, Any, Dialect]


def follow(
    schema: dict[str, Any], registry: Registry[Any], *, missing: Callable[[str], str]
) -> None:
    """Raise InvalidContract unless every reference leads to a schema, and none back to itself.

    The schema itself is known to be one; missing says why there is nothing at a reference.
    """
    dialect = dialect_of(schema)
    root = _specification(dialect).create_resource(schema)
    walk = _Walk(missing)
    walk.approve(schema, dialect)
    walk.through((schema, registry.resolver_with_root(root), dialect))


class _Walk:
    """One walk through a contract and all that it refers to; each place is entered once."""

    def __init__(self, missing: Callable[[str], str]) -> None:
        self._missing = missing
        # True as long as what it leads to in its place is being looked at.
        self._entered: dict[tuple[int, Dialect], bool] = {}
        self._waiting: list[Place] = []
        # Known to be schemas: they are part of one that was checked.
        self._approved: set[int] = set()

    def through(self, place: Place) -> None:
        """Look at the place, and at all that is below it."""
        self._waiting = [place]
        while self._waiting:
            self._enter(self._waiting.pop(), "")

    def approve(self, schema: Any, dialect: Dialect) -> None:
        """Take note of what is a schema because the whole is one."""
        waiting = [schema]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict) and id(node) not in self._approved:
                self._approved.add(id(node))
                waiting += [*_in_place(node, dialect), *_below(node, dialect)]

    def _enter(self, place: Place, reference: str) -> None:
        node, resolver, inherited = place
        if not isinstance(node, dict):
            return
        dialect = _dialect(node, inherited)
        key = (id(node), dialect)
        if self._entered.get(key):
            raise InvalidContract(
                f"{reference}: it leads back to itself, and no value can be judged by that;"
                " refer to a schema from below `properties` or `items` instead"
            )
        if key in self._entered:
            return
        self._entered[key] = True
        for said, target in self._referred(node, resolver, dialect):
            self._enter(target, said)
        for child in _in_place(node, dialect):
            self._enter(_within(child, resolver, dialect), reference)
        self._entered[key] = False
        self._waiting += [_within(child, resolver, dialect) for child in _below(node, dialect)]

    def _referred(
        self, node: dict[str, Any], resolver: Any, dialect: Dialect
    ) -> Iterator[tuple[str, Place]]:
        """Yield the node's references, and what they lead to."""
        for keyword in _REFERENCES:
            said = node.get(keyword)
            if not isinstance(said, str) or keyword not in _known(dialect):
                continue
            try:
                is_recursive = keyword == "$recursiveRef"
                found = lookup_recursive_ref(resolver) if is_recursive else resolver.lookup(said)
            except Unresolvable as error:
                raise InvalidContract(f"{said}: {self._missing(said)}") from error
            if id(found.contents) not in self._approved:
                _check(said, found.contents, dialect)
                self.approve(found.contents, dialect)
            yield said, (found.contents, found.resolver, dialect)


def _check(reference: str, target: Any, inherited: Dialect) -> None:
    """Raise InvalidContract unless a schema stands where the reference leads."""
    if not isinstance(target, dict | bool):
        raise InvalidContract(f"{reference}: what stands there is no schema")
    try:
        cast(Any, _dialect(target, inherited)).check_schema(target)
    except SchemaError as error:
        shared = "" if reference.startswith("#") else "the shared schema: "
        raise InvalidContract(f"{reference}: {shared}{sentence(error)}") from error


def sentence(error: SchemaError) -> str:
    """Return what is wrong with a schema; the metaschema itself only says "under any of these"."""
    place = "".join(map(pointer_step, error.absolute_path)) or "/"
    if error.absolute_path and error.absolute_path[-1] == "type":
        listed = ", ".join(_TYPES)
        return f"{place}: {error.instance!r} is no type; write one of {listed}, or a list of them"
    return f"{place}: {error.message}"


def _in_place(node: dict[str, Any], dialect: Dialect) -> Iterator[Any]:
    if not _stands_alone(node, dialect):
        yield from _children(node, dialect, _IN_PLACE, _IN_PLACE_BY_NAME)


def _below(node: dict[str, Any], dialect: Dialect) -> Iterator[Any]:
    if not _stands_alone(node, dialect):
        yield from _children(node, dialect, _BELOW, _BELOW_BY_NAME)
    for keyword in _KEPT_BY_NAME:
        if isinstance(kept := node.get(keyword), dict):
            yield from kept.values()


def _children(
    node: dict[str, Any], dialect: Dialect, plain: tuple[str, ...], by_name: tuple[str, ...]
) -> Iterator[Any]:
    known = _known(dialect)
    for keyword in plain:
        value = node.get(keyword)
        # What stands under `then` and `else` is looked at by `if`.
        if keyword in known or (keyword in ("then", "else") and "if" in known):
            yield from value if isinstance(value, list) else (value,)
    for keyword in by_name:
        if keyword in known and isinstance(named := node.get(keyword), dict):
            yield from named.values()


def _stands_alone(node: dict[str, Any], dialect: Dialect) -> bool:
    """Tell whether only the reference counts: up to draft 7 nothing else beside it does."""
    return "$ref" in node and "unevaluatedProperties" not in _known(dialect)


def _within(child: Any, resolver: Any, dialect: Dialect) -> Place:
    if not isinstance(child, dict):
        return child, resolver, dialect
    resource = _specification(dialect).create_resource(child)
    return child, resolver.in_subresource(resource), dialect


def _dialect(node: Any, inherited: Dialect) -> Dialect:
    return dialect_of(node, default=inherited)


def _known(dialect: Dialect) -> Any:
    return cast(Any, dialect).VALIDATORS


def _specification(dialect: Dialect) -> Any:
    return specification_with(cast(Any, dialect).ID_OF(cast(Any, dialect).META_SCHEMA))
