"""`podbook logs`: what cells printed, when they are over and while they run."""

import subprocess
import sys
from pathlib import Path

from rig.ipynb import notebook
from rig.running import RunningPodbook


def test_logs_show_what_was_printed_and_the_traceback(podbook: RunningPodbook) -> None:
    podbook.put("prints", notebook("print('so far')", "raise KeyError('missing')"))
    execution = podbook.post("prints")

    done = subprocess.run(
        [sys.executable, "-m", "podbook_cli", "logs", execution["id"], "--url", podbook.url],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.stdout == "so far\n", done.stderr
    assert "KeyError" in done.stderr


def test_logs_are_followed_to_the_end_each_finished_line_once(
    podbook: RunningPodbook, tmp_path: Path
) -> None:
    bar = (
        "for n in range(50):\n    print(f'\\r{n} %', end='', flush=True)\n"
        "    time.sleep(0.01)\nprint()"
    )
    held = "while not pathlib.Path(go).exists():\n    time.sleep(0.02)\nprint('last')"
    cells = ("import pathlib, time\nprint('first', flush=True)", bar, held)
    podbook.put("followed", notebook(*cells, parameters="go = ''"))
    go = tmp_path / "go"
    execution = podbook.post("followed", {"go": str(go)}, is_awaited=False)["id"]
    with subprocess.Popen(
        [sys.executable, "-m", "podbook_cli", "logs", "-f", execution, "--url", podbook.url],
        stdout=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stdout is not None
        shown = [following.stdout.readline()]
        go.touch()
        shown += following.stdout.readlines()

    assert shown == ["first\n", "49 %\n", "last\n"]
    assert following.returncode == 0
