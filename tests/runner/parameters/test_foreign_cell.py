"""Parameters in other languages: as they were sent, and never more than values."""

import json
import shutil
import subprocess
from functools import cache
from typing import Any

import pytest
from papermill.translators import papermill_translators

from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidParameters
from podbook_runner.cells.notebook import read
from podbook_runner.parameters.other_languages import source
from podbook_runner.parameters.parameters_cell import inject
from rig.runner_pod import a_job, a_pod, ipynb

NASTY = "ü € 😀 $(id) ${id} `id` 'it' \"q\" \\ a\nb\tc\x07"
R_KERNEL = ("R", "--slave", "-e", "IRkernel::main()", "--args", names.CONNECTION_FILE)


@cache
def _has_irkernel() -> bool:
    """R takes a while to start: it is asked only where there is one."""
    if shutil.which("Rscript") is None:
        return False
    found = subprocess.run(["Rscript", "-e", "library(IRkernel)"], capture_output=True, check=False)
    return found.returncode == 0


def assigned(value: Any, language: str) -> str:
    """Return what stands after the `=` of the cell's only assignment."""
    _, assignment = source({"p": value}, language=language, kernel=None).splitlines()
    return assignment.split("=", 1)[1].strip()


@pytest.mark.parametrize(
    ("language", "value", "literal"),
    [
        ("r", "ü € 😀", r'"\u00fc \u20ac \U0001f600"'),
        ("r", 'a "b" \\ $x \n\x07', r'"a \"b\" \\ $x \n\u0007"'),
        ("r", [True, None, 1.5], "list(TRUE, NULL, 1.5)"),
        ("r", {"ü b": "€"}, r'list("\u00fc b" = "\u20ac")'),
        ("r", -1e999, "-Inf"),
        ("julia", 'ü "$(run(`id`))" $x', r'"\u00fc \"\$(run(`id`))\" \$x"'),
        ("julia", {"$k": 1e999}, r'Dict("\$k" => Inf)'),
        (".net-powershell", "$(id) `n 'it' \u2019x", "'$(id) `n ''it'' \u2019\u2019x'"),
        ("powershell", "$(id) 'it'", "'$(id) ''it'''"),
        ("c#", 'üa "b" $x \n😀', r'"\u00fca \"b\" $x \n\U0001f600";'),
        ("f#", 'üa "b" 😀', r'"\u00fca \"b\" \U0001f600"'),
        ("scala", 'ü "b" 😀', r'"\u00fc \"b\" \ud83d\ude00"'),
        ("bash", "$(id) 'it'", """'$(id) '"'"'it'"'"''"""),
    ],
)
def test_a_value_is_written_as_a_literal_in_which_nothing_runs(
    language: str, value: Any, literal: str
) -> None:
    assert assigned(value, language) == literal


@pytest.mark.parametrize(
    ("language", "value"),
    [("r", "a\0b"), ("r", "\ud800"), ("bash", {"a": 1}), ("cobol", 1)],
)
def test_what_a_language_cannot_write_is_refused(language: str, value: Any) -> None:
    with pytest.raises(InvalidParameters, match=f"cannot be written in {language}"):
        assigned(value, language)


@pytest.mark.parametrize("kernel", sorted(papermill_translators._translators))
@pytest.mark.parametrize("language", ["none", "c#", "R"])
@pytest.mark.parametrize("named_by", ["the runtime", "the notebook"])
def test_every_kernel_that_papermill_knows_gets_its_parameters(
    kernel: str, language: str, named_by: str
) -> None:
    text = json.loads(ipynb("1"))
    name = kernel if named_by == "the notebook" else "mine"
    text["metadata"]["kernelspec"] = {"name": name, "language": language}
    given = kernel if named_by == "the runtime" else None
    job = a_job(json.dumps(text), language=language, kernel=given, parameters='{"p": "x"}')

    injected = inject(read(json.dumps(text).encode()), job).cells[0].source

    own = papermill_translators.find_translator(kernel, "").codify({"p": "x"}, "Parameters")
    assert "".join(injected.split()).replace("'", '"') == "".join(own.split()).replace("'", '"')


@pytest.mark.skipif(not _has_irkernel(), reason="needs R with IRkernel (Debian: r-cran-irkernel)")
def test_r_gets_its_parameters_saves_its_output_and_leaves_files() -> None:
    cells = (
        "text <- ''",
        "writeLines(jsonlite::toJSON(list(text = text, n = n), auto_unbox = TRUE),"
        " Sys.getenv('PODBOOK_OUTPUT'))",
        "dir.create('artifacts'); writeLines(basename(getwd()), 'artifacts/where.txt')",
    )
    job = a_job(
        ipynb(*cells, tags={0: ["parameters"]}),
        notebook_id="sub/greet",
        language="r",
        parameters=json.dumps({"text": NASTY, "n": 21}),
        output={"type": "object", "required": ["text"]},
    )

    with a_pod(job, kernel=R_KERNEL) as pod:
        result = pod.wait()
        assert pod.kernel is not None
        assert pod.kernel.wait(90) == 0

    assert (result.reason, result.output) == (
        Reason.NOTEBOOK_COMPLETED,
        {"text": NASTY, "n": 21},
    )
    assert pod.intake.artifacts["files/where.txt"] == b"sub\n"
