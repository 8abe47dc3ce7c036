"""Whatever an author wrote into a contract, the list of tools can be made."""

from typing import Any

import pytest

from podbook_api.surfaces.mcp.listing.schemas import entered


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"x": schema}}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(nested(3000), id="nested"),
        pytest.param({"allOf": [{"$ref": "#/allOf/\u00b2"}]}, id="a digit that is no number"),
        pytest.param({"allOf": [{"$ref": "#/allOf/" + "9" * 5000}]}, id="too many digits"),
    ],
)
def test_an_odd_contract_is_entered(schema: dict[str, Any]) -> None:
    assert entered(schema, {}, closed=True)["type"] == "object"
