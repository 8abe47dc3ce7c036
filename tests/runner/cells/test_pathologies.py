"""Notebooks that show too much: the runner's memory stays bounded and nothing hangs."""

import json

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.log.replay import replay
from rig.fake_intake import FakeIntake
from rig.played_cells import outputs_of
from rig.runner_pod import a_job, a_pod, ipynb

CLIPPED = "urn:podbook:warning:output-clipped"
MEBIBYTE = 1024 * 1024
# Of the runner, with everything imported and nothing shown, about 100.
MEMORY_LIMIT = 500 * MEBIBYTE


@pytest.mark.parametrize(
    ("cell", "marker"),
    [
        pytest.param(
            "for n in range(1_000_000): print('x' * 99)",
            "were left out here",
            id="100 MB of prints",
        ),
        pytest.param(
            "import sys\nfor n in range(20): sys.stdout.write('y' * 5_000_000 + '\\n')",
            "were left out here",
            id="100 MB in lines of 5 MB",
        ),
        pytest.param(
            "from IPython.display import display\n"
            "for n in range(5): display({'image/png': 'x' * 20_000_000}, raw=True)",
            "image/png of 20,000,000 characters was left out",
            id="pictures of 20 MB",
        ),
        pytest.param(
            "from IPython.display import display\nfor n in range(5_000): display(n)",
            "outputs were left out here",
            id="5 000 displays",
        ),
        pytest.param(
            "from IPython.display import display\n"
            "for n in range(1500): display('x' * 400_000, display_id='same')",
            "outputs were left out here",
            id="600 MB of displays with one id",
        ),
        pytest.param(
            "from IPython.display import display\n"
            "for n in range(1500): display('x' * 400_000, display_id=str(n))",
            "outputs were left out here",
            id="600 MB of displays with ids of their own",
        ),
        pytest.param(
            "from IPython.display import display\n"
            "handles = [display(n, display_id=str(n)) for n in range(300)]\n"
            "for handle in handles: handle.update('x' * 100_000)",
            "outputs were left out here",
            id="30 MB of updates",
        ),
    ],
)
def test_what_is_too_much_is_marked_and_costs_no_memory(cell: str, marker: str) -> None:
    # As while somebody watches: the log is told all along.
    intake = FakeIntake(next_seconds=0.25)
    with a_pod(a_job(ipynb(cell, "print('after')")), intake=intake) as pod:
        peak = pod.peak_memory()

    assert pod.intake.result.reason is Reason.NOTEBOOK_COMPLETED
    stored = pod.intake.artifacts["notebook.ipynb"].decode()
    assert marker in stored
    assert len(stored) < 10 * MEBIBYTE
    assert pod.notebook.cells[1].outputs[0].text == "after\n"
    assert peak < MEMORY_LIMIT
    assert {warning.type for warning in pod.intake.result.warnings} == {CLIPPED}
    told = replay(intake.log)
    # A run that is over within half a second tells nothing.
    assert told is None or outputs_of(told) == outputs_of(pod.notebook)


def test_nothing_is_lost_below_the_limits() -> None:
    cell = "for n in range(30_000): print(n)"
    with a_pod(a_job(ipynb(cell))) as pod:
        pod.wait()

    (output,) = pod.notebook.cells[0].outputs
    assert output.text == "".join(f"{n}\n" for n in range(30_000))


def test_a_progress_bar_leaves_its_last_state() -> None:
    cell = (
        "import sys\n"
        "for n in range(101):\n    sys.stderr.write(f'\\r{n}%')\n    sys.stderr.flush()\n"
    )
    with a_pod(a_job(ipynb(cell))) as pod:
        pod.wait()

    assert [output.text for output in pod.notebook.cells[0].outputs] == ["100%"]


def test_displays_that_are_updated_from_a_later_cell_show_the_update() -> None:
    cells = (
        "from IPython.display import display, clear_output, update_display\n"
        "handle = display('old', display_id='mine')",
        "handle.update('new')",
        "print('gone')\nclear_output(wait=True)\nprint('stays')",
    )
    with a_pod(a_job(ipynb(*cells))) as pod:
        pod.wait()

    first, _, last = pod.notebook.cells
    assert first.outputs[0].data["text/plain"] == "'new'"
    assert [output.text for output in last.outputs] == ["stays\n"]


def test_what_a_thread_or_a_capture_hides_is_saved_all_the_same() -> None:
    cells = (
        "%%capture\nfrom podbook import save_output\nsave_output(1)",
        "import threading\n"
        "t = threading.Thread(target=save_output, args=({'from': 'a thread'},))\n"
        "t.start(); t.join()",
        "async def deep():\n    (lambda: save_output({'from': 'async'}))()\nawait deep()",
    )
    with a_pod(a_job(ipynb(*cells))) as pod:
        result = pod.wait()

    assert result.output == {"from": "async"}


def test_an_output_beyond_the_inline_limit_stands_in_the_store_alone() -> None:
    cell = "from podbook import save_output\nsave_output(['x' * 1000] * 100)"
    with a_pod(a_job(ipynb(cell))) as pod:
        result = pod.wait()
        left = pod.message

    assert (result.output, result.has_output) == (None, True)
    assert result.output_ref is not None
    assert result.output_ref.name == "output.json"
    assert json.loads(pod.intake.artifacts["output.json"]) == ["x" * 1000] * 100
    assert left is not None
    assert left.output_ref == result.output_ref


def test_the_executed_notebook_can_be_read_with_scrapbook() -> None:
    scrapbook = pytest.importorskip("scrapbook")
    cell = "from podbook import save_output\nsave_output({'needs_discount': False})"
    with a_pod(a_job(ipynb(cell))) as pod:
        pod.wait()

    notebook = scrapbook.models.Notebook(pod.notebook)
    assert notebook.scraps["output"].data == {"needs_discount": False}
