"""Where the parameters' cell goes, what stands in it, and what never becomes code."""

import nbformat
import pytest

from podbook_crds.errors import InvalidParameters
from podbook_crds.protocol.job import Job
from podbook_runner.cells.notebook import read
from podbook_runner.parameters.parameters_cell import inject
from rig.runner_pod import a_job, ipynb


def cells_of(job: Job, text: str) -> list[str]:
    return [cell.source for cell in inject(read(text.encode()), job).cells]


def test_the_cell_is_a_valid_one_and_no_schema_is_compiled_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To compile the one of notebooks took longer than all else between a claim and its cells."""
    compiled: list[object] = []
    text = ipynb("x = 0", tags={0: ["parameters"]})
    with monkeypatch.context() as patched:
        patched.setattr(
            nbformat.validator, "get_validator", lambda *told, **_: compiled.append(told)
        )
        notebook = inject(read(text.encode()), a_job(text, parameters='{"x": 1}'))

    assert compiled == []
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == 2
    assert notebook.cells[1].metadata == {"tags": ["injected-parameters"], "papermill": {}}


@pytest.mark.parametrize(
    ("tags", "place"),
    [
        pytest.param({}, 0, id="first where no cell is tagged"),
        pytest.param({1: ["parameters"]}, 2, id="after the tagged one"),
        pytest.param({1: ["injected-parameters"], 0: ["parameters"]}, 1, id="for an earlier one"),
    ],
)
def test_where_the_cell_goes(tags: dict[int, list[str]], place: int) -> None:
    text = ipynb("a", "b", "c", tags=tags)
    cells = cells_of(a_job(text, parameters='{"x": 1}'), text)

    assert cells[place] == "# Parameters\nx = 1\n"
    assert [cell for cell in cells if cell in "abc"] == (
        ["a", "c"] if "injected-parameters" in tags.get(1, []) else ["a", "b", "c"]
    )


def test_the_contracts_defaults_are_set_and_not_written_back() -> None:
    text = ipynb("1")
    schema = {"properties": {"x": {"default": 5}, "y": {"default": 6}, "z": {}}}
    job = a_job(text, parameters='{"y": 1}', input=schema)
    notebook = inject(read(text.encode()), job)

    assert notebook.cells[0].source == "# Parameters\nx = 5\ny = 1\n"
    assert notebook.metadata.papermill.parameters == {"y": 1}


def test_inferred_defaults_stand_in_the_notebook_already() -> None:
    text = ipynb("x = 5")
    job = a_job(text, input={"properties": {"x": {"default": 5}}}, inferred=True)

    assert cells_of(job, text) == ["x = 5"]


def test_a_default_that_the_language_cannot_hold_never_becomes_code() -> None:
    text, schema = ipynb("1"), {"properties": {"x": {"default": 2**60}}}

    with pytest.raises(InvalidParameters, match="/parameters/x: the contract's default"):
        cells_of(a_job(text, language="r", input=schema), text)
    job = a_job(text, language="r", input=schema, parameters='{"x": 1}')
    assert cells_of(job, text)[0] == "# Parameters\nx = 1\n"


@pytest.mark.parametrize("language", ["r", "R"])
def test_other_languages_are_written_by_papermill(language: str) -> None:
    text = ipynb("1")
    job = a_job(text, language=language, parameters='{"x": "a\\"b", "y": [1, true, null]}')

    assert cells_of(job, text)[0] == '# Parameters\nx = "a\\"b"\ny = list(1, TRUE, NULL)\n'


def test_matlab_gets_by_its_number_what_its_strings_cannot_hold() -> None:
    text = ipynb("1")
    job = a_job(text, language="matlab", parameters='{"x": "say \\"é\\"\\n", "y": "\\n"}')

    x = 'x = "say """ + char([233]) + """" + char([10]);'
    assert cells_of(job, text)[0] == f'% Parameters\n{x}\ny = "" + char([10]);\n'


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        pytest.param('{"x = 1; import os": 1}', "is not an identifier", id="injection"),
        pytest.param('{"class": 1}', "is a keyword of Python", id="a keyword"),
        pytest.param("[1]", "/parameters: is no JSON object", id="a list"),
        pytest.param("{", "/parameters: is not JSON", id="no JSON"),
        pytest.param('{"x":' + "[" * 100_000, "/parameters: is not JSON", id="too deep"),
    ],
)
def test_what_cannot_become_code_is_refused(parameters: str, said: str) -> None:
    text = ipynb("1")

    with pytest.raises(InvalidParameters, match=said):
        cells_of(a_job(text, parameters=parameters), text)


@pytest.mark.parametrize(
    ("cells", "tags", "by_first_line", "place"),
    [
        pytest.param(("a", "# parameters\nx = 5"), {}, True, 2, id="a first line counts"),
        pytest.param(
            ("a", '#@title Parameters { display-mode: "form" }\nx = 5'), {}, True, 2, id="Colab's"
        ),
        pytest.param(("\n# Parameters:\nx = 5", "a"), {}, True, 1, id="after an empty line"),
        pytest.param(("# parameters of the model\nx = 5",), {}, True, 0, id="no other comment"),
        pytest.param(("a\n# parameters\nx = 5",), {}, True, 0, id="no other line"),
        pytest.param(
            ("# parameters\nx = 5", "a"), {1: ["parameters"]}, True, 2, id="a tag goes first"
        ),
        pytest.param(("# parameters\nx = 5",), {}, False, 0, id="not on the old surfaces"),
    ],
)
def test_a_cell_that_no_tag_marks_declares_them_by_its_first_line(
    cells: tuple[str, ...], tags: dict[int, list[str]], by_first_line: bool, place: int
) -> None:
    text = ipynb(*cells, tags=tags)
    job = a_job(text, parameters='{"x": 1}', by_first_line=by_first_line)

    assert cells_of(job, text)[place] == "# Parameters\nx = 1\n"


def test_an_earlier_runs_cell_declares_nothing() -> None:
    text = ipynb("# Parameters\nx = 2", tags={0: ["injected-parameters"]})
    job = a_job(text, parameters='{"x": 1}', by_first_line=True)

    assert cells_of(job, text) == ["# Parameters\nx = 1\n"]
