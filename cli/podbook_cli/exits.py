"""The exit codes of every command, and the errors that lead to them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

SUCCEEDED: Final = 0
NOTEBOOK_FAILED: Final = 1
# Of `doctor`: it was done, and something is wrong.
FOUND_WRONG: Final = 1
BAD_INPUT: Final = 2
CLUSTER_FAULT: Final = 3
# As `timeout` has it: the time to wait was over, and the run goes on.
WAIT_OVER: Final = 124
# As shells have it for what SIGINT ended.
INTERRUPTED: Final = 130


class BadInput(Exception):
    """What was asked for cannot be done as it was asked; the message says what to change."""


class NoServer(Exception):
    """No `podbook up` was found, or it gave no answer."""


def is_clusters_fault(reason: str) -> bool:
    """Tell whether neither the notebook nor its caller can do anything about the reason."""
    from podbook_crds.ends.reasons import EXPLANATIONS, Fault, Reason

    # A newer server may know more of them.
    return reason in set(Reason) and EXPLANATIONS[Reason(reason)].fault is Fault.CLUSTER


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors into one sentence on stderr and an exit code: scripts match on the code."""
    from podbook.refusals import ApiError, Unreachable
    from podbook_local.up.data_folder import FolderUnusable

    try:
        yield
        sys.stdout.flush()
    except (BadInput, FolderUnusable) as error:
        _end(str(error), BAD_INPUT)
    except ApiError as error:
        _end(str(error), BAD_INPUT if error.is_the_callers else CLUSTER_FAULT)
    except (NoServer, Unreachable) as error:
        _end(str(error), CLUSTER_FAULT)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        _end(f"{error.filename or 'the output'}: {error.strerror}", BAD_INPUT)


def _end(message: str, code: int) -> None:
    sys.stderr.write(f"{message}\n")
    raise typer.Exit(code)
