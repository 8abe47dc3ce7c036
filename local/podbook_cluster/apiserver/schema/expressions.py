"""Compiles and evaluates CEL for rules and policies; the only user of the library."""

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

# For texts, which is all that Kubernetes has it for.
_NATIVE: Final = frozenset({"contains"})
_NONE: Final[Mapping[str, Callable[..., Any]]] = {}


class ExpressionFailed(Exception):
    """The expression can't be read or can't be evaluated on these values."""


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Any:
    """Return the program of an expression.

    Raises:
        ExpressionFailed: it is not CEL.

    """
    try:
        return _library().compile(expression)
    except Exception as error:
        raise ExpressionFailed(f"{expression}: {error}") from error


def evaluate(
    expression: str,
    variables: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]] = _NONE,
) -> Any:
    """Return the value of an expression.

    Raises:
        ExpressionFailed: it does not compile, a key is missing, the types do not fit.

    """
    program = compiled(expression)
    try:
        if functions or _is_extended(expression):
            return program.execute(_context(variables, functions))
        return program.execute(variables)
    except Exception as error:
        raise ExpressionFailed(f"{expression}: {error}") from error


@lru_cache(maxsize=4096)
def names(expression: str) -> frozenset[str]:
    """Return the variables that an expression reads."""
    return frozenset(compiled(expression).variables())


def called(expression: str) -> frozenset[str]:
    """Return the functions that an expression calls."""
    return frozenset(compiled(expression).functions())


@lru_cache(maxsize=4096)
def _is_extended(expression: str) -> bool:
    """Return whether functions are called that the library has in Python only."""
    extensions = set(_library().stdlib.STDLIB_FUNCTIONS) - _NATIVE
    return not extensions.isdisjoint(compiled(expression).functions())


def _context(variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    context = _library().Context()
    _library().stdlib.add_stdlib_to_context(context)
    for name, function in functions.items():
        context.add_function(name, function)
    context.update(dict(variables))
    return context


@lru_cache(maxsize=1)
def _library() -> Any:
    # Importing the library imports its command line too, and with that typer, rich and
    # prompt_toolkit: 0.7 s, of the 2 s that all of `podbook up` may take to start.
    sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
    import cel

    return cel
