"""Ends that the notebook's own cells bring about."""

from typing import Final

from tests.support.ends import End, OnANode
from tests.support.memory import ASKED_TWICE

_EXCEPTION: Final = frozenset({"exception.txt"})
_A_LIMIT: Final = {"runtime": {"resources": {"limits": {"memory": "300Mi"}}}}
_FORGED_CELL: Final = {"exception": None, "status": "completed", "duration": 1.0}

CELLS: Final[list[End]] = [
    End(
        sentence="every cell ran",
        cells=("1 + 1",),
        reason="NotebookCompleted",
    ),
    End(
        sentence="a cell raised",
        cells=("1 / 0", "print('never')"),
        reason="NotebookRaised",
        said="ZeroDivisionError: division by zero",
        raised="ZeroDivisionError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="an exception of 10 MB",
        cells=("raise ValueError('x' * 10_000_000)",),
        reason="NotebookRaised",
        said="ValueError: xxx",
        raised="ValueError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="a cell that is no Python",
        cells=("1 +",),
        reason="NotebookRaised",
        raised="SyntaxError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="a cell that is said to raise",
        cells=("1 / 0", "print('went', 'on')"),
        tags=("raises-exception",),
        reason="NotebookCompleted",
        kept="went on",
    ),
    End(
        sentence="a cell that is said to raise kills the kernel",
        cells=("import os\nos._exit(1)",),
        tags=("raises-exception",),
        reason="KernelDied",
    ),
    End(
        sentence="sys exit without a code",
        cells=("import sys\nsys.exit()", "print('never')"),
        reason="NotebookCompleted",
    ),
    End(
        sentence="sys exit with 0",
        cells=("import sys\nsys.exit(0)", "print('never')"),
        reason="NotebookCompleted",
    ),
    End(
        sentence="sys exit with 1",
        cells=("import sys\nsys.exit(1)",),
        reason="NotebookRaised",
        said="SystemExit: 1",
        raised="SystemExit",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="sys exit with a text",
        cells=("import sys\nsys.exit('no data today')",),
        reason="NotebookRaised",
        said="no data today",
        raised="SystemExit",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="os exit with 0",
        cells=("import os\nos._exit(0)",),
        reason="KernelDied",
        said="the kernel died while cell 1 was running",
    ),
    End(
        sentence="the kernel kills itself",
        cells=("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",),
        reason="KernelDied",
        said="cell 1",
        on_a_node=OnANode(
            because="The kernel is the first process of its container, and Linux lets no process "
            "of a container kill that one, itself included: the cell goes on.",
            shows={"reason": "NotebookCompleted", "said": ""},
        ),
    ),
    End(
        sentence="the kernel kills its parent, and its own group",
        cells=("import os\nos.kill(os.getppid(), 9)\nos.killpg(0, 9)",),
        reason="KernelDied",
        said="cell 1",
        on_a_node=OnANode(
            because="The kernel is the first process of its container: it has no parent that it "
            "could know, and whatever it sends to its group does not reach it.",
            shows={"reason": "NotebookCompleted", "said": ""},
        ),
    ),
    End(
        sentence="a segmentation fault",
        cells=("import ctypes\nctypes.string_at(0)",),
        reason="KernelDied",
        said="cell 1",
    ),
    End(
        sentence="more memory than the limit",
        cells=("hoard = [b'x' * 50_000_000 for _ in range(10)]\nimport time\ntime.sleep(60)",),
        config=_A_LIMIT,
        reason="OutOfMemory",
        said="more memory than its limit of 300Mi",
        told="OOMKilled",
    ),
    End(
        sentence="more memory than the limit after it said what it uses",
        cells=(
            ASKED_TWICE,
            "hoard = [b'x' * 50_000_000 for _ in range(10)]\nimport time\ntime.sleep(60)",
        ),
        config=_A_LIMIT,
        reason="OutOfMemory",
        said="Mi of memory when last asked",
    ),
    End(
        sentence="a loop in Python without end",
        cells=("while True:\n    pass",),
        options={"deadlineSeconds": 2},
        reason="DeadlineExceeded",
        said="cell 1 was running when 2 s were over",
    ),
    End(
        sentence="a loop in C without end",
        cells=("import collections, itertools\ncollections.deque(itertools.repeat(0), maxlen=0)",),
        options={"deadlineSeconds": 2},
        reason="DeadlineExceeded",
        said="cell 1 was running when 2 s were over",
    ),
    End(
        sentence="a deadline in the notebook's own defaults",
        cells=("import time\ntime.sleep(60)",),
        config={"defaults": {"deadlineSeconds": 1}},
        reason="DeadlineExceeded",
        said="1 s were over",
    ),
    End(
        sentence="a cell that refuses to be interrupted",
        cells=(
            "import time\nwhile True:\n    try:\n        time.sleep(60)\n"
            "    except KeyboardInterrupt:\n        print('not me')",
        ),
        options={"deadlineSeconds": 1},
        reason="DeadlineExceeded",
    ),
    End(
        sentence="a question that nobody answers",
        cells=("name = input('Your name? ')",),
        reason="NotebookRaised",
        said="nobody is there to answer input()",
        raised="StdinNotImplementedError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="a magic that fails",
        cells=("%no_such_magic",),
        reason="NotebookRaised",
        raised="UsageError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="a shell cell that fails",
        cells=("%%bash\nexit 3",),
        reason="NotebookRaised",
        raised="CalledProcessError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="a process that was left behind",
        cells=("import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)",),
        reason="NotebookCompleted",
    ),
    End(
        sentence="papermill's metadata claims success",
        cells=("1 / 0",),
        metadata={"papermill": _FORGED_CELL},
        reason="NotebookRaised",
        raised="ZeroDivisionError",
        artifacts=_EXCEPTION,
    ),
    End(
        sentence="papermill's metadata claims success of a dead kernel",
        cells=("import os\nos._exit(0)",),
        metadata={"papermill": _FORGED_CELL},
        reason="KernelDied",
    ),
    End(
        sentence="papermill's metadata claims failure",
        cells=("1 + 1",),
        metadata={"papermill": {"exception": True, "status": "failed"}},
        reason="NotebookCompleted",
    ),
]
