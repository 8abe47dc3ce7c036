"""Runs a notebook where it stands, in a kernel of this Python, without any server: for tests."""

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.snapshot import Snapshot, read_snapshot
from podbook_crds.call_rules import now_defaults
from podbook_crds.call_rules.parameters import without_repetition
from podbook_crds.checking.at_once import unsayable
from podbook_crds.checking.blocking import violations
from podbook_crds.checking.contract import Contract, contract_of
from podbook_crds.content import blob_digest
from podbook_crds.errors import PodbookError, Violation
from podbook_crds.protocol.job import Job, JobFile
from podbook_crds.resources.notebook import NotebookSpec, OutputValidation


class Unfit(PodbookError):
    """Parameters or output do not fit the contract; the message has each place."""

    def __init__(self, what: str, found: list[Violation]) -> None:
        super().__init__("\n".join([what, *(f"  {place}" for place in found)]))
        self.violations = found


class NotebookRaised(PodbookError):
    """A cell raised; the message has its traceback, `notebook` is as far as it got."""

    def __init__(self, traceback: str, name: str, notebook: dict[str, Any]) -> None:
        super().__init__(traceback)
        self.name = name
        self.notebook = notebook


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that succeeded: what it saved, None where that was nothing, and the notebook."""

    output: Any
    notebook: dict[str, Any]


def run_notebook(
    path: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    root: str | Path | None = None,
    timeout: float | None = None,
) -> Ran:
    """Run the notebook and return what it saved; raises Unfit and NotebookRaised.

    Contract, defaults and shared models are those of the config beside it and of podbook.toml in
    root, the catalog's folder; by default the notebook's own. It runs where it stands, in this
    Python: what a cell writes is written there. timeout is of each cell, in seconds.
    """
    file = Path(path).absolute()
    if not file.is_file():
        raise FileNotFoundError(f"{path}: there is no such notebook")
    folder = Path(root).absolute() if root is not None else file.parent
    own = Interpreter(
        Path(sys.executable), Path(sys.prefix), "{}.{}.{}".format(*sys.version_info), "this one"
    )
    snapshot = read_snapshot(folder, interpreter=own, environment=os.environ, is_local=True)
    entry = _entry(snapshot, file, folder)
    given = now_defaults.given(parameters or {}, entry.spec.input, datetime.now(UTC))
    if wrong := _misfits(entry.spec, given):
        raise Unfit(f"the parameters do not fit the contract of {entry.id}:", wrong)
    ran = _executed(
        entry,
        snapshot.blobs.notebooks[entry.spec.source.blob or ""],
        given,
        at=file.parent,
        timeout=timeout,
    )
    _check_output(entry.spec, ran.output)
    return ran


def _entry(snapshot: Snapshot, file: Path, folder: Path) -> Entry:
    (entry,) = (e for e in snapshot.entries if folder / e.path == file)
    if entry.spec.problem:
        raise PodbookError(f"{entry.path} cannot be run: {entry.spec.problem}")
    if entry.spec.runtime.environment is not None:
        raise PodbookError(
            f"{entry.path} says which packages it needs, and this runs in the Python of the tests:"
            " `podbook test` runs it in its own environment"
        )
    return entry


def _misfits(spec: NotebookSpec, given: dict[str, Any]) -> list[Violation]:
    contract = contract_of(spec)
    named = unsayable(given, contract, spec.runtime.language)
    if contract is None:
        return named
    return without_repetition(named, violations(given, contract, root="", closed=True))


def _executed(
    entry: Entry, ipynb: bytes, given: dict[str, Any], *, at: Path, timeout: float | None
) -> Ran:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    from podbook_runner.prepare import prepared

    notebook = nbformat.reads(prepared(_job(entry, ipynb, given)).decode(), as_version=4)
    with tempfile.TemporaryDirectory(prefix="podbook-") as folder:
        saved = Path(folder, "output.json")
        client = NotebookClient(
            notebook, timeout=timeout, resources={"metadata": {"path": str(at)}}
        )
        client.create_kernel_manager()._kernel_spec = _kernel(entry.spec)
        try:
            client.execute(env={**os.environ, "PODBOOK_OUTPUT": str(saved)})
        except CellExecutionError as error:
            raise NotebookRaised(str(error), str(error.ename), notebook) from error
        output = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else None
    return Ran(output, notebook)


def _job(entry: Entry, ipynb: bytes, given: dict[str, Any]) -> Job:
    spec, text = entry.spec, ipynb.decode()
    file = JobFile(path=entry.path.as_posix(), digest=blob_digest(ipynb), size=0, text=text)
    return Job(
        **{"namespace": "", "name": "test", "uid": "", "attempt": 1},
        notebook_id=entry.id,
        ipynb=file,
        parameters=json.dumps(given),
        by_first_line=True,
        input=spec.input,
        inferred=spec.inferred,
        models=spec.models,
        language=spec.runtime.language,
        kernel=spec.runtime.kernel,
    )


def _kernel(spec: NotebookSpec) -> Any:
    from jupyter_client.kernelspec import KernelSpec

    own = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    env = {variable.name: variable.value for variable in spec.runtime.env}
    return KernelSpec(
        argv=spec.runtime.command or own,
        language=spec.runtime.language,
        env=env,
        display_name="podbook",
    )


def _check_output(spec: NotebookSpec, output: Any) -> None:
    if spec.output is None or spec.output_validation is not OutputValidation.ENFORCE:
        return
    if wrong := violations(output, Contract(spec.output, spec.models), root=""):
        raise Unfit("the output does not fit the contract:", wrong)
