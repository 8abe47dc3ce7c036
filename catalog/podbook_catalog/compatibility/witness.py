"""Looks for a value that was fine and is not any more: what people believe at once.

Values are made from the older schema, place by place: its examples, the ends of its ranges, each
alternative, each member left out. A few hundred at most, and within seconds.
"""

import time
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Final

from podbook_catalog.compatibility.nodes import Node, Unresolved, parts, root_of
from podbook_crds.checking.blocking import violations
from podbook_crds.checking.checker import Unchecked
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract

_VALUES: Final = 400
_SECONDS: Final = 2.0
_EACH: Final = 12
_DEEP: Final = 6
_LONG: Final = 200

Values = Iterator[Any]


def counter_example(
    narrow: Contract, wide: Contract, *, clock: Callable[[], float] = time.monotonic
) -> tuple[Any, str] | None:
    """Return a value of the first contract that the second refuses, and why; None where none is.

    Both are asked: what is returned was accepted by one and refused by the other.
    """
    ends = clock() + _SECONDS
    for value in islice(values_of(root_of(narrow)), _VALUES):
        if clock() > ends:
            return None
        try:
            if violations(value, narrow, root="", seconds=_SECONDS):
                continue
            refused = violations(value, wide, root="", seconds=_SECONDS)
        except (InvalidContract, Unchecked):
            return None
        if refused:
            return value, str(refused[0])
    return None


def values_of(node: Node, depth: int = 0) -> Values:
    """Yield values that may fit the schema: the plainest first, nothing for what is too deep."""
    try:
        found = parts(node)
    except (Unresolved, RecursionError):
        return
    keywords: dict[str, Any] = {}
    for part in found:
        keywords = {**keywords, **part.keywords}
    schema = node.schema if isinstance(node.schema, dict) else {}
    yield from _listed(schema, keywords)
    if depth > _DEEP:
        return
    for part in found:
        for keyword in ("anyOf", "oneOf"):
            for option in part.keywords.get(keyword) or ():
                rest = {k: v for k, v in keywords.items() if k not in ("anyOf", "oneOf", "$ref")}
                inner = {**rest, **option} if isinstance(option, dict) else option
                yield from islice(values_of(part.at(inner), depth + 1), _EACH)
    types = keywords.get("type", ["object", "string", "number", "array", "boolean", "null"])
    for name in [types] if isinstance(types, str) else types:
        yield from _of_type(name, found, keywords, depth)


def _listed(schema: dict[str, Any], keywords: dict[str, Any]) -> Values:
    if "const" in keywords:
        yield keywords["const"]
    if isinstance(keywords.get("enum"), list):
        yield from keywords["enum"]
    if "default" in schema:
        yield schema["default"]
    if isinstance(schema.get("examples"), list):
        yield from schema["examples"]


def _of_type(name: str, found: list[Node], keywords: dict[str, Any], depth: int) -> Values:
    if name == "object":
        yield from _objects(found, depth)
    elif name == "array":
        yield from _arrays(found, keywords, depth)
    elif name == "string":
        yield from _texts(keywords)
    elif name in ("number", "integer"):
        yield from _numbers(keywords, whole=name == "integer")
    elif name == "boolean":
        yield from (True, False)
    elif name == "null":
        yield None


def _objects(found: list[Node], depth: int) -> Values:
    members: dict[str, Node] = {}
    required: list[str] = []
    for part in found:
        for name, schema in (part.keywords.get("properties") or {}).items():
            members.setdefault(name, part.at(schema))
        required += part.keywords.get("required") or ()
    known = {name: list(islice(values_of(n, depth + 1), _EACH)) for name, n in members.items()}
    least = {name: (known.get(name) or [None])[0] for name in required}
    whole = {name: values[0] for name, values in known.items() if values} | least
    yield least
    yield whole
    for name, values in known.items():
        for value in values:
            yield {**least, name: value}
    for part in found:
        if "additionalProperties" in part.keywords:
            rest = part.at(part.keywords["additionalProperties"])
            for value in islice(values_of(rest, depth + 1), _EACH):
                yield {**least, "undeclared": value}


def _arrays(found: list[Node], keywords: dict[str, Any], depth: int) -> Values:
    inner = [p.at(p.keywords["items"]) for p in found if isinstance(p.keywords.get("items"), dict)]
    items = list(islice(chain.from_iterable(values_of(i, depth + 1) for i in inner), _EACH))
    first = [
        next(values_of(part.at(schema), depth + 1), None)
        for part in found
        for schema in part.keywords.get("prefixItems") or ()
    ]
    least = min(int(keywords.get("minItems", 0)), _LONG)
    filler = items or [None]
    yield (first + filler * least)[: max(least, len(first))]
    for value in filler:
        yield [*first, *[value] * max(1, least - len(first))]
    yield list(filler)
    longest = keywords.get("maxItems")
    if isinstance(longest, int) and longest <= _LONG:
        yield (filler * longest)[:longest]
        yield [f"{position}" for position in range(longest)]
        yield list(range(longest))
    else:
        yield filler[:1] * (least + 2)
        yield list(range(_LONG))


def _texts(keywords: dict[str, Any]) -> Values:
    least = keywords.get("minLength", 0)
    yield _FORMATS.get(str(keywords.get("format")), "text")
    yield from ("", "a", "A1", "2026-01-31", "a b", "-", "0", "true")
    if isinstance(least, int) and least <= _LONG:
        yield "a" * least
    longest = keywords.get("maxLength")
    yield "a" * (longest if isinstance(longest, int) and longest <= _LONG else _LONG)


def _numbers(keywords: dict[str, Any], *, whole: bool) -> Values:
    step = keywords.get("multipleOf", 1)
    ends = [
        keywords[key]
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if isinstance(keywords.get(key), int | float) and not isinstance(keywords[key], bool)
    ]
    for end in ends:
        yield from (end, end + 1, end - 1, end + step, end - step)
        if not whole:
            yield from (end + 0.5, end - 0.5)
    yield from (0, 1, -1, step, 2 * step, 10**9, -(10**9))
    if not whole:
        yield from (0.5, -0.5, 0.1)


_FORMATS: Final = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "email": "a@example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "0f4c9a70-8f4e-4a43-9d0a-1d1f3c7a8b21",
    "uri": "https://example.org/",
}
