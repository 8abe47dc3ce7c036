"""Whatever a kernel sends: that output alone gives way to a sentence, and the run goes on."""

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.showing.shown import OUTPUTS, as_output, mended
from rig.runner_pod import Pod, a_job, ipynb, run
from tests.support import odd_kernel

ODD_KERNEL = (sys.executable, str(Path(odd_kernel.__file__)), "-f", names.CONNECTION_FILE)

DEEP = "b'{\"data\": {\"application/json\": ' + b'[' * 100_000 + b']' * 100_000 + b'}}'"
UNFINISHED = "b'{\"data\": ' + b'[' * 100_000"

# Each sent by a cell of its own, and what then stands in the notebook for it.
REPLACED = {
    "a number for a text": "show('display_data', {'data': {'text/plain': 5}, 'metadata': {}})",
    "null for a text": "show('display_data', {'data': {'text/html': None}, 'metadata': {}})",
    "an object for a text": "show('display_data', {'data': {'text/plain': {}}, 'metadata': {}})",
    "lines that are none": "show('display_data', {'data': {'text/plain': ['a', 1]}})",
    "a number for a picture": "show('execute_result', {'data': {'image/png': 1}, 'metadata': {}})",
    "a list for data": "show('display_data', {'data': [1], 'metadata': {}})",
    "null for data": "show('display_data', {'data': None, 'metadata': {}})",
    "no data": "show('display_data', {})",
    "a result without data": "show('execute_result', {'execution_count': 1})",
    "null for what was printed": "show('stream', {'name': 'stdout', 'text': None})",
    "a number for what was printed": "show('stream', {'name': 'stdout', 'text': 5})",
    "nothing printed at all": "show('stream', {})",
    "a list for a message": "show('display_data', [1])",
    "a text for a message": "show('stream', 'text')",
    "null for a message": "show('display_data', None)",
    "100 000 brackets": f"show('display_data', {DEEP})",
    "100 000 brackets and no end": f"show('display_data', {UNFINISHED})",
    "300 levels": "x = []\nfor _ in range(300): x = [x]\n"
    "show('display_data', {'data': {'application/json': x}})",
    "no JSON": "show('display_data', b'no JSON')",
    "no UTF-8": r"show('display_data', b'{\xff}')",
    "nothing at all": "show('display_data', b'')",
    "no delimiter": "frames(b'topic', b'{}', b'{}')",
    "a delimiter alone": "frames(b'topic', b'<IDS|MSG>')",
    "too few frames": "frames(b'topic', b'<IDS|MSG>', b'', b'{}', b'{}')",
    "frames that are no JSON": "frames(b'<IDS|MSG>', b'', b'x', b'y', b'z', b'z')",
    "headers that are lists": "frames(b'<IDS|MSG>', b'', b'[]', b'[]', b'[]', b'[]')",
    "a type that is no text": "show('display_data', {'data': {}}, msg_type=5)",
}
# Each sent by a cell of its own, and kept as far as it makes sense; all is well.
KEPT = {
    "metadata that is no object": (
        "show('display_data', {'data': {'text/plain': 'kept'}, 'metadata': 5})",
        {"text/plain": "kept"},
    ),
    "no metadata": (
        "show('display_data', {'data': {'text/plain': 'kept'}})",
        {"text/plain": "kept"},
    ),
    "no count": (
        "show('execute_result', {'data': {'text/plain': 'kept'}, 'metadata': {}})",
        {"text/plain": "kept"},
    ),
    "a count that is none": (
        "show('execute_result', {'data': {'text/plain': 'kept'}, 'execution_count': 'x'})",
        {"text/plain": "kept"},
    ),
    "an object of altair's type": (
        "show('display_data', {'data': {'application/vnd.vegalite.v6.json': {'mark': 'é'}}})",
        {"application/vnd.vegalite.v6.json": '{"mark": "é"}'},
    ),
    "a lone surrogate": (
        r"""show('display_data', b'{"data": {"text/plain": "\\ud800"}}')""",
        {"text/plain": "\ud800"},
    ),
    "lines": (
        "show('display_data', {'data': {'text/plain': ['a\\n', 'b']}})",
        {"text/plain": "a\nb"},
    ),
    "a display's id that is a list": (
        "show('display_data', {'data': {'text/plain': 'kept'}, 'transient': {'display_id': []}})",
        {"text/plain": "kept"},
    ),
    "no text beside what does not fit": (
        "show('display_data', {'data': {'text/plain': 'kept', 'image/png': 7}})",
        {"text/plain": "kept\n[Podbook: image/png was left out: it is a number, not text]"},
    ),
}
# What shows nothing, and must not end anything either.
SILENT = {
    "a status without a state": "show('status', {})",
    "a status that is no JSON": "show('status', b'x')",
    "an input's count": "show('execute_input', {'execution_count': -7, 'code': 5})",
    "a widget without data": "show('comm_open', {'comm_id': 'x'})",
    "a widget that is a list": "show('comm_msg', {'comm_id': [], 'data': {'state': 5}})",
    "a widget of no name": "show('comm_open', {'target_name': 'jupyter.widget', 'data': {}})",
    "an update of nothing": "show('update_display_data', {'transient': {'display_id': 'x'}})",
    "a type nobody knows": "show('no_such_type', {'a': 1})",
    "a reply on the wrong channel": "show('kernel_info_reply', {})",
    "clear_output without a word": "show('clear_output', {})",
}
ERRORS = {
    "null names": ("show('error', {'ename': None, 'evalue': None, 'traceback': None})", ""),
    "no names": ("show('error', {})", ""),
    "lines that are none": ("show('error', {'ename': 5, 'evalue': [], 'traceback': [1]})", "5"),
}


