"""Writes JSON values as Python expressions, guided by their schema: models become real objects.

Only what a model names is built as an object. What pydantic turns into the right type by itself
is left as it came: enums, decimals, sets, tuples, durations, bytes.
"""

import json
import keyword
import math
from dataclasses import dataclass
from typing import Any, Final

from podbook_crds import names
from podbook_runner.parameters import dates_and_times
from podbook_runner.parameters.imports import Imports
from podbook_runner.parameters.layout import Expression, Group
from podbook_runner.parameters.schema_places import Part, Place, Places

# Written into the schemas of shared models by podbook.read_models.
_JSON_METHODS: Final = ("model_validate_json", "parse_raw")

# Python's parser takes about 200 brackets inside each other, fewer in older versions.
DEPTH_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class Literals:
    """Writes values; the imports they need are collected on the way."""

    places: Places
    imports: Imports

    def write(self, value: Any, place: Place) -> Expression:
        """Return the expression of a value at that place."""
        if _depth(value) > DEPTH_LIMIT:
            return f"{self.imports.standard('json')}.loads({json.dumps(value)!r})"
        return self._write(value, place)

    def _write(self, value: Any, place: Place) -> Expression:
        if (model := place.model) is not None:
            return self._object(value, place, model)
        return self._plain(value, place)

    def _plain(self, value: Any, place: Place) -> Expression:
        if isinstance(value, dict):
            pairs = self._members(value, place)
            return Group("{", "}", [(f"{key!r}: ", member) for key, member in pairs])
        if isinstance(value, list):
            items = (
                self._write(item, self.places.item(place, index, item))
                for index, item in enumerate(value)
            )
            return Group("[", "]", [("", item) for item in items])
        if isinstance(value, str) and place.in_model:
            kind = str(place.first("format"))
            return dates_and_times.written(value, kind, self.imports) or repr(value)
        return _atom(value)

    def _members(self, value: dict[str, Any], place: Place) -> list[tuple[str, Expression]]:
        return [
            (key, self._write(member, self.places.member(place, key, member)))
            for key, member in value.items()
        ]

    def _object(self, value: Any, place: Place, model: Part) -> Expression:
        """Return the construction of a model, or of an enum's member."""
        name = self.imports.model(str(model.import_path))
        if (method := place.first(names.JSON_ONLY_KEY)) in _JSON_METHODS:
            return f"{name}.{method}({json.dumps(value)!r})"
        if not isinstance(value, dict) or place.first("properties") is None:
            return Group(f"{name}(", ")", [("", self._plain(value, place))])
        members = self._members(value, place)
        if all(key.isidentifier() and not keyword.iskeyword(key) for key, _ in members):
            return Group(f"{name}(", ")", [(f"{key}=", member) for key, member in members])
        pairs = [(f"{key!r}: ", member) for key, member in members]
        return Group(f"{name}(", ")", [("**", Group("{", "}", pairs))])


def _atom(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _depth(value: Any) -> int:
    """Return how many lists and objects stand inside each other, without recursion."""
    depth, level = 0, [value]
    while level := [
        child
        for node in level
        if isinstance(node, (dict, list))
        for child in (node.values() if isinstance(node, dict) else node)
    ]:
        depth += 1
    return depth
