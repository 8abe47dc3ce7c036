"""The defaults of a contract: parameters of every call that does not give them itself."""

from collections.abc import Mapping
from typing import Any

from podbook_crds.call_rules.now_defaults import NOW
from podbook_crds.call_rules.parameters import ROOT, bad_names
from podbook_crds.checking.writable import unwritable
from podbook_crds.errors import Violation
from podbook_crds.resources.notebook import Schema


def defaults_of(schema: Schema | None) -> dict[str, Any]:
    """Return what a contract declares for parameters that a call does not give."""
    properties = (schema or {}).get("properties")
    declared = properties if isinstance(properties, dict) else {}
    return {
        name: below["default"]
        for name, below in declared.items()
        if isinstance(below, dict) and "default" in below
    }


def filled(parameters: Mapping[str, Any], schema: Schema | None) -> dict[str, Any]:
    """Return the parameters with the defaults that the contract declares for those not given."""
    return {**defaults_of(schema), **parameters}


def unusable(
    given: Mapping[str, Any], schema: Schema | None, language: str, *, root: str = ROOT
) -> list[Violation]:
    """Return the defaults in force that can be no parameter, or no value of the language.

    What means a day or a moment is a text by the time that it is written.
    """
    in_force = {
        name: default
        for name, default in defaults_of(schema).items()
        if name not in given and not (isinstance(default, dict) and NOW in default)
    }
    found = [*bad_names(in_force, root=root), *unwritable(in_force, language, root=root)]
    return [Violation(place.pointer, f"the contract's default: {place.message}") for place in found]
