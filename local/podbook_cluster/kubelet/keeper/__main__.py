"""Runs the keeper: `python -m podbook_cluster.kubelet.keeper LOCK ORPHAN_GRACE_SECONDS`."""

import os
import sys
from pathlib import Path

from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.keeper.loop import Keeper


def main() -> None:
    """Serve the kubelet at the other end of stdin and stdout."""
    # What ends the kubelet's group or terminal is not meant for the containers.
    os.setsid()
    processes.adopt_orphans()
    Keeper(Path(sys.argv[1]), orphan_grace_seconds=float(sys.argv[2])).run()


if __name__ == "__main__":
    main()
