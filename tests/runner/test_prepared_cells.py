"""Cells that run before a call: as in a run, but for when; and what goes wrong costs no call."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from podbook_crds import names
from podbook_crds.content import blob_digest
from podbook_crds.log.from_notebook import events_of
from podbook_crds.protocol import intake as routes
from podbook_crds.protocol.job import JobFile
from podbook_runner.cells.prepared import SHOWN_LIMIT, NotPrepared, Prepared, record
from podbook_runner.kernel.client import Kernel, KernelDied
from rig.fake_intake import FakeIntake
from rig.runner_pod import CONNECTION, PYTHON_KERNEL, a_job, a_pod, ipynb

TAGS = {3: ["parameters"]}
ABOVE = (
    "import os, pathlib\nprint('loaded', flush=True)\nos.environ['LEFT'] = 'there'",
    "text = pathlib.Path('data.csv').read_text()\npathlib.Path('ran').open('a').write('x')\n41 + 1",
    "os.makedirs('below', exist_ok=True)\nos.chdir('below')\n"
    "child = os.fork()\nif child == 0:\n    import time\n    time.sleep(60)\n    os._exit(0)",
)
BELOW = (
    "who = 'nobody'",
    "import podbook\npodbook.save_output([who, text, os.getcwd()[-5:], os.environ['LEFT'],"
    " pathlib.Path('../ran').read_text(), os.path.exists(f'/proc/{child}')])\nos.kill(child, 9)",
)
WARM = {names.ENV_WARM_LEVEL: "cells", names.ENV_WARM_SECONDS: "120"}


def test_cells_above_the_parameters_run_before_the_call_and_once() -> None:
    text, data = ipynb(*ABOVE, *BELOW, tags=TAGS), b"1,2"
    # Too large to travel inside the job: its own digest leads to it, before a call as well.
    file = JobFile(path="data.csv", digest=blob_digest(data), size=len(data))
    before = a_job(text, files=[file], attempt=0, name="", uid="")
    intake = FakeIntake(preparation=before, blobs={file.digest: data})
    job = a_job(text, files=[file], parameters=json.dumps({"who": "Ada"}))
    with a_pod(job, intake=intake, environment=WARM) as pod:
        intake.wait_for(routes.PREPARED_PATH)
        assert intake.prepared == [{"ok": True, "message": ""}]
        assert (pod.work / "ran").read_text() == "x"
        assert not intake.results
        with intake.changed:
            intake.is_called = True
            intake.changed.notify_all()
        result = pod.wait()

    assert result.output == ["Ada", "1,2", "below", "there", "x", True]
    assert (result.cells.total, result.cells.completed) == (6, 6)
    cells = pod.notebook.cells
    assert cells[0].outputs[0].text == "loaded\n"
    assert cells[1].outputs[0].data["text/plain"] == "42"
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6]
    marks = [e.get("prepared") for e in events_of(pod.notebook) if e["type"] == "cell.started"]
    assert marks == [True, True, True, None, None, None]


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    # A short path: a socket's may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="kernel-", dir="/tmp") as folder:
        file = Path(folder) / "connection.json"
        file.write_text(json.dumps({**CONNECTION, "ip": f"{folder}/k"}))
        readable, writable = os.pipe()
        process = subprocess.Popen([*PYTHON_KERNEL[:-1], str(file)], stderr=subprocess.DEVNULL)
        found = Kernel(file, wakeup=readable)
        try:
            yield found
        finally:
            found.close()
            process.kill()
            process.wait()
            os.close(readable)
            os.close(writable)


def prepared(kernel: Kernel, *cells: str, seconds: float = 60, **how: Any) -> Prepared:
    notebook = nbformat.reads(ipynb(*cells, "n = 1", tags={len(cells): ["parameters"]}), 4)
    for cell, tags in zip(notebook.cells, how.get("tags", []), strict=False):
        cell.metadata["tags"] = tags
    return record(
        notebook,
        kernel,
        until=time.monotonic() + seconds,
        is_stopped=lambda: False,
        refuse_input=lambda: kernel.refuse_input(language="python"),
    )


LOUD = f"for _ in range(100): print('x' * {SHOWN_LIMIT // 8}, flush=True)"


# A kernel each: an interrupt may reach it after the cell that it was sent for has ended.
@pytest.mark.parametrize(
    ("cells", "seconds", "why"),
    [
        (("1", "raise ValueError('no such month')"), 60.0, "cell 1 .*ValueError: no such month"),
        (("input()",), 60.0, "cell 0 .*input"),
        ((LOUD,), 60.0, "cell 0 .*shows more than"),
        (("while True: pass",), 2.0, "cell 0 .*too long"),
        (("exit()",), 60.0, "cell 0 .*ends the notebook"),
    ],
)
def test_what_cannot_be_done_before_a_call_is_given_up_and_named(
    kernel: Kernel, cells: tuple[str, ...], seconds: float, why: str
) -> None:
    with pytest.raises(NotPrepared, match=why):
        prepared(kernel, *cells, seconds=seconds)


def test_a_cell_that_is_meant_to_fail_is_prepared_and_none_is_where_no_cell_is_tagged(
    kernel: Kernel,
) -> None:
    assert len(prepared(kernel, "1/0", tags=[["raises-exception"]])) == 1
    assert prepared(kernel) == {}
    with pytest.raises(KernelDied):
        prepared(kernel, "import os; os._exit(1)")
