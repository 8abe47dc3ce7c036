"""Finds keywords that a contract's dialect does not know: it looks as if they were checked."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, cast

from jsonschema import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
)
from jsonschema.protocols import Validator

from podbook_crds.checking.harmless import BY_NAME, LITERALS
from podbook_crds.checking.keywords import dialect_of
from podbook_crds.formats.json_pointers import pointer_step

_DIALECTS: Final = (
    *(Draft4Validator, Draft6Validator, Draft7Validator),
    *(Draft201909Validator, Draft202012Validator),
)
# Draft 4 has them as switches of `minimum` and `maximum`.
_SWITCHES: Final = frozenset({"exclusiveMinimum", "exclusiveMaximum"})
# Since the draft of 2019; `contains` looks for them.
_OF_CONTAINS: Final = frozenset({"minContains", "maxContains"})


def ineffective(schema: Any) -> Iterator[tuple[str, str]]:
    """Yield the pointer of each such keyword, and its name; the schema is known to be one."""
    unknown = _unknown(dialect_of(schema))
    waiting = [("", schema)]
    while waiting:
        place, node = waiting.pop()
        if not isinstance(node, dict):
            continue
        for name, value in node.items():
            if name in unknown:
                yield f"{place}{pointer_step(name)}", name
            elif name not in LITERALS:
                waiting += _below(f"{place}{pointer_step(name)}", name, value)


def _below(place: str, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{place}/{index}", part) for index, part in enumerate(value))
    elif name in BY_NAME and isinstance(value, dict):
        yield from ((f"{place}{pointer_step(key)}", part) for key, part in value.items())
    else:
        yield place, value


@cache
def _unknown(dialect: type[Validator]) -> frozenset[str]:
    own = _known(dialect)
    known = frozenset[str]().union(*(_known(each) for each in _DIALECTS)) - _SWITCHES
    return known - own | (frozenset() if "dependentSchemas" in own else _OF_CONTAINS)


def _known(dialect: Any) -> frozenset[str]:
    return frozenset(cast(Any, dialect).VALIDATORS)
