"""Writes the parameters as a cell of Python that people read and that needs nothing else."""

from collections.abc import Mapping
from typing import Any

from podbook_crds.resources.notebook import Schema, SharedModel
from podbook_runner.parameters.imports import Imports
from podbook_runner.parameters.layout import laid_out
from podbook_runner.parameters.literals import Literals
from podbook_runner.parameters.schema_places import Part, Places


def source(
    parameters: Mapping[str, Any], *, schema: Schema, models: Mapping[str, SharedModel]
) -> str:
    """Return the cell's code: the imports that it needs, then one assignment per parameter.

    Where the contract refers to a model the value is a real object of it; elsewhere it is plain
    data, and a `format: date-time` stays the string that it is.
    """
    imports = Imports(taken=parameters.keys())
    places = Places(models)
    literals = Literals(places, imports)
    whole = places.of(dict(parameters), Part(schema, schema))
    assignments = [
        laid_out(f"{name} = ", literals.write(value, places.member(whole, name, value)))
        for name, value in parameters.items()
    ]
    lines = imports.lines()
    return "\n".join(["# Parameters", *lines, *([""] if lines else []), *assignments, ""])
