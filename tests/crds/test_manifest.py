"""The YAML that ships is what the types say."""

import json
from pathlib import Path

import pytest

from podbook_crds import manifest
from podbook_crds.ends.reasons import EXPLANATIONS, Reason
from podbook_crds.resources.notebook import Defaults

FOLDER = Path(__file__).parents[2] / "crds"


@pytest.mark.parametrize("name", manifest.files())
def test_the_file_is_current(name: str) -> None:
    assert (FOLDER / name).read_text() == manifest.files()[name]


def test_every_reason_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Reason)


def test_every_default_is_told_in_words() -> None:
    """It is no default of the schema: that would be written into every stored object."""
    version = manifest.notebook_crd()["spec"]["versions"][0]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    fields = spec["properties"]["defaults"]["properties"]

    told = {name: field["description"].partition(" Default: ")[2] for name, field in fields.items()}
    assert told == {
        name: "" if value is None else f"{json.dumps(value)}."
        for name, value in Defaults().model_dump(by_alias=True).items()
    }
    assert not any("default" in field for field in fields.values())
