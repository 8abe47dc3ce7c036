"""The values for production are ones that the chart has, and hold what a platform expects."""

import json
from pathlib import Path

import jsonschema
import yaml

from podbook_operator.config import OperatorConfig

CHART = Path(__file__).parents[2] / "charts" / "podbook"
PRODUCTION = yaml.safe_load((CHART / "production.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def test_its_values_are_the_chart_s() -> None:
    jsonschema.validate(PRODUCTION, SCHEMA)


def test_no_single_pod_stops_it_and_nothing_unreviewed_runs() -> None:
    assert min(PRODUCTION[part]["replicas"] for part in ("api", "operator")) > 1
    assert PRODUCTION["runs"]["inline"] is False


def test_the_operator_takes_its_configuration() -> None:
    config = OperatorConfig.model_validate(PRODUCTION["operator"]["config"])

    assert config.pod_template == {"hostUsers": False}
    assert config.limits.resources == {"cpu": "16", "memory": "64Gi"}
    said = set(PRODUCTION["operator"]["config"])
    assert said == set(config.model_dump(by_alias=True, exclude_unset=True))
