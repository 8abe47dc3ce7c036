"""Checks the parameters of one call: their names, what is declared, and the contract."""

import keyword
import re
from collections.abc import Mapping
from typing import Any, Final

from podbook_crds.contracts import violations
from podbook_crds.errors import InvalidParameters, Violation
from podbook_crds.resources.notebook import NotebookSpec, Schema, SharedModel

ROOT: Final = "/parameters"

# The same pattern stands in the admission policy: a name becomes code in the notebook.
NAME_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
_NAME: Final = re.compile(NAME_PATTERN)


def check(
    parameters: Mapping[str, Any],
    *,
    schema: Schema | None,
    models: Mapping[str, SharedModel],
    strict: bool,
) -> None:
    """Raise InvalidParameters with every violation; return where the parameters fit.

    strict asserts formats and refuses a parameter that the schema does not declare, unless the
    schema says `additionalProperties` itself. Without it JSON Schema's own defaults hold.
    """
    found = [_bad_name(name) for name in parameters if not is_name(name)]
    if schema is not None:
        if strict:
            found += _undeclared(parameters, schema)
        found += violations(dict(parameters), schema, models=models, root=ROOT, formats=strict)
    if found:
        raise InvalidParameters(found)


def check_call(
    parameters: Mapping[str, Any], notebook: NotebookSpec | None, *, strict: bool
) -> None:
    """Raise InvalidParameters unless they fit what they are for; None is an inline notebook.

    The one answer of the API and of the operator: a contract that was only read from the notebook
    refuses nothing, names that cannot be variables are refused everywhere.
    """
    if notebook is None:
        check(parameters, schema=None, models={}, strict=strict)
    else:
        schema = None if notebook.inferred else notebook.input
        check(parameters, schema=schema, models=notebook.models, strict=strict)


def is_name(name: str) -> bool:
    """Tell whether the name can be a variable in every language that notebooks are written in."""
    return bool(_NAME.fullmatch(name)) and not keyword.iskeyword(name)


def _bad_name(name: str) -> Violation:
    shown = name if len(name) <= 80 else f"{name[:80]}…"  # noqa: PLR2004  (a line of a terminal)
    why = "is a keyword of Python" if keyword.iskeyword(name) else "is not an identifier"
    return Violation(
        f"{ROOT}/{shown.replace('~', '~0').replace('/', '~1')}",
        f"the name {why}; use letters, digits and _, at most 63, no digit first",
    )


def _undeclared(parameters: Mapping[str, Any], schema: Schema) -> list[Violation]:
    """A schema composed of others may declare anywhere below: only a plain one is judged."""
    composed = {
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
        "patternProperties",
        "additionalProperties",
    }
    if composed & schema.keys():
        return []
    properties = schema.get("properties")
    declared = sorted(properties) if isinstance(properties, dict) else []
    return [
        Violation(
            f"{ROOT}/{name}", f"is not declared; declared are: {', '.join(declared) or 'none'}"
        )
        for name in parameters
        if is_name(name) and name not in declared
    ]
