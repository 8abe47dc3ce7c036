"""The command line, against a running Podbook and without one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from io import FileIO
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from rig.ipynb import notebook, text_of
from rig.running import RunningPodbook, mentioning
from rig.until import eventually
from tests.sdk.conftest import ECHO


def cli(
    podbook: RunningPodbook, *arguments: str, cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "XDG_DATA_HOME": str(podbook.data.parents[1])}
    return subprocess.run(
        [sys.executable, "-m", "podbook_cli", *arguments],
        cwd=cwd or podbook.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def ran(podbook: RunningPodbook, *arguments: str) -> Any:
    """Return the JSON that a run which succeeded prints."""
    done = cli(podbook, "run", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_prints_its_output_as_json_and_nothing_else(podbook: RunningPodbook) -> None:
    assert ran(podbook, "echo") == {"got": "default"}


def test_a_parameter_is_json_or_text(podbook: RunningPodbook) -> None:
    given = {
        "number": ("5", 5),
        "plain_text": ("five", "five"),
        "quoted": ('"5"', "5"),
        "an_object": ('{"a": [1, null]}', {"a": [1, None]}),
        "equals_sign_in_it": ("a=b", "a=b"),
        "nothing": ("", ""),
        "no_json_number": ("NaN", "NaN"),
    }
    all_of_them = ", ".join(f"{name}={name}" for name in given)
    saves = f"from podbook import save_output\nsave_output(dict({all_of_them}))"
    declared: dict[str, Any] = {"input": {"properties": {name: {} for name in given}}}
    podbook.put("values", notebook(saves, parameters=f"{' = '.join(given)} = 'default'"), declared)

    written = [word for name, (text, _) in given.items() for word in ("-p", f"{name}={text}")]
    assert ran(podbook, "values", *written) == {name: got for name, (_, got) in given.items()}


def test_a_parameter_that_is_declared_as_text_stays_text(podbook: RunningPodbook) -> None:
    declared = {"input": {"properties": {"value": {"type": "string"}}}}
    podbook.put("text", ECHO, declared)

    assert ran(podbook, "text", "-p", "value=007") == {"got": "007"}


def test_parameters_come_from_yaml_and_single_ones_win(
    podbook: RunningPodbook, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text("value: {day: 2024-01-02, list: [1, yes]}\n")

    assert ran(podbook, "echo", "-P", str(tmp_path / "p.yaml")) == {
        "got": {"day": "2024-01-02", "list": [1, True]}
    }
    both = ran(podbook, "echo", "-P", str(tmp_path / "p.yaml"), "-p", "value=1")
    assert both == {"got": 1}


def test_a_notebook_is_named_by_its_file_too(podbook: RunningPodbook, tmp_path: Path) -> None:
    done = cli(podbook, "run", str(podbook.folder / "echo.ipynb"), cwd=tmp_path)

    assert json.loads(done.stdout) == {"got": "default"}


def test_the_executed_notebook_can_be_saved(podbook: RunningPodbook, tmp_path: Path) -> None:
    ran(podbook, "echo", "-o", str(tmp_path / "out.ipynb"))

    assert "echoing" in text_of((tmp_path / "out.ipynb").read_bytes())


def test_a_notebook_that_raises_is_exit_code_1_with_its_cause(podbook: RunningPodbook) -> None:
    done = cli(podbook, "run", "raises")

    assert (done.returncode, done.stdout) == (1, "")
    assert "Failed: NotebookRaised" in done.stderr
    assert "    raise KeyError('missing')\n" in done.stderr
    assert "KeyError: 'missing'" in done.stderr
    cells = [line.split()[:2] for line in done.stderr.splitlines()[:2]]
    assert cells == [["1/2", "ok"], ["2/2", "error"]]


def test_a_module_that_is_missing_names_the_python_it_is_missing_in(
    podbook: RunningPodbook,
) -> None:
    podbook.put("imports", notebook("import nothing_of_that_name"))

    done = cli(podbook, "run", "imports")

    assert done.returncode == 1
    assert f"{sys.executable} -m pip install" in done.stderr


def test_on_a_terminal_the_running_cell_and_its_last_lines_are_drawn(
    podbook: RunningPodbook, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    bar = "for n in range(3):\n    print(f'\\rbar {n}', end='', flush=True)\n"
    held = f"while not pathlib.Path({str(seen)!r}).exists(): time.sleep(0.1)"
    waits = f"import pathlib, time\n{bar}{held}"
    podbook.put("takes_time", notebook("1", waits))
    terminal, stderr = os.openpty()
    with open(terminal, "rb", buffering=0) as shown:
        process = subprocess.Popen(
            [sys.executable, "-m", "podbook_cli", "run", "takes_time", "--url", podbook.url],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(stderr)
        text = ""
        for piece in _until_closed(shown):
            text += piece.decode(errors="replace")
            if "2/2  runs" in text and "bar 2" in text:
                seen.touch()
        output, _ = process.communicate(timeout=60)

    assert seen.exists(), text
    assert (process.returncode, output) == (0, b"null\n")
    assert "1/2  ok" in text
    assert "2/2  ok" in text
    assert "bar 0" not in text
    (newest, *_) = podbook.http.get("/v1/executions?notebook=takes_time").json()["items"]
    assert f"{podbook.url}/executions/{newest['id']}" in text


def _until_closed(shown: FileIO) -> Iterator[bytes]:
    """Yield what a terminal shows until nobody writes to it any more, which Linux calls EIO."""
    with suppress(OSError):
        while piece := shown.read(4096):
            yield piece


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["run", "nowhere"], "no notebook 'nowhere'; known are: ", id="no notebook"),
        pytest.param(["run", "echo", "-p", "oops"], "write NAME=VALUE", id="no value"),
        pytest.param(["run", "echo", "-p", "class=1"], "/parameters/class", id="a keyword"),
        pytest.param(["run", "echo", "-p", "other=1"], "/parameters/other", id="not declared"),
        pytest.param(["run", "echo", "-P", "none.yaml"], "none.yaml", id="no file"),
        pytest.param(["run", "none.ipynb"], "there is no such file", id="no notebook file"),
        pytest.param(["get", "nobody"], "nobody", id="no execution"),
        pytest.param(["cancel", "nobody"], "nobody", id="nothing to cancel"),
        pytest.param(["contract", "none.ipynb"], "none.ipynb", id="no contract"),
        pytest.param(["frobnicate"], "No such command", id="no command"),
    ],
)
def test_bad_input_is_exit_code_2_with_what_to_change(
    typed: Callable[..., Any], arguments: list[str], says: str
) -> None:
    done = typed(*arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_server_that_is_not_there_is_exit_code_3(podbook: RunningPodbook) -> None:
    done = cli(podbook, "list", "--url", "http://127.0.0.1:9")

    assert done.returncode == 3
    assert "http://127.0.0.1:9 gave no answer" in done.stderr


def test_without_a_running_server_list_says_how_to_get_one(
    podbook: RunningPodbook, tmp_path: Path
) -> None:
    done = cli(podbook, "list", cwd=tmp_path)

    assert done.returncode == 3
    assert f"no `podbook up` serves {tmp_path}; start one" in done.stderr


def test_without_a_running_server_run_starts_one_for_itself_and_ends_it(
    podbook: RunningPodbook, tmp_path: Path
) -> None:
    (tmp_path / "alone.ipynb").write_text(json.dumps(ECHO))

    done = cli(podbook, "run", "alone.ipynb", "-p", "value=1", cwd=tmp_path)

    # What its own cell tells of the parameter: it is text.
    assert json.loads(done.stdout) == {"got": "1"}
    assert f"Starting podbook for {tmp_path}" in done.stderr
    assert mentioning(str(tmp_path)) == []


def test_the_list_is_stable_for_pipes(podbook: RunningPodbook) -> None:
    ran(podbook, "echo")

    plain = cli(podbook, "list", "--notebook", "echo", "--limit", "1").stdout
    as_json = cli(podbook, "list", "--notebook", "echo", "--limit", "1", "--json").stdout

    execution, name, phase, reason, created = plain.rstrip("\n").split("\t")
    assert (name, phase, reason) == ("echo", "Succeeded", "NotebookCompleted")
    assert json.loads(as_json)["id"] == execution
    assert json.loads(as_json)["createdAt"] == created


def test_get_shows_the_whole_of_an_execution(podbook: RunningPodbook) -> None:
    execution = podbook.post("echo")

    assert json.loads(cli(podbook, "get", execution["id"]).stdout) == execution


def test_a_running_execution_is_cancelled(podbook: RunningPodbook, tmp_path: Path) -> None:
    code = "import pathlib, time\npathlib.Path(started).touch()\ntime.sleep(600)"
    podbook.put("endless", notebook(code, parameters="started = ''"))
    execution = podbook.post("endless", {"started": str(tmp_path / "started")}, is_awaited=False)
    eventually((tmp_path / "started").exists, "it runs")

    assert cli(podbook, "cancel", execution["id"]).returncode == 0

    assert podbook.finished(execution["id"])["phase"] == "Cancelled"


def test_a_contract_is_printed_as_the_config_file_to_keep(podbook: RunningPodbook) -> None:
    podbook.put("untyped", notebook("1", parameters="count: int = 3  # how many"))

    of_file = json.loads(cli(podbook, "contract", "untyped.ipynb").stdout)
    of_server = json.loads(cli(podbook, "contract", "untyped").stdout)

    assert of_file == of_server
    assert of_file["input"]["properties"]["count"]["type"] == "integer"


def test_a_contract_that_cannot_be_had_says_why(podbook: RunningPodbook) -> None:
    (podbook.folder / "half.ipynb").write_text("{")
    eventually(lambda: podbook.http.get("/v1/notebooks/half").is_success, "half.ipynb is shown")

    done = cli(podbook, "contract", "half")

    assert done.returncode == 2
    assert done.stderr.startswith("notebook 'half' cannot be run: the ipynb is no JSON")


def test_the_version_is_told(podbook: RunningPodbook) -> None:
    assert cli(podbook, "--version").stdout == f"podbook {version('podbook')}\n"


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_old_command_line_still_serves(tmp_path: Path, protocol: str) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(json.dumps(notebook("1")))
    old = ["worker", "start", protocol, "--notebooks-dir=./notebooks", "--port=0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyrest", *old],
        cwd=tmp_path,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = list(takewhile(lambda line: not line.startswith("Ctrl-C"), process.stdout))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)

    said = dict(line.split(None, 1) for line in lines)
    assert "127.0.0.1:" in said["Podbook" if protocol == "http" else "gRPC"]
    assert process.returncode == 0
