"""Runs `podbook up` and turns its errors into sentences and exit codes."""

import asyncio
import contextlib
import os
import sys
import traceback

from podbook_catalog.interpreter import NoInterpreter
from podbook_catalog.settings.errors import Mistaken
from podbook_local.up.data_folder import FolderHeld, FolderUnusable
from podbook_local.up.options import BadOption, Options
from podbook_local.up.session import NotReady, serve

BAD_INPUT = 2
CLUSTER_FAULT = 3


def up(options: Options) -> int:
    """Serve until stopped; return the exit code: 0, bad input 2, cluster fault 3."""
    # What Podbook keeps is its user's alone; what notebooks write is theirs, as ever.
    theirs = os.umask(0o077)
    environment = {"PODBOOK_KUBELET_UMASK": f"{theirs:o}", **os.environ}
    try:
        asyncio.run(serve(options, environment=environment, say=_say))
    except (BadOption, Mistaken, NoInterpreter, FolderHeld, FolderUnusable) as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except NotReady as error:
        sys.stderr.write(f"{error}\n")
        return CLUSTER_FAULT
    except Exception as error:
        # Of a kind that nobody thought of: everything is stopped, and what it was is not hidden.
        sys.stderr.write(f"podbook up had to stop: {error!r}\n{traceback.format_exc()}")
        return CLUSTER_FAULT
    return 0


def _say(sentence: str) -> None:
    # Flushed: whoever reads through a pipe waits for these lines. One who has read enough, or a
    # log file on a full disk, keeps nothing from being served.
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
