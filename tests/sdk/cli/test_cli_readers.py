"""Who reads what a command prints may leave early; the command ends with its own code."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from podbook_cli.exits import is_clusters_fault
from podbook_crds.ends.reasons import EXPLANATIONS, Fault, Reason
from rig.ipynb import notebook
from rig.running import RunningPodbook
from tests.sdk.cli.test_cli_misused import COMMAND, environment


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("list", 0, id="list"),
        pytest.param("list --json", 0, id="list as JSON"),
        pytest.param("get ID", 0, id="get"),
        pytest.param("logs ID", 0, id="logs"),
        pytest.param("notebooks --format yaml", 0, id="notebooks"),
        pytest.param("check SOUND", 0, id="check"),
        pytest.param("cancel ID", 0, id="cancel"),
        pytest.param("contract echo", 0, id="contract"),
        pytest.param("run echo", 0, id="a run that succeeds"),
        pytest.param("run fails-at-once", 1, id="a run that fails"),
        pytest.param("run nobody", 2, id="bad input"),
        pytest.param("get ID --url http://127.0.0.1:9", 3, id="no server"),
        pytest.param("--help", 0, id="help"),
        pytest.param("run --help", 0, id="help of a command"),
        pytest.param("--version", 0, id="the version"),
    ],
)
def test_a_reader_that_leaves_changes_no_exit_code(
    podbook: RunningPodbook, command: str, code: int, tmp_path: Path
) -> None:
    podbook.put("prints-much", notebook("print('x' * 200_000)"))
    podbook.put("fails-at-once", notebook("1 / 0"))
    words = command.split()
    if "ID" in words:
        words[words.index("ID")] = podbook.post("prints-much")["id"]
    if "SOUND" in words:
        (tmp_path / "sound.ipynb").write_text(json.dumps(notebook("1")))
        words[words.index("SOUND")] = str(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=podbook.folder,
            env=environment(podbook),
            stdout=writing,
            stderr=writing,
            timeout=100,
            check=False,
        )
    finally:
        os.close(writing)

    assert done.returncode == code


def test_a_contract_by_id_is_what_that_of_the_file_is(podbook: RunningPodbook) -> None:
    podbook.put("plain", notebook("1"))
    podbook.put("typed", notebook("1"), {"input": {"type": "object"}, "output": {"type": "number"}})

    def printed(*words: str) -> object:
        done = subprocess.run(
            [*COMMAND, "contract", *words],
            cwd=podbook.folder,
            env=environment(podbook),
            capture_output=True,
            check=True,
        )
        return json.loads(done.stdout)

    assert (
        printed("plain")
        == printed("plain.ipynb")
        == {"input": {"type": "object", "properties": {}}}
    )
    assert printed("typed") == {"input": {"type": "object"}, "output": {"type": "number"}}


def test_whose_fault_a_reason_is_has_one_home() -> None:
    for reason in Reason:
        assert is_clusters_fault(reason.value) is (EXPLANATIONS[reason].fault is Fault.CLUSTER)
    assert not is_clusters_fault("OfANewerServer")
