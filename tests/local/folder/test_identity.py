import unicodedata
from pathlib import PurePosixPath

import pytest

from podbook_catalog.folder.identity import id_of
from podbook_crds.resources.naming import resource_name


def test_an_id_is_the_path_without_its_suffix() -> None:
    assert id_of(PurePosixPath("reports/2024.daily run.ipynb")) == "reports/2024.daily run"


def test_an_id_is_the_same_however_the_file_system_spells_it() -> None:
    decomposed = unicodedata.normalize("NFD", "übersicht.ipynb")

    assert id_of(PurePosixPath(decomposed)) == unicodedata.normalize("NFC", "übersicht")


def test_an_id_that_is_a_dns_label_is_the_resources_name() -> None:
    assert resource_name("analysis-2") == "analysis-2"


@pytest.mark.parametrize(
    ("notebook_id", "slug"),
    [
        ("reports/daily", "reports-daily"),
        ("Analysis", "analysis"),
        ("a b.c", "a-b-c"),
        ("übersicht", "ubersicht"),
        ("分析", "notebook"),
        ("-x-", "x"),
        ("x" * 100, "x" * 54),
        ("a/" + "-" * 60 + "/b", "a-b"),
    ],
)
def test_any_other_id_gets_a_slug_and_a_hash(notebook_id: str, slug: str) -> None:
    name = resource_name(notebook_id)

    assert name.rpartition("-")[0] == slug
    assert len(name) <= 63


def test_ids_that_look_alike_get_different_names() -> None:
    ids = ["a/b", "a b", "a.b", "A-b", "a_b"]

    assert len({resource_name(notebook_id) for notebook_id in ids}) == len(ids)
