"""The command line in the hands of someone clumsy: bad input, closed pipes, Ctrl-C, no server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook, mentioning
from rig.until import eventually

COMMAND = [sys.executable, "-m", "podbook_cli"]
SLEEPS = notebook(
    "import pathlib, time\npathlib.Path(started).touch()\ntime.sleep(600)",
    parameters="started = ''",
)


def environment(podbook: RunningPodbook, **variables: str) -> dict[str, str]:
    return {**os.environ, "XDG_DATA_HOME": str(podbook.data.parents[1]), **variables}


def cli(
    podbook: RunningPodbook, *arguments: str, stdout: Any = subprocess.PIPE, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=podbook.folder,
        env=environment(podbook, **variables),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        pytest.param("value: .nan", "value cannot be written as JSON", id="no number"),
        pytest.param("value: !!binary aGVsbG8=", "value cannot be written as JSON", id="bytes"),
        pytest.param("value: !!set {a, b}", "value cannot be written as JSON", id="a set"),
        pytest.param("value: &a [*a]", "value cannot be written as JSON", id="a circle"),
        pytest.param("value: " + "[" * 5000, "nested too deep", id="a well"),
        pytest.param("value: [}", "is no YAML", id="no YAML"),
        pytest.param("[1]", "a mapping of names to values is expected", id="a list"),
    ],
)
def test_a_file_that_cannot_be_parameters_is_named(
    typed: Callable[..., Any], tmp_path: Path, yaml: str, says: str
) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(yaml)

    done = typed("run", "echo", "-P", str(file))

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"-P {file}")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("run", "echo", "-p", "value=" + "[" * 9000), "nested too deep", id="a well"),
        pytest.param(
            ("run", "echo", "-o", "nowhere/x.ipynb"), "there is no folder", id="no folder"
        ),
        pytest.param(("run", "echo", "--url", "nonsense"), "http://HOST:PORT", id="no URL"),
        pytest.param(("list", "--url", "http://"), "http://HOST:PORT", id="a URL of nowhere"),
        pytest.param(("contract", "gone.ipynb"), "No such file", id="no file"),
    ],
)
def test_a_mistake_in_the_arguments_is_named(
    typed: Callable[..., Any], arguments: tuple[str, ...], says: str
) -> None:
    done = typed(*arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_without_a_server_is_named(podbook: RunningPodbook, tmp_path: Path) -> None:
    done = cli(podbook, "list", "--data-dir", str(tmp_path))

    assert done.returncode == 3
    assert f"no `podbook up` keeps its data in {tmp_path};" in done.stderr


def test_a_proxy_is_for_the_world_outside(podbook: RunningPodbook) -> None:
    nowhere = "http://127.0.0.1:9"
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), nowhere)

    done = cli(podbook, "run", "echo", **proxies, NO_PROXY="", no_proxy="")

    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_an_output_that_takes_nothing_is_said(podbook: RunningPodbook) -> None:
    with Path("/dev/full").open("w") as full:
        done = cli(podbook, "run", "echo", stdout=full)

    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_lacks_a_character_gets_it_escaped(podbook: RunningPodbook) -> None:
    cells = ("from podbook import save_output", "print('größe → 😀')", "save_output('größe → 😀')")
    podbook.put("letters", notebook(*cells))

    output = cli(podbook, "run", "letters", PYTHONIOENCODING="ascii")
    newest = cli(podbook, "list", "--notebook", "letters", PYTHONIOENCODING="ascii").stdout
    logs = cli(podbook, "logs", newest.split("\t")[0], PYTHONIOENCODING="ascii")

    assert output.returncode == 0
    assert "\n    2/3  ok " in output.stderr
    assert output.stderr.isascii()
    assert json.loads(output.stdout) == "größe → 😀"
    assert logs.stdout == "gr\\xf6\\xdfe \\u2192 \\U0001f600\n"


def test_closed_outputs_hinder_nobody(podbook: RunningPodbook) -> None:
    words = " ".join((*COMMAND, "run", "echo"))
    shell = ["sh", "-c", f"{words} >&- 2>&-"]

    done = subprocess.run(
        shell, cwd=podbook.folder, env=environment(podbook), timeout=100, check=False
    )

    assert done.returncode == 0


def test_a_reader_that_has_enough_is_no_fault(podbook: RunningPodbook) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody:
        done = cli(podbook, "list", "--json", stdout=nobody)

    assert done.stderr == ""


def test_a_narrow_terminal_cuts_nothing_off(podbook: RunningPodbook) -> None:
    podbook.post("echo")
    (newest, *_) = podbook.http.get("/v1/executions").json()["items"]
    terminal, stdout = os.openpty()

    done = cli(podbook, "list", "--limit", "1", stdout=stdout, COLUMNS="30")

    os.close(stdout)
    shown = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert done.returncode == 0
    heading, row = shown.splitlines()
    assert heading.split() == ["Id", "Notebook", "Phase", "Reason", "Age", "Took"]
    assert row.split()[:3] == [newest["id"][:8], newest["notebook"], newest["phase"]]


def test_a_message_cannot_paint_the_terminal(podbook: RunningPodbook) -> None:
    podbook.put("paints", notebook(r"raise ValueError('\x1b[31mred\x07')"))

    done = cli(podbook, "run", "paints")

    assert done.returncode == 1
    assert "ValueError: red" in done.stderr
    assert not {"\x1b", "\x07"} & set(done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_is_cancelled(
    podbook: RunningPodbook, tmp_path: Path, number: signal.Signals
) -> None:
    podbook.put("sleeps", SLEEPS)
    started = tmp_path / "started"
    process = subprocess.Popen(
        [*COMMAND, "run", "sleeps", "-p", f"started={started}"],
        cwd=podbook.folder,
        env=environment(podbook),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whatever started the tests: a shell has what it runs in the background ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it takes no lock
    )
    eventually(started.exists, "the notebook runs")
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]

    (newest, *_) = podbook.http.get("/v1/executions", params={"notebook": "sleeps"}).json()["items"]
    assert process.returncode == 130
    assert said.endswith(f"Cancelling {newest['id']}\n")
    assert "Traceback" not in said
    assert podbook.finished(newest["id"])["phase"] == "Cancelled"


def test_ctrl_c_while_the_commands_are_loaded_shows_no_trace(tmp_path: Path) -> None:
    # Stands in for the library that takes longest, and tells when it is reached.
    (tmp_path / "typer.py").write_text(
        "import pathlib, time\npathlib.Path('reached').touch()\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        [*COMMAND, "list"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - it takes no lock
    )
    eventually((tmp_path / "reached").exists, "the library is being loaded")
    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == -signal.SIGINT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_of_ones_own_ends_with_its_command(tmp_path: Path, number: signal.Signals) -> None:
    catalog, started = tmp_path / "notebooks", tmp_path / "started"
    catalog.mkdir()
    (catalog / "sleeps.ipynb").write_text(json.dumps(SLEEPS))
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [*COMMAND, "run", "sleeps", "--dir", str(catalog), "-p", f"started={started}"],
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "home")},
            stdout=said,
            stderr=said,
        )
    try:
        eventually(started.exists, "the notebook runs", seconds=90)
    finally:
        process.send_signal(number)
        process.wait(60)

    eventually(lambda: not mentioning(str(tmp_path)), "nothing is left")
