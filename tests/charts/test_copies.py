"""What the chart installs is what the types say, and what its schema knows is what it uses."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
CHART = REPOSITORY / "charts" / "podbook"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
EVERYTHING = yaml.safe_load((REPOSITORY / "tests/cluster/charts/everything.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def _paths(schema: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return the paths of what has a value: anything but an object with named parts."""
    if "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    if "properties" not in schema:
        return {()}
    parts = schema["properties"].items()
    return {(name, *rest) for name, part in parts for rest in _paths(part)}


# Helm itself adds `global` to the values of a chart.
# Whether these are made: no cluster has the definitions by itself.
OF_OTHERS = {
    ("api", "httpRoute", "enabled"),
    ("monitoring", "podMonitor", "enabled"),
    ("monitoring", "rules", "enabled"),
    ("api", "tls", "certManager", "enabled"),
    ("api", "intakeTls", "certManager", "enabled"),
}
PATHS = sorted(_paths(SCHEMA) - {("global",)})


@pytest.mark.parametrize("path", sorted((REPOSITORY / "crds").glob("*.yaml")), ids=lambda p: p.name)
def test_the_chart_holds_the_current_definitions(path: Path) -> None:
    copy = CHART / "resources" / path.name

    assert copy.read_text() == path.read_text(), "run `make chart`"


def test_every_declared_value_has_a_default() -> None:
    assert [path for path in PATHS if not _is_in(VALUES, path)] == []


def test_no_default_is_undeclared() -> None:
    jsonschema.validate(VALUES, SCHEMA)


def test_every_value_is_tried_with_another_than_its_default_on_the_real_api_server() -> None:
    """tests/cluster hands this file to it; what needs definitions of others is only said there."""
    jsonschema.validate(EVERYTHING, SCHEMA)
    untried = [path for path in PATHS if not _is_in(EVERYTHING, path)]

    assert untried == []
    same = {path for path in PATHS if _at(EVERYTHING, path) == _at(VALUES, path)}
    assert same <= OF_OTHERS | {
        ("networkPolicy", "enabled"),
        ("runs", "networkPolicy", "enabled"),
    }


def test_no_value_is_left_unused() -> None:
    templates = "\n".join(path.read_text() for path in (CHART / "templates").iterdir())

    assert [path for path in PATHS if path[-1] not in templates] == []


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        values = values[name]
    return values


def _is_in(values: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if name not in values:
            return False
        values = values[name]
    return True