@pytest.fixture(scope="module")
def pod() -> Pod:
    """One run of every message, each in a cell that prints afterwards."""
    cells = [*REPLACED.values(), *(cell for cell, _ in KEPT.values()), *SILENT.values()]
    after = "\nshow('stream', {'name': 'stderr', 'text': 'after'})"
    text = ipynb(*(cell + after for cell in cells), *(cell for cell, _ in ERRORS.values()))
    notebook = json.loads(text)
    for cell in notebook["cells"][-len(ERRORS) :]:
        cell["metadata"]["tags"] = ["raises-exception"]
    return run(a_job(json.dumps(notebook), language="odd"), kernel=ODD_KERNEL)


def test_the_run_goes_on_whatever_the_kernel_sends(pod: Pod) -> None:
    result = pod.intake.result

    assert (result.reason, result.message) == (Reason.NOTEBOOK_COMPLETED, "")
    assert result.cells.completed == len(REPLACED) + len(KEPT) + len(SILENT) + len(ERRORS)
    nbformat.validate(pod.notebook)
    kinds = {warning.type.rpartition(":")[2] for warning in result.warnings}
    assert kinds == {"output-unreadable"}
    assert [warning.cell for warning in result.warnings] == list(range(20))


@pytest.mark.parametrize("number", range(len(REPLACED)), ids=list(REPLACED))
def test_an_output_that_is_none_gives_way_to_a_sentence(pod: Pod, number: int) -> None:
    first, *rest, last = pod.notebook.cells[number].outputs

    shown = first.text if first.output_type == "stream" else first.data["text/plain"]
    assert shown.startswith("[Podbook: ")
    assert (rest, last.text) == ([], "after")


@pytest.mark.parametrize("number", range(len(KEPT)), ids=list(KEPT))
def test_an_output_of_which_something_is_missing_is_kept(pod: Pod, number: int) -> None:
    first, last = pod.notebook.cells[len(REPLACED) + number].outputs

    assert first.data == list(KEPT.values())[number][1]
    assert last.text == "after"


@pytest.mark.parametrize("number", range(len(SILENT)), ids=list(SILENT))
def test_what_shows_nothing_leaves_nothing(pod: Pod, number: int) -> None:
    (last,) = pod.notebook.cells[len(REPLACED) + len(KEPT) + number].outputs

    assert last.text == "after"


@pytest.mark.parametrize("number", range(len(ERRORS)), ids=list(ERRORS))
def test_an_error_without_its_names_is_an_error(pod: Pod, number: int) -> None:
    (error,) = pod.notebook.cells[number - len(ERRORS)].outputs

    assert (error.output_type, error.ename) == ("error", list(ERRORS.values())[number][1])


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("reply(b'no JSON')", id="that is no JSON"),
        pytest.param("reply(b'[' * 100_000)", id="of brackets"),
        pytest.param("reply([1])", id="that is a list"),
        pytest.param("reply({})", id="that says nothing"),
        pytest.param("reply({'status': None, 'ename': None, 'traceback': 5})", id="of nulls"),
        pytest.param("reply(None)\nshell(b'x', b'y')", id="that is no message"),
    ],
)
def test_a_broken_answer_fails_the_cell_and_keeps_what_it_showed(cell: str) -> None:
    shows = "show('stream', {'name': 'stdout', 'text': 'so far'})\n"

    pod = run(a_job(ipynb(shows + cell, "1"), language="odd"), kernel=ODD_KERNEL)

    assert pod.intake.result.reason is Reason.NOTEBOOK_RAISED
    assert pod.notebook.cells[0].outputs[0].text == "so far"


WORDS = st.text(max_size=4)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(WORDS, SCALARS, max_size=2)
MEMBERS = [
    "data",
    "metadata",
    "transient",
    "execution_count",
    "name",
    "text",
    "ename",
    "evalue",
    "traceback",
    "wait",
]
TYPES = [
    "text/plain",
    "text/html",
    "image/png",
    "application/json",
    "application/x+json",
    "application/vnd.vegalite.v6.json",
    "application/json\n",
    "",
]
DATA = st.dictionaries(st.sampled_from(TYPES), ANYTHING, max_size=3)
CONTENTS = st.dictionaries(st.sampled_from(MEMBERS), ANYTHING | DATA, max_size=6)


@given(st.sampled_from(sorted(OUTPUTS)), CONTENTS)
def test_what_stands_in_the_notebook_is_always_valid_and_can_be_written(
    kind: str, content: dict[str, Any]
) -> None:
    output = as_output(kind, mended(kind, content)[0])
    if kind == "update_display_data":
        output["output_type"] = "display_data"
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])

    nbformat.validate(notebook)
    nbformat.reads(NotebookText(notebook).render().decode(), 4)
