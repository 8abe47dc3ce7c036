"""Lays Python expressions out as a person would: on one line where they fit, else one item each."""

from dataclasses import dataclass, field
from typing import Final

WIDTH: Final = 88
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Group:
    """A bracketed list of items, each with what stands before it: a key, a keyword, or nothing."""

    opening: str
    closing: str
    items: list[tuple[str, "Expression"]] = field(default_factory=list)


# An atom is finished text; only groups can be broken into lines.
Expression = str | Group


def laid_out(prefix: str, expression: Expression, *, indent: int = 0) -> str:
    """Return the text of `prefix` and the expression, its further lines indented."""
    line = prefix + _on_one_line(expression)
    if isinstance(expression, str) or not expression.items:
        return line
    if len(_INDENT) * indent + len(line) <= WIDTH:
        return line
    body = _body(expression, indent + 1)
    return f"{prefix}{expression.opening}\n{body}{_INDENT * indent}{expression.closing}"


def _body(group: Group, indent: int) -> str:
    """Return the items on one line of their own where they fit, else on one line each."""
    inner = _INDENT * indent
    together = inner + _joined(group.items)
    if len(together) <= WIDTH:
        return f"{together}\n"
    each = (laid_out(before, item, indent=indent) for before, item in group.items)
    return "".join(f"{inner}{item},\n" for item in each)


def _on_one_line(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    return f"{expression.opening}{_joined(expression.items)}{expression.closing}"


def _joined(items: list[tuple[str, Expression]]) -> str:
    return ", ".join(before + _on_one_line(item) for before, item in items)
