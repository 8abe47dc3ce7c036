"""`podbook check`: says what is wrong in a folder, by file and place; starts nothing."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from podbook_cli.exits import NOTEBOOK_FAILED, SUCCEEDED, BadInput
from podbook_cli.printing.formats import Format, is_for_programs, print_rows, print_value
from podbook_cli.shipping.reading import catalog_server, read_for_others

if TYPE_CHECKING:
    from podbook_catalog.checks.faults import Fault
    from podbook_cli.servers.target import Target


def check(
    folder: Path, target: "Target | None", *, python: Path | None, shape: Format | None
) -> int:
    """Print every mistake, with a target also those for its server; return 1 where there is one.

    Warnings do not count.
    """
    from podbook_catalog.checks.checked import check_folder
    from podbook_catalog.interpreter import NoInterpreter

    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder")
    try:
        checked = check_folder(Path(os.path.abspath(folder)), python=python, environment=os.environ)
    except NoInterpreter as error:
        raise BadInput(str(error)) from error
    if target is not None:
        more = _faults_there(folder, target, python)
        checked = replace(checked, faults=[*checked.faults, *more])
    errors = checked.errors
    faults = [fault.to_json() for fault in checked.faults]
    if shape is Format.JSONL:
        print_rows(faults, shape, columns={}, fields=())
    elif is_for_programs(shape):
        print_value({"notebooks": len(checked.entries), "faults": faults}, shape)
    else:
        for fault in checked.faults:
            sys.stdout.write(f"{fault}\n")
        sys.stderr.write(_summary(len(checked.entries), len(errors)))
    return NOTEBOOK_FAILED if errors else SUCCEEDED


def _faults_there(folder: Path, target: "Target", python: Path | None) -> "list[Fault]":
    """Return what keeps notebooks that are right by themselves from running on that server."""
    from podbook_catalog.checks.there import faults_there

    try:
        found = read_for_others(folder, python)
    except BadInput:
        return []  # The check by itself has told of it.
    with catalog_server(target) as server:
        status, served = server.status(), server.notebooks()
        return [*faults_there(found.entries, catalog=found.name, status=status, served=served)]


def _summary(notebooks: int, errors: int) -> str:
    looked = f"{notebooks} {'notebook' if notebooks == 1 else 'notebooks'} checked"
    mistakes = f"{errors} {'mistake' if errors == 1 else 'mistakes'}" if errors else "no mistake"
    return f"{looked}, {mistakes}\n"
