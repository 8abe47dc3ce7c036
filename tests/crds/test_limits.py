"""What nobody may ask for, whichever way it comes."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from podbook_api.v1.requests import RunRequest
from podbook_crds import manifest
from podbook_crds.resources.execution import ExecutionSpec
from podbook_crds.resources.notebook import Defaults

NOTEBOOK = {"name": "analysis"}


def durations(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if "seconds" in name]


@pytest.mark.parametrize("model", [ExecutionSpec, Defaults, RunRequest])
def test_no_duration_leads_out_of_the_calendar(model: type[BaseModel]) -> None:
    given = {"notebook": NOTEBOOK} if model is ExecutionSpec else {}
    longest = datetime.max.replace(tzinfo=UTC) - datetime.now(UTC)

    assert len(durations(model)) >= 4
    for name in durations(model):
        with pytest.raises(ValidationError, match=name.split("_")[0]):
            model.model_validate({**given, name: longest // timedelta(seconds=1) + 1})


def test_the_api_server_refuses_them_too() -> None:
    kind = yaml.safe_load(manifest.files()["notebookexecutions.podbook.dev.yaml"])
    schema = kind["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    fields = schema["properties"]["spec"]["properties"]

    unbounded = [n for n in fields if n.endswith("Seconds") and "maximum" not in fields[n]]
    assert unbounded == []
