"""What a cell shows as an error is its failure, and the cause that is told."""

import json

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.job import JobFile
from rig.runner_pod import a_job, ipynb, run
from tests.runner.cells.test_odd_messages import ODD_KERNEL

SCRIPTS = {"bad.py": "import a_module_that_nobody_has", "fine.py": "import sys; sys.exit(0)"}
FILES = [JobFile(path=p, digest="", size=0, text=text) for p, text in SCRIPTS.items()]
CALLBACK = (
    "def fails(*_): raise KeyError('callback')\n"
    "get_ipython().events.register({!r}, fails)\nprint('shown')"
)

# A cell, and how the message of its run begins.
FAILING = {
    "a script of %run": ("%run bad.py", "ModuleNotFoundError: No module named"),
    "a repr that raises": (
        "class Row:\n    def __repr__(self): raise ValueError('bad repr')\nRow()",
        "ValueError: bad repr",
    ),
    "a callback after the cell": (CALLBACK.format("post_run_cell"), "KeyError: 'callback'"),
    "a syntax error": ("def f(:", "SyntaxError: "),
    "with the debugger on": ("%pdb on\n1 / 0", "ZeroDivisionError: division by zero"),
    "a callback, with the debugger on": (
        "%pdb on\n" + CALLBACK.format("post_run_cell"),
        "KeyError: 'callback'",
    ),
    "an error before a clean end": ("%run bad.py\nexit()", "ModuleNotFoundError: "),
    "input()": ("input('name? ')", "StdinNotImplementedError: "),
    "exit(3)": ("exit(3)", "SystemExit: 3"),
    "quit('no data')": ("quit('no data')", "SystemExit: no data"),
    "sys.exit(3)": ("import sys\nsys.exit(3)", "SystemExit: 3"),
}
# No failure, and the next cell runs.
FINE = {
    "a script that ends cleanly": "%run fine.py",
    "an error that was cleared away": "%run bad.py\nfrom IPython.display import clear_output\n"
    "clear_output()",
}


@pytest.mark.parametrize(("cell", "message"), list(FAILING.values()), ids=list(FAILING))
def test_an_error_that_is_shown_fails_the_run_and_is_its_cause(cell: str, message: str) -> None:
    pod = run(a_job(ipynb(cell, "print('went on')"), files=FILES))
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_RAISED
    assert result.message.startswith(message)
    assert result.exception is not None
    assert result.exception.name == message.partition(":")[0]
    assert result.exception.cell == 0
    assert pod.notebook.cells[1].outputs == []


@pytest.mark.parametrize("cell", list(FINE.values()), ids=list(FINE))
def test_what_is_no_failure_does_not_end_the_run(cell: str) -> None:
    pod = run(a_job(ipynb(cell, "print('went on')"), files=FILES))

    assert pod.intake.result.reason is Reason.NOTEBOOK_COMPLETED
    assert pod.notebook.cells[1].outputs[0].text == "went on\n"


def test_a_tagged_cell_may_show_an_error() -> None:
    cells = ["%run bad.py", "1 / 0", "import sys; sys.exit(3)"]
    tags = {number: ["raises-exception"] for number in range(len(cells))}

    pod = run(a_job(ipynb(*cells, "print('went on')", tags=tags), files=FILES))

    assert pod.intake.result.reason is Reason.NOTEBOOK_COMPLETED
    assert pod.notebook.cells[-1].outputs[0].text == "went on\n"


@pytest.mark.parametrize(
    ("shown", "reply", "message"),
    [
        ({"ename": "E", "evalue": "v", "traceback": []}, {"status": "ok"}, "E: v"),
        ({"ename": "E", "evalue": "v"}, {"status": "error", "ename": "NoneType"}, "E: v"),
        ({"ename": "E", "evalue": "v"}, {"status": "error"}, "E: v"),
        ({"ename": "", "evalue": "3"}, {"status": "error", "ename": "", "evalue": "3"}, "error: 3"),
        (None, {"status": "error", "ename": "E", "evalue": "v"}, "E: v"),
        (None, {"status": "aborted"}, "aborted"),
    ],
)
def test_the_cause_is_what_was_shown_where_the_answer_says_less(
    shown: object, reply: object, message: str
) -> None:
    cell = f"reply({reply!r})" + (f"\nshow('error', {shown!r})" if shown else "")

    pod = run(a_job(ipynb(cell), language="odd"), kernel=ODD_KERNEL)

    assert pod.intake.result.message == message


def test_a_kernel_that_is_idle_and_never_answers_fails_the_cell() -> None:
    cell = "show('stream', {'name': 'stdout', 'text': 'so far'})\nreply(None)"

    pod = run(a_job(ipynb(cell), language="odd"), kernel=ODD_KERNEL)

    assert pod.intake.result.message.startswith("Error: the kernel gave no answer")
    assert pod.notebook.cells[0].outputs[0].text == "so far"


@pytest.mark.parametrize("prompt", ["name? ", "", None, 5])
def test_a_kernel_that_asks_though_nobody_is_there_fails_the_cell(prompt: object) -> None:
    cell = f"answered = ask({prompt!r})\nshow('stream', {{'name': 'stdout', 'text': 'on'}})"

    pod = run(a_job(json.dumps(json.loads(ipynb(cell, "1"))), language="odd"), kernel=ODD_KERNEL)
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_RAISED
    asked = f" ({prompt!r})" if prompt == "name? " else ""
    assert f"the cell asked for input{asked} (nobody is there to answer input();" in result.message
    assert result.cells.completed == 0


def test_a_cell_that_goes_on_asking_ends_all_the_same() -> None:
    pod = run(a_job(ipynb("while True: ask('more? ')"), language="odd"), kernel=ODD_KERNEL)

    assert "the cell asked for input ('more? ')" in pod.intake.result.message


def test_after_a_tagged_cell_that_asked_the_next_one_runs() -> None:
    cells = ["ask('name? ')", "show('stream', {'name': 'stdout', 'text': 'on'})"]
    text = ipynb(*cells, tags={0: ["raises-exception"]})

    pod = run(a_job(text, language="odd", deadline_seconds=20), kernel=ODD_KERNEL)

    assert pod.intake.result.reason is Reason.NOTEBOOK_COMPLETED
    assert pod.notebook.cells[1].outputs[0].text == "on"
