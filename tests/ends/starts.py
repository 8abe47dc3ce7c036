"""Ends before the first cell: what was asked for cannot be run."""

import json
from typing import Any, Final

from tests.support.ends import End, OnANode

_NEVER_READY: Final = ["python", "-c", "import time; time.sleep(600)"]
_LISTENS_ONLY: Final = [
    "python",
    "-c",
    "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('.ipc/k-1'); s.listen();"
    "time.sleep(600)",
]
_DIES: Final = ["python", "-c", "raise SystemExit('no licence left')"]


def _notebook_3(*cells: str) -> str:
    made = [
        {
            "cell_type": "code",
            "input": code,
            "language": "python",
            "collapsed": False,
            "metadata": {},
            "outputs": [],
        }
        for code in cells
    ]
    worksheets = [{"cells": made, "metadata": {}}]
    return json.dumps(
        {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": worksheets}
    )


def _with_claim(defaults: dict[str, Any]) -> dict[str, Any]:
    claim = {"persistentVolumeClaim": {"claimName": "data"}}
    volume = {"name": "data", "mountPath": "/data", **claim}
    return {"runtime": {"volumes": [volume]}, "defaults": defaults}


def _inline(ipynb: str) -> dict[str, Any]:
    return {"notebook": {"ipynb": ipynb}}


def _empty(**more: Any) -> str:
    return json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


STARTS: Final[list[End]] = [
    End(
        sentence="a language that has no kernel",
        config={"runtime": {"language": "cobol"}},
        reason="KernelNotFound",
        said="cobol",
        runs=0,
        attempts=0,
        kept="did not run: KernelNotFound",
    ),
    End(
        sentence="a kernel whose command is not there",
        config={"runtime": {"command": ["no-such-command", "-f", "{connection_file}"]}},
        reason="KernelNotFound",
        said="no-such-command",
        told="Failed",
        runs=0,
        kept="did not run: KernelNotFound",
    ),
    End(
        sentence="a kernel that dies at its start",
        config={"runtime": {"command": _DIES}, "defaults": {"retryLimit": 1}},
        reason="StartFailed",
        said="no licence left",
        runs=0,
        attempts=2,
        kept="did not run: StartFailed",
    ),
    End(
        sentence="a kernel that never answers",
        config={
            "runtime": {"command": _NEVER_READY},
            "defaults": {"startTimeoutSeconds": 3, "retryLimit": 0},
        },
        reason="StartTimeout",
        runs=0,
        kept="did not run: StartTimeout",
    ),
    End(
        sentence="a kernel that never answers, tried again",
        config={
            "runtime": {"command": _NEVER_READY},
            "defaults": {"startTimeoutSeconds": 3, "retryLimit": 1},
        },
        reason="StartTimeout",
        runs=0,
        attempts=2,
        kept="did not run: StartTimeout",
    ),
    End(
        sentence="a kernel that listens and never answers",
        config={
            "runtime": {"command": _LISTENS_ONLY},
            # Longer than the 30 s after which zmq would hang up on its own.
            "defaults": {"startTimeoutSeconds": 33},
        },
        reason="StartTimeout",
        said="the kernel listens and gave no answer",
        runs=0,
        kept="did not get to its first cell: StartTimeout",
    ),
    End(
        sentence="a volume that this node cannot have",
        config=_with_claim({}),
        reason="StartFailed",
        said="persistentVolumeClaim",
        told="NotSupported",
        runs=0,
        attempts=3,
        kept="did not run: StartFailed",
        on_a_node=OnANode(
            because="A node could have the volume: the scheduler waits for its claim to appear, "
            "for as long as the caller does.",
            shows={
                "config": _with_claim({"queueTimeoutSeconds": 45, "startTimeoutSeconds": 3}),
                "reason": "QueueTimeout",
                "said": 'persistentvolumeclaim "data" not found',
                "attempts": 1,
                "kept": "did not run: QueueTimeout",
            },
        ),
    ),
    End(
        sentence="a content that is not in the store",
        applied={"notebook": {"blob": f"sha256:{64 * '0'}"}},
        reason="NotebookChanged",
        said=64 * "0",
        runs=0,
        attempts=0,
        kept="did not run: NotebookChanged",
    ),
    End(
        sentence="a notebook that is no JSON",
        applied=_inline("# not a notebook"),
        reason="InvalidNotebook",
        said="JSON",
        runs=0,
        kept="did not run: InvalidNotebook",
    ),
    End(
        sentence="a notebook that is JSON but no notebook",
        applied=_inline('{"hello": "world"}'),
        reason="InvalidNotebook",
        runs=0,
        kept="did not run: InvalidNotebook",
    ),
    End(
        sentence="a notebook of an old format",
        applied=_inline(_notebook_3("print('it is', 6 * 7)")),
        reason="NotebookCompleted",
        runs=0,
        kept="it is 42",
    ),
    End(
        sentence="a notebook of a format yet to come",
        applied=_inline(_empty(nbformat=5, nbformat_minor=0)),
        reason="InvalidNotebook",
        said="5",
        runs=0,
        kept="did not run: InvalidNotebook",
    ),
    End(
        sentence="a notebook without cells",
        applied=_inline(_empty()),
        reason="NotebookCompleted",
        runs=0,
        kept="",
    ),
]
