"""What a run tells while it goes on replays to what its notebook shows, whatever happens."""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from podbook_crds.log.replay import Replay, replay
from podbook_crds.protocol import intake as routes
from rig.fake_intake import FakeIntake
from rig.runner_pod import RUNNER, Pod, a_job, a_pod, ipynb

# Tells from the first message on, as soon as the last batch has arrived.
_EAGER = "from podbook_runner import __main__\nfrom podbook_runner.events import teller\n"
EAGER = (sys.executable, "-c", f"{_EAGER}teller.FIRST_SECONDS = 0\n__main__.main()")

SHOWS: dict[str, tuple[str, ...]] = {
    "prints and results": ("print('a', end='')\nprint('b')\n1", "2"),
    "text that grows": (
        "import sys, time\nfor n in range(40):\n    print(n, flush=True)\n    time.sleep(0.01)",
    ),
    "a progress bar": (
        "import sys, time\nfor n in range(60):\n"
        "    print(f'\\r{n}%', end='', flush=True)\n    time.sleep(0.01)\nprint()",
    ),
    "outputs that are cleared at once and later": (
        "from IPython.display import clear_output, display\nimport time\n"
        "for n in range(20):\n    clear_output(wait=n % 2 == 0)\n    display(n)\n"
        "    print('after', n, flush=True)\n    time.sleep(0.01)",
    ),
    "a display of an earlier cell that is updated": (
        "from IPython.display import display\nh = display('first', display_id=True)\nprint('x')",
        "import time\nfor n in range(20):\n    h.update(f'now {n}')\n    time.sleep(0.01)",
        "h.update('last')",
    ),
    "more than is kept: the head, a marker, the tail": (
        "import time\nfor n in range(30):\n    print('x' * 100_000, flush=True)\n"
        "    time.sleep(0.005)",
    ),
    "more outputs than are kept": (
        "from IPython.display import display\nfor n in range(1200):\n    display(n)",
    ),
    "text that is no UTF-8, and emoji": (
        "import time\nfor n in range(20):\n    print('\\ud83d 🙂é', n, flush=True)\n"
        "    time.sleep(0.01)",
    ),
    "an output that is no valid nbformat": (
        "from IPython.display import display\ndisplay({'text/plain': 5}, raw=True)\nprint('on')",
    ),
    "an error": ("print('before')\n1/0", "print('never')"),
    "a widget that changes, and outlives its cell": (
        "from comm import create_comm\nfrom IPython.display import display\nimport time\n"
        "bar = create_comm(target_name='jupyter.widget', metadata={'version': '2.1.0'}, data={\n"
        "    'buffer_paths': [], 'state': {'_model_name': 'IntProgressModel', 'value': 0}})\n"
        "view = {'version_major': 2, 'version_minor': 0, 'model_id': bar.comm_id}\n"
        "display({'application/vnd.jupyter.widget-view+json': view}, raw=True)",
        "for n in range(20):\n    time.sleep(0.01)\n"
        "    bar.send({'method': 'update', 'state': {'value': n}, 'buffer_paths': []})",
    ),
    "both streams": (
        "import sys\nfor n in range(10):\n    print('o', flush=True)\n"
        "    print('e', file=sys.stderr, flush=True)",
    ),
}


