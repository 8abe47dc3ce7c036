"""Turns a type annotation, as parsed code, into JSON Schema."""

import ast
import math
from typing import Any, Final

Schema = dict[str, Any]

_NAMES: Final[dict[str, Schema]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "complex": {},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "NoneType": {"type": "null"},
    "bytes": {"type": "string"},
    "Any": {},
    "object": {},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "UUID": {"type": "string", "format": "uuid"},
    "Path": {"type": "string"},
    "Decimal": {"type": ["number", "string"]},
}
_ARRAYS: Final = frozenset(
    {"list", "List", "Sequence", "Iterable", "set", "Set", "frozenset", "tuple", "Tuple"}
)
_OBJECTS: Final = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "TypedDict"})
_WRAPPERS: Final = frozenset({"Annotated", "Final", "ClassVar", "Required", "NotRequired"})


def schema_of(node: ast.expr) -> Schema:
    """Return the schema of an annotation; `{}` where it tells nothing that JSON Schema knows."""
    schema: Schema = {}
    match node:
        case ast.Constant(value=None):
            schema = {"type": "null"}
        case ast.Constant(value=str() as text):
            schema = _of_text(text)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            schema = _of_name(name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            schema = _union([left, right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            schema = _of_generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
    return schema


def literal(value: ast.expr | None) -> tuple[bool, Any]:
    """Return whether the value is a literal that JSON has, and the value in its JSON form."""
    if value is None:
        return False, None
    try:
        return True, _json(ast.literal_eval(value))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def _json(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_json(item) for item in value)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _json(item) for key, item in value.items()}
    raise ValueError("no JSON value")


def _of_text(text: str) -> Schema:
    try:
        return schema_of(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return {}


def _of_name(name: str) -> Schema:
    if name in _ARRAYS:
        return {"type": "array"}
    return {"type": "object"} if name in _OBJECTS else dict(_NAMES.get(name, {}))


def _of_generic(name: str, arguments: list[ast.expr]) -> Schema:
    schema: Schema = {}
    if name in {"Optional", "Union"}:
        nothing = [ast.Constant(value=None)] if name == "Optional" else []
        schema = _union([*arguments, *nothing])
    elif name == "Literal":
        schema = {"enum": [value for known, value in map(literal, arguments) if known]}
    elif name in _WRAPPERS:
        schema = schema_of(arguments[0])
    elif name in _OBJECTS:
        values = schema_of(arguments[-1])
        schema = {"type": "object", **({"additionalProperties": values} if values else {})}
    elif name in _ARRAYS:
        schema = _array(name, arguments)
    return schema


def _array(name: str, arguments: list[ast.expr]) -> Schema:
    several = len(arguments) > 1 and not _is_ellipsis(arguments[-1])
    if name in {"tuple", "Tuple"} and several:
        count = len(arguments)
        return {"type": "array", "minItems": count, "maxItems": count}
    items = schema_of(arguments[0])
    return {"type": "array", "items": items} if items else {"type": "array"}


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _union(nodes: list[ast.expr]) -> Schema:
    options: list[Schema] = []
    for node in nodes:
        option = schema_of(node)
        if not option:
            return {}
        options += [part for part in option.get("anyOf", [option]) if part not in options]
    if all(option.keys() == {"type"} for option in options):
        kinds = [option["type"] for option in options]
        return {"type": kinds[0] if len(kinds) == 1 else kinds}
    return options[0] if len(options) == 1 else {"anyOf": options}
