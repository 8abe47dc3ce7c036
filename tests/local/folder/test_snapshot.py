"""A folder read once and whole, as `check`, `push`, `diff` and `render` see it."""

from pathlib import Path

import pytest

from podbook_catalog.settings.errors import Mistaken
from podbook_catalog.snapshot import Snapshot, read_snapshot
from tests.local.folder.conftest import PYTHON, Catalog


def read(catalog: Catalog, *, is_local: bool = False) -> Snapshot:
    return read_snapshot(
        catalog.root, interpreter=PYTHON, environment=catalog.environment, is_local=is_local
    )


def test_a_folder_is_read_into_entries_that_say_what_is_wrong_with_them(catalog: Catalog) -> None:
    catalog.put("a.ipynb", {"input": {"type": "object"}})
    catalog.put("reports/b.ipynb", {"id": "a"})
    catalog.write("broken.ipynb", "{")
    catalog.write("data/x.csv", "1,2")

    found = read(catalog)

    assert [entry.id for entry in found.entries] == ["a", "a", "broken"]
    assert found.problems.keys() == {"reports/b.ipynb", "broken.ipynb"}
    assert found.problems["reports/b.ipynb"].startswith("the id 'a' is already that of a.ipynb")
    blobs = {f.path: found.blobs.read(f.blob or "") for f in found.entries[0].spec.files}
    assert blobs == {"data/x.csv": b"1,2"}
    assert found.blobs.read(found.entries[0].spec.source.blob or "") is not None


def test_a_file_that_changes_after_it_was_read_is_not_taken_for_what_it_was(
    catalog: Catalog,
) -> None:
    catalog.put("a.ipynb")
    catalog.write("data/x.csv", "1,2")
    found = read(catalog)

    catalog.write("data/x.csv", "3,4")

    assert found.blobs.read(found.entries[0].spec.files[0].blob or "") is None


def test_a_file_that_no_resource_can_name_keeps_no_notebook_from_being_served(
    catalog: Catalog,
) -> None:
    catalog.put("a.ipynb")
    catalog.write("data/new\nline.csv", "1,2")
    catalog.write("data/x.csv", "1,2")

    found = read(catalog)

    assert found.problems == {}
    assert [file.path for file in found.entries[0].spec.files] == ["data/x.csv"]
    assert found.warnings == [
        "'data/new\\nline.csv' cannot be read, and goes along with no notebook:"
        " its name is too long, or holds a control character"
    ]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("new\nline.ipynb", id="a line break"),
        pytest.param("tab\there/a.ipynb", id="a tab in a folder's name"),
        pytest.param("\x85.ipynb", id="a C1 control"),
        pytest.param("/".join(["d" * 200] * 6) + "/a.ipynb", id="a path that is too long"),
    ],
)
def test_a_notebook_that_no_resource_can_name_keeps_no_other_from_being_served(
    catalog: Catalog, path: str
) -> None:
    catalog.put("a.ipynb")
    catalog.put(path)

    found = read(catalog)

    assert [entry.id for entry in found.entries] == ["a"]
    (told,) = found.warnings
    assert told.endswith("cannot be read: its name is too long, or holds a control character")
    assert "\n" not in told


def test_an_id_of_a_long_path_is_cut_where_a_path_can_end(catalog: Catalog) -> None:
    deep = "a" * 200 + "/" + "b" * 200 + "/" + "c" * 109 + "/d.ipynb"
    catalog.put(deep)

    (entry,) = read(catalog).entries

    assert "more than 512" in str(entry.spec.problem)
    assert entry.id == deep[:511]


@pytest.mark.parametrize(
    ("folder", "toml", "name"),
    [
        pytest.param("sales reports", "", "sales-reports", id="as the folder, fit for a label"),
        pytest.param("x", 'name = "sales"', "sales", id="as podbook.toml says"),
        pytest.param("---", "", "notebooks", id="a folder whose name says nothing"),
    ],
)
def test_a_catalog_has_a_name(
    tmp_path: Path, catalog: Catalog, folder: str, toml: str, name: str
) -> None:
    root = tmp_path / folder
    root.mkdir()
    (root / "podbook.toml").write_text(toml)

    found = read_snapshot(root, interpreter=PYTHON, environment={}, is_local=False)

    assert found.name.startswith(name)


def test_a_name_that_no_label_can_hold_is_refused(catalog: Catalog) -> None:
    catalog.write("podbook.toml", 'name = "sales team"')

    with pytest.raises(Mistaken, match="/name"):
        read(catalog)


def test_kernels_of_this_machine_decide_only_where_the_runs_will_be_here(catalog: Catalog) -> None:
    kernel = catalog.root.parent / "home/.local/share/jupyter/kernels/mine"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        '{"argv": ["/opt/mine", "{connection_file}"], "language": "mine"}'
    )
    catalog.put("a.ipynb", {"runtime": {"kernel": "mine"}})

    here, elsewhere = (read(catalog, is_local=local).entries[0].spec for local in (True, False))

    assert here.runtime.command == ["/opt/mine", "{connection_file}"]
    assert (elsewhere.runtime.kernel, elsewhere.runtime.command) == ("mine", None)
