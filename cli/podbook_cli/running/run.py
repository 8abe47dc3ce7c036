"""`podbook run`: submits, shows how far it is, prints the output, tells the cause of a failure."""

import signal
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from podbook.calling.rest import ApiError, Execution, Rest, Unreachable
from podbook_cli.exits import INTERRUPTED, SUCCEEDED, WAIT_OVER, BadInput, NoServer
from podbook_cli.looking.one_execution import print_execution
from podbook_cli.looking.pages import open_page, page_of
from podbook_cli.printing.formats import Format
from podbook_cli.printing.printed_json import print_json
from podbook_cli.running import parameters
from podbook_cli.running.following import WaitOver, follow
from podbook_cli.running.told_cells import ToldCells
from podbook_cli.running.verdict import tell_failure, tell_where_from, warn
from podbook_cli.servers.own_server import own_server
from podbook_cli.servers.target import Target
from podbook_crds.call_rules.typed_texts import text_names

_NOT_FOUND: Final = 404
_CANCEL_SECONDS: Final = 10
_SUFFIX: Final = ".ipynb"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of a run say, beside its notebook and parameters."""

    save_to: Path | None = None
    is_awaited: bool = True
    timeout: float | None = None
    is_opened: bool = False
    # The name of an example whose parameters hold where none are given.
    example: str | None = None
    # Run it though there is an answer of before.
    is_fresh: bool = False
    # Whether a parameter that changes nothing is refused, whatever the notebook says of such.
    is_strict: bool = False
    # How the whole run is printed; None where its output is wanted, and nothing else.
    shape: Format | None = None

    def check(self) -> None:
        """Raise BadInput where they do not go together, before anything runs."""
        if self.save_to is None:
            return
        if not self.is_awaited:
            raise BadInput("-o needs the end of the run, which --no-wait does not wait for")
        folder = self.save_to.absolute().parent
        if not folder.is_dir():
            raise BadInput(f"-o {self.save_to}: there is no folder {folder}")


def run_notebook(
    notebook: str, pairs: list[str], files: list[Path], *, target: Target, asked: Asked
) -> int:
    """Run it to its end and return the exit code; Ctrl-C and SIGTERM cancel it."""
    asked.check()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if notebook.endswith(_SUFFIX):
        notebook, target = _from_path(Path(notebook), target)
    with ExitStack() as stack:
        url = target.checked_url() or target.running_url()
        if url is None and not (asked.is_awaited and asked.timeout is None):
            raise NoServer(
                "--no-wait and --timeout leave a run to its server, and none serves"
                f" {target.folder}: start `podbook up` first"
            )
        client = stack.enter_context(
            Rest(url or _started(stack, target), token=target.token, patience=target.patience)
        )
        try:
            view = client.notebook(notebook)
        except ApiError as error:
            raise _unknown(notebook, client, error) from error
        shown = parameters.of_example(asked.example, view)
        values = parameters.read(pairs, files, texts=text_names(view.get("input") or {}))
        options = {"inputValidation": "enforce"} if asked.is_strict else {}
        given = {**shown, **values}
        execution = client.submit(notebook, given, fresh=asked.is_fresh, **options)
        tell_where_from(execution.view)
        # The pages of a server that was started for this command end with it.
        return see_through(client, execution, target, asked, is_lasting=url is not None)


def see_through(
    client: Rest, execution: Execution, target: Target, asked: Asked, *, is_lasting: bool
) -> int:
    """Follow a run that was submitted, and tell how it ended; return the exit code."""
    page = page_of(client, execution.view)
    if asked.is_opened and is_lasting:
        open_page(page)
    if not asked.is_awaited:
        warn(execution.view)
        sys.stderr.write(f"{page}\n")
        if asked.shape is None:
            sys.stdout.write(f"{execution.id}\n")
        else:
            print_execution(client, execution.view, asked.shape)
        return SUCCEEDED
    try:
        execution, cells = follow(client, execution, timeout=asked.timeout)
    except KeyboardInterrupt:
        return _cancelled(client, execution, asked)
    except WaitOver:
        sys.stderr.write(f"{execution.id} goes on: {page}\n")
        if asked.shape is not None:
            print_execution(client, client.get(execution.id).view, asked.shape)
        return WAIT_OVER
    except Unreachable as error:
        raise NoServer(
            f"{error}; `podbook get {execution.id}` tells how the run ended, once it answers"
        ) from error
    if asked.save_to is not None:
        asked.save_to.write_bytes(client.artifact(execution.id, "notebook.ipynb"))
    code = _told(client, execution, cells, target, asked)
    if is_lasting:
        sys.stderr.write(f"{page}\n")
    return code


def _told(
    client: Rest, execution: Execution, cells: ToldCells, target: Target, asked: Asked
) -> int:
    """Tell how a run ended: what went wrong on stderr, what was asked for on stdout."""
    warn(execution.view)
    code = SUCCEEDED
    if execution.phase != "Succeeded":
        # While the server that was started for this run is still there to be asked.
        code = tell_failure(execution, cells, target.running_interpreter())
    elif asked.shape is None:
        print_json(client.output(execution), indent=2)
    if asked.shape is not None:
        print_execution(client, _whole(client, execution), asked.shape)
    sys.stdout.flush()
    return code


def _started(stack: ExitStack, target: Target) -> str:
    """Return the URL of a server that is started for this command."""
    sys.stderr.write(f"Starting podbook for {target.folder} …\n")
    return stack.enter_context(
        own_server(target.folder, data_dir=target.data_dir, python=target.python)
    )


def _whole(client: Rest, execution: Execution) -> dict[str, Any]:
    """Return the run with its output in it, however large; what is lost stays `hasOutput`."""
    if execution.view.get("output") is not None or not execution.view.get("hasOutput"):
        return execution.view
    with suppress(ApiError):
        return {**execution.view, "output": client.output(execution)}
    return execution.view


def _cancelled(client: Rest, execution: Execution, asked: Asked) -> int:
    sys.stderr.write(f"Cancelling {execution.id}\n")
    with suppress(ApiError, Unreachable, KeyboardInterrupt):
        client.cancel(execution.id)
        # It saves what it has; a server of this command's own is stopped afterwards.
        ended = client.get(execution.id, wait_seconds=_CANCEL_SECONDS)
        if asked.shape is not None:
            print_execution(client, ended.view, asked.shape)
            sys.stdout.flush()
    return INTERRUPTED


def _from_path(path: Path, target: Target) -> tuple[str, Target]:
    """Return the id of the notebook in the file, and a target that serves it."""
    from podbook_catalog.entries.config import read_config
    from podbook_catalog.folder.identity import id_of
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


def _unknown(notebook: str, client: Rest, error: ApiError) -> Exception:
    if error.status != _NOT_FOUND:
        return error
    known = ", ".join(str(n["id"]) for n in client.notebooks()) or "none"
    return BadInput(f"no notebook {notebook!r}; known are: {known}")
