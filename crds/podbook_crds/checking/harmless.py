"""Proves of most contracts that checking a value costs little, so that it needs no process.

Without recursion every part of a schema meets every part of a value at most once, however schemas
are combined: the cost is bound by the product of their sizes, once all references are written out.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds.call_rules.contracts import MODEL_SCHEME
from podbook_crds.checking.patterns import steps
from podbook_crds.formats import json_pointers
from podbook_crds.resources.notebook import Schema, SharedModel

# Pairs of a schema's part and a value's: of the slowest kind 3 µs each, by jsonschema 4.26.
PAIRS: Final = 10_000
# Steps of `re`, of which a millisecond holds some 100 000.
STEPS: Final = 200_000
# Characters that cost as much to look at, or to repeat in a message, as one part of a value.
_CHARACTERS: Final = 16
# A schema of more parts is none that people wrote.
_LARGEST: Final = 2_000
_DEEPEST: Final = 100

# Keywords whose values are values, and those whose values are schemas by names of any kind, also
# by that of a keyword.
LITERALS: Final = frozenset({"enum", "const", "default", "examples"})
BY_NAME: Final = frozenset(
    {
        *("properties", "patternProperties", "$defs", "definitions"),
        *("dependencies", "dependentSchemas"),
    }
)
# They look through the whole schema again for each place where they stand, or lead elsewhere.
_FAR_REACHING: Final = frozenset(
    {
        *("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef"),
        *("$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"),
    }
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check of any value costs: size is infinite where nothing could be proved."""

    size: float
    patterns: tuple[str, ...] = ()
    # Whether items are compared with each other.
    compares: bool = False

    def covers(self, value: Any) -> bool:
        """Tell whether checking this value costs little."""
        if math.isinf(self.size):
            return False
        weight = weight_of(value, limit=PAIRS)
        pairs = self.size * weight * (weight if self.compares else 1)
        return pairs <= PAIRS and self._is_searched_fast(value)

    def _is_searched_fast(self, value: Any) -> bool:
        left: float = STEPS
        for text in _texts(value) if self.patterns else ():
            left -= sum(steps(pattern, len(text)) for pattern in self.patterns)
            if left < 0:
                return False
        return True


BOUNDLESS: Final = Proof(math.inf)


def prove(schema: Schema, models: Mapping[str, SharedModel]) -> Proof:
    """Return what can be proved of a contract."""
    reading = _Reading(models)
    try:
        size = reading.size_of(schema, schema, 0)
    except _Boundless:
        return BOUNDLESS
    schemas = [schema, *(model.json_schema for model in models.values())]
    patterns = {pattern for each in schemas for pattern in patterns_in(each)}
    return Proof(size, tuple(sorted(patterns)), reading.compares)


def weight_of(value: Any, *, limit: int) -> int:
    """Return how much there is to look at in a value; somewhat above the limit is enough."""
    weight, waiting = 0, [value]
    while waiting and weight <= limit:
        item = waiting.pop()
        weight += 1
        if isinstance(item, str):
            weight += len(item) // _CHARACTERS
        elif isinstance(item, dict):
            waiting += item.values()
            weight += sum(len(key) for key in item) // _CHARACTERS
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, int):
            weight += item.bit_length() // 64
    return weight


def patterns_in(node: Any) -> Iterator[str]:
    """Yield the regular expressions of a schema, each as often as it stands there."""
    if isinstance(node, dict):
        if isinstance(pattern := node.get("pattern"), str):
            yield pattern
        if isinstance(named := node.get("patternProperties"), dict):
            yield from named
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from patterns_in(child)


class _Boundless(Exception):
    """Nothing can be proved."""


class _Reading:
    """One walk through a schema and all that it refers to."""

    def __init__(self, models: Mapping[str, SharedModel]) -> None:
        self._models = models
        # By schema and reference: what was measured, and None while it is.
        self._sizes: dict[tuple[int, str], int | None] = {}
        self.compares = False

    def size_of(self, node: Any, root: Schema, depth: int) -> int:
        """Return the number of parts with all references written out."""
        if depth > _DEEPEST:
            raise _Boundless
        if isinstance(node, dict):
            self._look_at(node, is_root=node is root)
            parts = sum(self._part(key, node[key], root, depth) for key in node)
            size = 1 + parts + self._referred(node.get("$ref"), root, depth)
        elif isinstance(node, list):
            size = 1 + sum(self.size_of(child, root, depth + 1) for child in node)
        else:
            size = 1 + (len(node) // _CHARACTERS if isinstance(node, str) else 0)
        if size > _LARGEST:
            raise _Boundless
        return size

    def _part(self, key: str, value: Any, root: Schema, depth: int) -> int:
        """Return the size of what stands under a keyword."""
        if key in LITERALS:  # A `$ref` in there is a value like any other.
            return weight_of(value, limit=_LARGEST)
        if key in BY_NAME and isinstance(value, dict):
            schemas = value.values()
            return 1 + sum(self.size_of(schema, root, depth + 2) for schema in schemas)
        return self.size_of(value, root, depth + 1)

    def _look_at(self, node: dict[str, Any], *, is_root: bool) -> None:
        if not _FAR_REACHING.isdisjoint(node) or node.get("format") == "regex":
            raise _Boundless
        if not is_root and (isinstance(node.get("$id"), str) or isinstance(node.get("id"), str)):
            raise _Boundless
        if node.get("uniqueItems") is True:
            self.compares = True

    def _referred(self, reference: Any, root: Schema, depth: int) -> int:
        if not isinstance(reference, str):
            return 0
        if reference.startswith(MODEL_SCHEME):
            model = self._models.get(reference.removeprefix(MODEL_SCHEME))
            if model is None:
                raise _Boundless
            root, target = model.json_schema, model.json_schema
        else:
            target = _target(reference, root)
        key = (id(root), reference)
        if key in self._sizes:
            known = self._sizes[key]
            if known is None:  # It leads back to itself.
                raise _Boundless
            return known
        self._sizes[key] = None
        size = self.size_of(target, root, depth + 1)
        self._sizes[key] = size
        return size


def _target(reference: str, root: Schema) -> Any:
    if not reference.startswith("#/") or "%" in reference:
        raise _Boundless
    target: Any = root
    for name in json_pointers.steps(reference):
        if not isinstance(target, dict) or name not in target:
            raise _Boundless
        target = target[name]
    return target


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
