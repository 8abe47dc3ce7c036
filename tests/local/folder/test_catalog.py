from pathlib import PurePosixPath
from typing import Any

from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.target.resource_changes import Changes, changes
from podbook_catalog.target.resources import PATH_ANNOTATION
from podbook_crds.resources.naming import resource_name
from podbook_crds.resources.notebook import NotebookSpec, Source


def entry(path: str, *, notebook_id: str = "", ipynb: str = "{}") -> Entry:
    notebook_id = notebook_id or path.removesuffix(".ipynb")
    return Entry(
        PurePosixPath(path), notebook_id, NotebookSpec(id=notebook_id, source=Source(ipynb=ipynb))
    )


def standing(*entries: Entry) -> dict[str, Any]:
    """The resources as they stand after the entries were written."""
    return {
        resource_name(e.id): {
            "metadata": {
                "name": resource_name(e.id),
                "resourceVersion": "7",
                "labels": {"mine": "yes"},
                "annotations": {PATH_ANNOTATION: e.path.as_posix()},
            },
            "spec": e.spec.to_wire(),
        }
        for e in entries
    }


def test_what_stands_already_is_not_written_again() -> None:
    assert changes([entry("a.ipynb")], standing(entry("a.ipynb"))) == Changes()


def test_a_new_notebook_is_created_and_one_that_is_gone_is_deleted() -> None:
    new = entry("new.ipynb")

    needed = changes([new], standing(entry("old.ipynb")))

    assert (needed.created, needed.deleted) == ([("new", new)], ["old"])


def test_a_changed_notebook_is_replaced_with_all_that_others_wrote_on_it() -> None:
    (needed,) = changes([entry("a.ipynb", ipynb="[]")], standing(entry("a.ipynb"))).replaced

    assert needed["spec"]["source"] == {"ipynb": "[]"}
    assert needed["metadata"]["resourceVersion"] == "7"
    assert needed["metadata"]["labels"] == {"mine": "yes"}


def test_of_two_notebooks_with_one_id_the_one_that_has_it_keeps_it() -> None:
    older, newer = entry("z.ipynb", notebook_id="same"), entry("a.ipynb", notebook_id="same")

    needed = changes([newer, older], standing(older))

    ((name, refused),) = needed.created
    assert name != "same"
    assert refused.path.as_posix() == "a.ipynb"
    assert refused.spec.problem == (
        "the id 'same' is already that of z.ipynb; give one of them another id"
    )
    assert not needed.replaced


def test_a_moved_notebook_keeps_its_resource() -> None:
    moved = entry("new/place.ipynb", notebook_id="same")

    needed = changes([moved], standing(entry("old.ipynb", notebook_id="same")))

    assert not needed.created
    assert not needed.deleted
    assert [r["metadata"]["name"] for r in needed.replaced] == ["same"]
