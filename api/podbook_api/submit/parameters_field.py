"""Writes parameters into an execution's spec: bounded, and so that they survive the API server."""

from typing import Any

from podbook_api.http.problems import Problem
from podbook_crds import names
from podbook_crds.formats import strict_json


def spec_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the spec's field: as text where the values would not survive the API server."""
    text = strict_json.text(parameters)
    size = len(text.encode())
    if size > names.PARAMETERS_LIMIT:
        raise Problem(
            413,
            "parameters-too-large",
            "The parameters are too large",
            f"the parameters are {size} bytes of JSON and may be {names.PARAMETERS_LIMIT}",
        )
    if strict_json.survives(parameters):
        return {"parameters": parameters}
    return {"parametersText": text}