def shown(notebook: dict[str, Any]) -> list[Any]:
    """Return the outputs of each cell, texts whole."""

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: whole(inner) for key, inner in value.items()}
        is_lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
        return "".join(value) if is_lines else value

    return [
        [{key: whole(value) for key, value in output.items()} for output in cell["outputs"]]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


def stored(pod: Pod) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(pod.intake.artifacts["notebook.ipynb"])
    return notebook


@pytest.mark.parametrize("cells", SHOWS.values(), ids=SHOWS)
def test_the_log_replays_to_the_stored_notebook(cells: tuple[str, ...]) -> None:
    intake = FakeIntake(next_seconds=0.0)
    with a_pod(a_job(ipynb(*cells)), runner=EAGER, intake=intake) as pod:
        pod.wait()

    replayed = replay(intake.log)
    assert replayed is not None
    assert shown(replayed) == shown(stored(pod))
    widgets = stored(pod)["metadata"].get("widgets")
    assert replayed["metadata"].get("widgets") == widgets
    assert bool(widgets) == ("jupyter.widget" in cells[0])
    # The result comes after everything that was told.
    paths = [path.partition("?")[0] for _, path in intake.requests]
    assert paths.index(routes.RESULT_PATH) > max(
        place for place, path in enumerate(paths) if path == routes.EVENTS_PATH
    )


def test_what_another_process_had_not_stored_is_told_again() -> None:
    intake = FakeIntake(next_seconds=0.0, unstored=3)
    cells = SHOWS["text that grows"]
    with a_pod(a_job(ipynb(*cells)), runner=EAGER, intake=intake) as pod:
        pod.wait()

    replayed = replay(intake.log)
    assert replayed is not None
    assert shown(replayed) == shown(stored(pod))


def test_an_intake_that_fails_for_a_while_loses_nothing() -> None:
    intake = FakeIntake(next_seconds=0.0, failures={routes.EVENTS_PATH: [503, 502, 503]})
    with a_pod(a_job(ipynb(*SHOWS["both streams"])), runner=EAGER, intake=intake) as pod:
        pod.wait()

    replayed = replay(intake.log)
    assert replayed is not None
    assert shown(replayed) == shown(stored(pod))


def test_with_an_intake_that_knows_no_log_the_run_is_as_ever() -> None:
    intake = FakeIntake(failures={routes.EVENTS_PATH: [404] * 100})
    with a_pod(a_job(ipynb("print(1)")), runner=EAGER, intake=intake) as pod:
        result = pod.wait()

    assert result.reason == "NotebookCompleted"
    assert shown(stored(pod))[0][0]["text"] == "1\n"
    assert sum(path.startswith(routes.EVENTS_PATH) for _, path in intake.requests) == 1


def test_a_run_that_is_over_at_once_tells_nothing() -> None:
    with a_pod(a_job(ipynb("1")), runner=RUNNER) as pod:
        pod.wait()

    assert not any(path.startswith(routes.EVENTS_PATH) for _, path in pod.intake.requests)


def test_what_a_killed_run_showed_is_known(tmp_path: Path) -> None:
    go_on = tmp_path / "go"
    begin = "import pathlib, time\nprint('sho' + 'wn', flush=True)\n"
    cell = f"{begin}while not pathlib.Path({str(go_on)!r}).exists():\n    time.sleep(0.05)"
    intake = FakeIntake(next_seconds=0.0)
    with a_pod(a_job(ipynb("1", cell)), runner=EAGER, intake=intake) as pod:
        with intake.changed:
            assert intake.changed.wait_for(lambda: "'shown" in str(intake.log), 30)
        pod.runner.kill()
        pod.runner.wait()
    told = Replay()
    for event in intake.log:
        told.take(event)

    assert told.notebook is not None
    assert shown(told.notebook)[1] == [
        {"name": "stdout", "output_type": "stream", "text": "shown\n"}
    ]
    assert told.running == 1
    assert list(told.finished) == [0]


def test_the_log_stays_small_where_much_is_taken_back() -> None:
    """A snapshot takes the place of what was told before it."""
    bar = "for n in range(150):\n    print('\\r' + str(n) + 'x' * 30_000, end='', flush=True)"
    intake = FakeIntake(next_seconds=0.0)
    with a_pod(a_job(ipynb(bar, bar)), runner=EAGER, intake=intake) as pod:
        pod.wait()

    snapshots = [path for _, path in intake.requests if "snapshot=true" in path]
    replayed = replay(intake.log)
    assert replayed is not None
    assert shown(replayed) == shown(stored(pod))
    assert len(snapshots) <= 5


def test_each_batch_says_how_far_the_cells_are() -> None:
    cells = ("1", "print('on', flush=True)\nimport time\ntime.sleep(0.1)", "2", "1 / 0", "3")
    intake = FakeIntake(next_seconds=0.0)
    with a_pod(a_job(ipynb(*cells)), runner=EAGER, intake=intake) as pod:
        pod.wait()

    sent = [parse_qs(urlsplit(path).query) for _, path in intake.requests if "first=" in path]
    told = [(int(query["total"][0]), int(query["completed"][0])) for query in sent]
    assert told == sorted(told)
    assert (5, 1) in told
    assert told[-1] == (5, 3)
    assert any(query.get("cell") == ["1"] for query in sent)
