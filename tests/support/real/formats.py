"""Notebooks of every format and of what is left of one: by strip tools, scripts, merges."""

import json
from typing import Any, Final

from tests.support.real.entry import PYTHON, Real, code, prose, raw, saved


def _old(kind: str, text: str, **more: Any) -> dict[str, Any]:
    place = "input" if kind == "code" else "source"
    return {"cell_type": kind, "metadata": {}, place: text.splitlines(keepends=True), **more}


_RESULT: Final = {"output_type": "pyout", "prompt_number": 2, "text": ["42"], "metadata": {}}
_RAISED: Final = {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["E: v"]}
FORMAT_3: Final = {
    "metadata": {"name": "Untitled0", "signature": "sha256:0"},
    "nbformat": 3,
    "nbformat_minor": 0,
    "worksheets": [
        {
            "metadata": {},
            "cells": [
                _old("heading", "An old one", level=1),
                _old("markdown", "of *IPython*"),
                _old(
                    "code",
                    "for i in range(2):\n    print('old', i)",
                    collapsed=False,
                    language="python",
                    outputs=[_RAISED],
                    prompt_number=1,
                ),
                _old(
                    "code",
                    "6 * 7",
                    collapsed=False,
                    language="python",
                    outputs=[_RESULT],
                    prompt_number=2,
                ),
                _old("raw", "as it is"),
            ],
        }
    ],
}
SAYS: Final = code("print('it ran')")
RAN: Final = ("it ran",)
CONFLICT: Final = (
    b'{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> theirs\n ],\n "nbformat": 4}'
)
PYTHON_2: Final = {**PYTHON, "display_name": "Python 2", "name": "python2"}
TWICE: Final = [{**SAYS, "id": name} for name in ("twice", "twice", "x" * 80)]
IN_ONE: Final = {**code(""), "source": "print('it ran')\n1 + 1"}
BY_WINDOWS: Final = {**code(""), "source": ["x = 1\r\n", "print('it ran')\r\n"]}

FORMATS: Final = (
    Real("format-3", FORMAT_3, ("old 0", "old 1"), papermill_kernel="python3"),
    Real("format-4-0-of-windows", saved(IN_ONE, BY_WINDOWS, raw("as it is"), minor=0), RAN),
    Real("format-4-5-without-ids", saved(SAYS, prose("text"), ids=False), RAN),
    Real("ids-twice-and-too-long", saved(ids=False) | {"cells": TWICE}, RAN),
    Real("tags-null", saved(code("print('it ran')", tags=None)), RAN),
    Real("tags-as-text", saved(code("x = 'ran'", tags="parameters"), code("print('it', x)")), RAN),
    Real(
        "kernelspec-language-only",
        saved(SAYS, kernelspec={"language": "python"}),
        RAN,
        papermill_kernel="python3",
    ),
    Real("kernelspec-null", saved(SAYS, kernelspec=None), RAN, papermill_kernel="python3"),
    Real("kernel-of-python-2", saved(SAYS, kernelspec=PYTHON_2), RAN, papermill_kernel="python3"),
    Real("byte-order-mark", b"\xef\xbb\xbf" + json.dumps(saved(SAYS)).encode(), RAN),
    Real("prose-alone", saved(prose("# Only text\n\n$$x^2$$"), raw("raw")), ("Only text",)),
    Real("format-5", saved(SAYS) | {"nbformat": 5}, ("nbformat is 5",), "InvalidNotebook", "is 5"),
    Real("merge-conflict", CONFLICT, reason="refused", says="the ipynb is no JSON"),
    Real("empty-file", b"", reason="refused", says="the ipynb is no JSON"),
)
