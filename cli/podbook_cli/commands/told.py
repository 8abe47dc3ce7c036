"""How `--help` tells of commands: each in its panel, with calls to copy, and no type of a flag."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


def told(panel: str | None, *examples: str) -> dict[str, Any]:
    """Return what a command is registered with; the examples are whole calls."""
    # Two blanks end a line in Markdown.
    lines = ["Example:" if len(examples) == 1 else "Examples:", *(f"`{each}`" for each in examples)]
    return {"rich_help_panel": panel, "epilog": "  \n".join(lines), "cls": Command}


class Command(TyperCommand):
    """A command whose flags show no type: they take no value."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, those of --help among them."""
        return _untyped(super().get_params(ctx))


class Group(TyperGroup):
    """The same of a command with commands of its own."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, those of --help among them."""
        return _untyped(super().get_params(ctx))


def _untyped(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) and parameter.metavar is None:
            parameter.metavar = ""
    return parameters
