"""Says what is wrong with a value in the words of JSON, which is what its sender wrote."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from podbook_crds.call_rules.contracts import nearest
from podbook_crds.errors import Violation
from podbook_crds.formats.json_pointers import escaped

_HAS_TO_BE: Final = "has to be "
_OBJECT: Final = f"{_HAS_TO_BE}a JSON object"
# By pydantic's types of errors; its own messages speak of Python, and name classes.
_SENTENCES: Final = {
    "missing": "is required",
    "extra_forbidden": "is no field of this request",
    "string_type": f"{_HAS_TO_BE}a string",
    "int_type": f"{_HAS_TO_BE}an integer",
    "int_from_float": f"{_HAS_TO_BE}an integer",
    "bool_type": f"{_HAS_TO_BE}true or false",
    "bool_parsing": f"{_HAS_TO_BE}true or false",
    "float_type": f"{_HAS_TO_BE}a number",
    "list_type": f"{_HAS_TO_BE}an array",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
}
# Such as `String should match pattern`, of the value that came.
_SHOULD: Final = re.compile(r"^\w+ should (be|have|match) ")


def violations(
    errors: Iterable[Mapping[str, Any]], model: type[BaseModel] | None = None
) -> list[Violation]:
    """Return one violation for each place where pydantic finds something wrong.

    model is what the value was to be: of a field that it does not have the nearest is told.
    """
    found: dict[str, Violation] = {}
    for error in errors:
        pointer, message = _pointer(error), _sentence(error)
        if pointer in found:
            # The value is none of the types that a union has: one sentence for all of them.
            message = f"{found[pointer].message} or {message.removeprefix(_HAS_TO_BE)}"
        is_unknown = error["type"] == "extra_forbidden"
        near = _meant(model, error["loc"]) if is_unknown and model is not None else None
        found[pointer] = Violation(pointer, message, near)
    return list(found.values())


def listed(found: list[Violation]) -> str:
    """Return the violations in one line; the body as a whole has the empty pointer."""
    return "; ".join(str(v) if v.pointer else f"the body: {v.message}" for v in found)


def _sentence(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    said = _SHOULD.sub(r"has to \1 ", message).replace(" after validation", "")
    return _SENTENCES.get(error["type"], said)


def _pointer(error: Mapping[str, Any]) -> str:
    places = [part for part in error["loc"] if not _is_branch(error, part)]
    return "".join(f"/{escaped(str(part))}" for part in places)


def _is_branch(error: Mapping[str, Any], part: str | int) -> bool:
    """Whether the part names one of a union's types, not a place in what was sent."""
    if error["type"] == "extra_forbidden" or not isinstance(part, str):
        return False
    return part == "str" or part.startswith("dict[")


def _meant(model: type[BaseModel], place: tuple[str | int, ...]) -> str | None:
    """Return the declared name that is closest to the undeclared one at the end of the place."""
    schema = _schema(model)
    node = schema
    for part in place[:-1]:
        node = _below(_written_out(node, schema), part)
    return nearest(str(place[-1]), list(_written_out(node, schema).get("properties", ())))


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _written_out(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference stands for; of an optional field what it is where it is given."""
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    node = options[0] if options else node
    if "$ref" in node:
        found: dict[str, Any] = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


def _below(node: dict[str, Any], part: str | int) -> dict[str, Any]:
    if isinstance(part, int):
        below = node.get("items")
    else:
        below = node.get("properties", {}).get(part, node.get("additionalProperties"))
    return below if isinstance(below, dict) else {}
