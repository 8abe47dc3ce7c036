"""Starts the cluster: `python -m podbook_cluster --data-dir DIR`."""

import logging
import sys
from typing import Final

import uvloop

from podbook_cluster.apiserver.terms.errors import StorageUnusable
from podbook_cluster.apiserver.write.manifests import BrokenManifest
from podbook_cluster.kubelet.lock import DataDirInUse
from podbook_cluster.ports import PortTaken
from podbook_cluster.process import run
from podbook_cluster.settings import parse

# As sysexits.h has it for input and output errors, and for a configuration that is wrong.
STORAGE_EXIT: Final = 74
CONFIGURATION_EXIT: Final = 78

_EXIT_CODES: Final[dict[type[BaseException], int]] = {
    StorageUnusable: STORAGE_EXIT,
    DataDirInUse: STORAGE_EXIT,
    BrokenManifest: CONFIGURATION_EXIT,
    PortTaken: CONFIGURATION_EXIT,
}


def main() -> int:
    """Run until told to stop; return the exit code."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    settings = parse(sys.argv[1:])
    try:
        uvloop.run(run(settings))
    except Exception as error:
        cause = _first(error)
        code = _EXIT_CODES.get(type(cause))
        if code is None:
            raise
        sys.stderr.write(f"podbook cluster: {cause}\n")
        return code
    return 0


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    sys.exit(main())
