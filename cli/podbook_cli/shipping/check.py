"""`podbook check`: says what is wrong in a folder, by file and place; starts nothing."""

import os
import sys
from pathlib import Path

from podbook_cli.exits import NOTEBOOK_FAILED, SUCCEEDED, BadInput
from podbook_cli.printing.formats import Format, is_for_programs, print_rows, print_value


def check(folder: Path, *, python: Path | None, shape: Format | None) -> int:
    """Print every mistake; return 1 where there is one, warnings left out."""
    from podbook_catalog.checks.checked import check_folder
    from podbook_catalog.interpreter import NoInterpreter

    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder")
    try:
        checked = check_folder(Path(os.path.abspath(folder)), python=python, environment=os.environ)
    except NoInterpreter as error:
        raise BadInput(str(error)) from error
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


def _summary(notebooks: int, errors: int) -> str:
    looked = f"{notebooks} {'notebook' if notebooks == 1 else 'notebooks'} checked"
    mistakes = f"{errors} {'mistake' if errors == 1 else 'mistakes'}" if errors else "no mistake"
    return f"{looked}, {mistakes}\n"
