"""papermill comes without what a run never uses, and keeps that from nobody."""

from importlib import import_module


def test_what_papermill_came_without_is_there_for_whoever_asks() -> None:
    import_module("podbook_runner.cells.papermill_client")

    assert import_module("pyarrow.fs").LocalFileSystem
