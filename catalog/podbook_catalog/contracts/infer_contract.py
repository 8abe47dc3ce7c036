"""Reads a contract from a notebook's parameters cell: parsed, never executed.

An inferred contract documents the notebook and its forms; it never refuses a call.
"""

import ast
import contextlib
import io
import re
import tokenize
from typing import Any, Final

from podbook_catalog.contracts.annotation_schema import Schema, literal, schema_of

# What people write above the cell's first line; it describes no single parameter.
_HEADINGS: Final = re.compile(r"(@title\s+)?(parameters?|params)\s*(\{[^{}]*\})?", re.IGNORECASE)
# What Colab makes the field of a form of: `x = 1 #@param {type: "integer"}`.
_FORM_FIELD: Final = re.compile(r"@param\b\s*(\[.*\]|\{.*\})?\s*")


def infer(source: str) -> Schema | None:
    """Return the input schema of a parameters cell's code, or None where it sets nothing.

    Names that begin with an underscore are the cell's own, and others than ASCII can stand in no
    call. A parameter without a value is
    required. Raises SyntaxError where the code is no Python.
    """
    source, tree = _parsed(source)
    comments = _comments(source)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for node in tree.body:
        for name, annotation, value in _assignments(node):
            if name.startswith("_") or not name.isascii():
                continue
            properties[name] = _property(annotation, value, _description(node, comments))
            required = [other for other in required if other != name]
            if value is None:
                required.append(name)
    if not properties:
        return None
    schema: Schema = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _parsed(source: str) -> tuple[str, ast.Module]:
    """Parse the code; what IPython alone understands is taken out, line by line, if need be."""
    try:
        return source, ast.parse(source)
    except SyntaxError:
        magics = ("%", "!", "?")
        lines = ["" if x.lstrip().startswith(magics) else x for x in source.split("\n")]
        source = "\n".join(lines)
        return source, ast.parse(source)


def _assignments(node: ast.stmt) -> list[tuple[str, ast.expr | None, ast.expr | None]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [(node.target.id, node.annotation, node.value)]
    if isinstance(node, ast.Assign):
        return [(t.id, None, node.value) for t in node.targets if isinstance(t, ast.Name)]
    return []


def _property(annotation: ast.expr | None, value: ast.expr | None, description: str) -> Schema:
    known, default = literal(value)
    if annotation is not None:
        schema = schema_of(annotation)
    else:
        schema = _of_value(default) if known else {}
    schema = dict(schema)
    if description:
        schema["description"] = description
    if known:
        schema["default"] = default
    return schema


def _of_value(value: Any) -> Schema:
    """Return the type that a default tells of; null and empty containers tell little."""
    if value is None:
        return {}
    for kind, schema in _KINDS:
        if isinstance(value, kind):
            return dict(schema)
    if isinstance(value, list):
        items = [_of_value(item) for item in value]
        same = bool(items) and all(item == items[0] for item in items)
        return {"type": "array", "items": items[0]} if same and items[0] else {"type": "array"}
    return {"type": "object"}


# bool first: True is an int too. A float is often written as a whole number: 1 for 1.0.
_KINDS: Final = (
    (bool, {"type": "boolean"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (str, {"type": "string"}),
)


def _comments(source: str) -> dict[int, tuple[int, str]]:
    """Return each comment by its line: the column where it begins, and its text."""
    found: dict[int, tuple[int, str]] = {}
    # What is Python for its parser may be none for its tokenizer, such as an end in a backslash.
    with contextlib.suppress(tokenize.TokenError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = (token.start[1], token.string.lstrip("#: ").rstrip())
    return found


def _description(node: ast.stmt, comments: dict[int, tuple[int, str]]) -> str:
    """Return the comment at the end of an assignment, else those on the lines right above it."""
    if (behind := comments.get(node.end_lineno or node.lineno)) is not None:
        return _FORM_FIELD.sub("", behind[1])
    above: list[str] = []
    line = node.lineno - 1
    while line in comments and comments[line][0] == node.col_offset:
        above.insert(0, comments[line][1])
        line -= 1
    if above and _HEADINGS.fullmatch(above[0]):
        del above[0]
    return " ".join(above)
