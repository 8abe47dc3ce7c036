"""Notebooks by what their cells do, and the languages that they are written in."""

from typing import Final

from tests.support.real.entry import Real, code, prose, saved

RAISED: Final = "NotebookRaised"
MAGICS: Final = """%env STAGE=test
%config InlineBackend.figure_format = 'png'
%load_ext autoreload
%autoreload 2
name = "shell"
!echo "hello $name"
listed = !echo a b
listed"""
BASH: Final = "%%bash\nset -e\nfor i in 1 2; do echo line $i; done\necho to stderr >&2"
CAPTURE: Final = "%%capture kept\nprint('kept back')\n1 + 1"
ASYNC: Final = """import asyncio

async def numbers():
    for n in range(2):
        await asyncio.sleep(0)
        yield n

[n async for n in numbers()]"""
CLASSES: Final = """class Broken:
    def _repr_html_(self):
        raise ValueError("cannot draw")

    def __repr__(self):
        return "Broken()"

Broken()"""
AFTER: Final = code("print('after')")

DID: Final = (
    Real(
        "magics-and-await",
        saved(
            code(MAGICS),
            code(BASH),
            code(CAPTURE),
            code("kept.stdout"),
            code("%%html\n<u>html</u>"),
            code("%%writefile written.txt\nx"),
            code("len?"),
            code(ASYNC),
            code("await asyncio.sleep(0, 'awaited')"),
        ),
        ("hello shell", "line 2", "kept back", "<u>html</u>", "[0, 1]", "awaited"),
    ),
    Real(
        "raises",
        saved(code("print('before')"), code("print('partly')\n1 / 0"), AFTER),
        ("before", "ZeroDivisionError"),
        RAISED,
        "ZeroDivisionError: division by zero",
    ),
    Real(
        "raises-exception",
        saved(code("1 / 0", tags=["raises-exception"]), AFTER),
        ("ZeroDivisionError", "after"),
    ),
    Real(
        "asks-for-input",
        saved(code("input('name? ')"), AFTER),
        ("StdinNotImplementedError",),
        RAISED,
        "nobody is there to answer",
    ),
    Real(
        "ends-cleanly",
        saved(code("import sys\nprint('all done')\nsys.exit(0)"), AFTER),
        ("all done",),
    ),
    Real(
        "ends-by-quit",
        saved(code("print('quits')\nquit()"), AFTER),
        ("quits",),
        is_left_to_chance=True,
    ),
    Real(
        "ends-with-status",
        saved(code("import sys\nsys.exit(3)"), AFTER),
        ("SystemExit",),
        RAISED,
        "SystemExit: 3",
    ),
    Real("cannot-be-drawn", saved(code(CLASSES), AFTER), ("cannot draw",), RAISED, "cannot draw"),
    Real(
        "kernel-dies",
        saved(code("import os\nos._exit(1)"), AFTER),
        reason="KernelDied",
        is_left_to_chance=True,
    ),
    Real(
        "given-parameters",
        saved(
            prose("text"),
            code("count = 1\nnames = []", tags=["parameters", "hide"]),
            code("1 / 0", tags=["skip-execution"]),
            code("count, names, extra"),
        ),
        ("(3, [", "None)"),
        parameters={"count": 3, "names": ["a 'quoted' \"name\""], "extra": None},
    ),
)

_C_SHARP: Final = {"display_name": ".NET (C#)", "language": "C#", "name": ".net-csharp"}
_R: Final = {"display_name": "R", "language": "R", "name": "ir"}
_JULIA: Final = {"display_name": "Julia 1.10.4", "language": "julia", "name": "julia-1.10"}
_SCALA: Final = {"display_name": "Scala", "language": "scala", "name": "scala"}
_BASH: Final = {"display_name": "Bash", "language": "bash", "name": "bash"}
LANGUAGES: Final = (
    Real(
        "bash",
        saved(
            code("who=nobody", tags=["parameters"]),
            code("echo hello $who; echo err >&2"),
            code("true"),
            kernelspec=_BASH,
            language_info={"codemirror_mode": "shell", "file_extension": ".sh", "name": "bash"},
        ),
        ("hello Ada",),
        parameters={"who": "Ada"},
        needs="bash",
    ),
    Real(
        "r",
        saved(
            code("n <- 1", tags=["parameters"]),
            code("cat('n is', n, '\\n')"),
            code("head(data.frame(a = 1:2))"),
            kernelspec=_R,
            language_info={"name": "R", "version": "4.4.1"},
            minor=4,
        ),
        ("n is 5",),
        parameters={"n": 5},
        needs="ir",
        without_it='"R": executable file not found',
    ),
    Real(
        "c-sharp",
        saved(
            code(
                'Console.WriteLine("x");',
                dotnet_interactive={"language": "csharp"},
                polyglot_notebook={"kernelName": "csharp"},
            ),
            kernelspec=_C_SHARP,
            language_info={"name": "polyglot-notebook"},
            polyglot_notebook={"kernelInfo": {"defaultKernelName": "csharp", "items": []}},
        ),
        needs=".net-csharp",
        without_it="no command is known for the language 'c#'",
    ),
    Real(
        "julia",
        saved(
            code('println("x")'),
            kernelspec=_JULIA,
            language_info={"name": "julia", "version": "1.10.4"},
        ),
        needs="julia-1.10",
        without_it='"julia": executable file not found',
    ),
    Real(
        "scala",
        saved(code('println("x")'), kernelspec=_SCALA, language_info={"name": "scala"}),
        needs="scala",
        without_it="no command is known for the language 'scala'",
    ),
)
