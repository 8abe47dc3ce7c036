"""Values of the chart that documents show are ones that the chart has."""

import json

import jsonschema
import pytest
import yaml

from tests.support.documents import ROOT, shown_values

SCHEMA = json.loads((ROOT / "charts" / "podbook" / "values.schema.json").read_text())


@pytest.mark.parametrize(("place", "text"), shown_values())
def test_the_chart_has_the_values_that_a_document_shows(place: str, text: str) -> None:
    jsonschema.validate(yaml.safe_load(text), SCHEMA)
