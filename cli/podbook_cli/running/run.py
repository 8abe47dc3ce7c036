"""`podbook run`: submits, shows how far it is, prints the output, tells the cause of a failure."""

import re
import signal
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from podbook.client import ApiError, Execution, Podbook, Unreachable
from podbook_cli.exits import CLUSTER_FAULT as FAULT
from podbook_cli.exits import (
    INTERRUPTED,
    NOTEBOOK_FAILED,
    SUCCEEDED,
    BadInput,
    NoServer,
    is_clusters_fault,
)
from podbook_cli.printing.printed_json import print_json
from podbook_cli.running import parameters
from podbook_cli.running.progress import follow
from podbook_cli.servers.own_server import own_server
from podbook_cli.servers.target import Target

_NOT_FOUND: Final = 404
_CANCEL_SECONDS: Final = 10
_SUFFIX: Final = ".ipynb"
# Colours and whatever else a message may do to a terminal.
_ESCAPES: Final = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~])?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")


def run_notebook(
    notebook: str, pairs: list[str], files: list[Path], *, target: Target, save_to: Path | None
) -> int:
    """Run it to its end and return the exit code; Ctrl-C and SIGTERM cancel it."""
    if save_to is not None and not save_to.absolute().parent.is_dir():
        raise BadInput(f"-o {save_to}: there is no folder {save_to.absolute().parent}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if notebook.endswith(_SUFFIX):
        notebook, target = _from_path(Path(notebook), target)
    with ExitStack() as stack:
        url = target.checked_url() or target.running_url()
        # Its pages can be looked at afterwards, unless a token is needed, which browsers lack.
        is_lasting = url is not None and not target.token
        client = stack.enter_context(Podbook(url or _started(stack, target), token=target.token))
        try:
            contract = client.notebook(notebook).get("input") or {}
        except ApiError as error:
            raise _unknown(notebook, client, error) from error
        values = parameters.read(pairs, files, texts=_texts(contract))
        execution = client.submit(notebook, values)
        try:
            execution = follow(client, execution)
        except KeyboardInterrupt:
            return _cancelled(client, execution)
        except Unreachable as error:
            raise NoServer(
                f"{error}; `podbook get {execution.id}` tells how the run ended, once it answers"
            ) from error
        if save_to is not None:
            save_to.write_bytes(client.artifact(execution.id, "notebook.ipynb"))
        if is_lasting and sys.stderr.isatty():
            page = f"/v1/executions/{execution.id}/artifacts/notebook.html"
            sys.stderr.write(f"{client.url.rstrip('/')}{page}\n")
        if execution.phase == "Succeeded":
            print_json(client.output(execution), indent=2)
            return SUCCEEDED
        # While the server that was started for this run is still there to be asked.
        interpreter = target.running_interpreter()
    return _told(execution, interpreter)


def _started(stack: ExitStack, target: Target) -> str:
    """Return the URL of a server that is started for this command."""
    sys.stderr.write(f"Starting podbook for {target.folder} …\n")
    return stack.enter_context(
        own_server(target.folder, data_dir=target.data_dir, python=target.python)
    )


def _cancelled(client: Podbook, execution: Execution) -> int:
    sys.stderr.write(f"Cancelling {execution.id}\n")
    with suppress(ApiError, Unreachable, KeyboardInterrupt):
        client.cancel(execution.id)
        # It saves what it has; a server of this command's own is stopped afterwards.
        client.get(execution.id, wait_seconds=_CANCEL_SECONDS)
    return INTERRUPTED


def _from_path(path: Path, target: Target) -> tuple[str, Target]:
    """Return the id of the notebook in the file, and a target that serves it."""
    from podbook_catalog.entries.config import read_config
    from podbook_catalog.identity import id_of
    from podbook_catalog.settings.errors import Mistaken

    if not path.is_file():
        raise BadInput(f"{path}: there is no such file")
    if target.url is not None:
        raise BadInput(f"{path}: give a notebook's id together with --url")
    path = path.resolve()
    root = target.folder if target.directory else _catalog_of(path, target)
    try:
        config = read_config(path.with_name(f"{path.stem}.config.json"), catalog={})
    except Mistaken as error:
        raise BadInput(str(error)) from error
    return config.id or id_of(path.relative_to(root.resolve())), replace(target, directory=root)


def _catalog_of(path: Path, target: Target) -> Path:
    """Return the catalog that is being served around the file, else the file's own folder."""
    catalog = replace(target, directory=path.parent).running_catalog()
    return catalog or path.parent


def _unknown(notebook: str, client: Podbook, error: ApiError) -> Exception:
    if error.status != _NOT_FOUND:
        return error
    known = ", ".join(str(n["id"]) for n in client.notebooks()) or "none"
    return BadInput(f"no notebook {notebook!r}; known are: {known}")


def _texts(contract: dict[str, Any]) -> frozenset[str]:
    """Return the parameters that are declared as text: `-p code=007` means the text 007 there."""
    properties = contract.get("properties") or {}
    return frozenset(
        name
        for name, schema in properties.items()
        if isinstance(schema, dict) and schema.get("type") == "string"
    )


def _told(execution: Execution, interpreter: str | None) -> int:
    view = execution.view
    sys.stderr.write(f"{view['phase']}: {view['reason']}\n")
    exception = view.get("exception") or {}
    for line in (view.get("message"), exception.get("traceback")):
        if line:
            sys.stderr.write(f"{_ESCAPES.sub('', line)}\n")
    if exception.get("name") == "ModuleNotFoundError" and interpreter:
        sys.stderr.write(
            f"The kernel ran in {interpreter}: install what is missing there"
            f" (`{interpreter} -m pip install …`), or name another Python with --python.\n"
        )
    return FAULT if is_clusters_fault(view["reason"]) else NOTEBOOK_FAILED
