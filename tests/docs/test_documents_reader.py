"""The reader of documents sees what a person sees, and notices what is not true."""

from pathlib import Path

import nbformat

from tests.support.documents import blocks, compare, differences, notebook


def test_blocks_have_language_options_and_text(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("# A\n\n```sh not-run\npodbook up\n```\n\n```json file=a.json\n{}\n```\n")

    first, second = blocks(document)

    assert (first.language, first.options, first.text, first.line) == (
        "sh",
        {"not-run": ""},
        "podbook up\n",
        3,
    )
    assert second.options == {"file": "a.json"}


def test_cells_are_divided_and_tagged() -> None:
    text = notebook("# %% tags=parameters\nn = 1\n\n# %%\nprint(n)\n")
    cells = nbformat.reads(text, as_version=4).cells

    assert [cell.source for cell in cells] == ["n = 1", "print(n)"]
    assert cells[0].metadata == {"tags": ["parameters"]}


def test_what_a_document_shows_may_leave_out_and_must_not_differ() -> None:
    assert differences({"a": 1, "…": "…"}, {"a": 1, "b": 2}) == []
    assert differences({"id": "…", "n": [1, "x…z"]}, {"id": "77", "n": [1, "xyz"]}) == []
    assert differences({"a": 1}, {"a": 1, "b": 2}) != []
    assert differences({"a": {"b": 1}}, {"a": {"b": 2}}) == ["/a/b: shows 1, is 2"]


def test_printed_text_is_compared(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("```text\nready on … in … s\n```\n")
    (block,) = blocks(document)

    assert compare(block, "ready on http://x in 1.5 s\n") == []
    assert compare(block, "failed\n") != []
