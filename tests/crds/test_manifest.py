"""The YAML that ships is what the types say."""

from pathlib import Path

import pytest

from podbook_crds import manifest
from podbook_crds.reasons import EXPLANATIONS, Reason

FOLDER = Path(__file__).parents[2] / "crds"


@pytest.mark.parametrize("name", manifest.files())
def test_the_file_is_current(name: str) -> None:
    assert (FOLDER / name).read_text() == manifest.files()[name]


def test_every_reason_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Reason)
