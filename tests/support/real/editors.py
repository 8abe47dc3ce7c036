"""Notebooks with what each editor and command line leaves in a file."""

from typing import Final

from tests.support.real.entry import PYTHON, Real, code, printed, prose, raw, saved

OLD: Final = printed("from an earlier run\n")

VS_CODE: Final = Real(
    "vscode",
    saved(
        code("import sys\nprint('of VS Code')", vscode={"languageId": "python"}),
        code("# %% a cell of its own\nlen('four')", notebookRunGroups={"groupValue": "1"}),
        minor=2,
        kernelspec={"display_name": ".venv", "language": "python", "name": "python3"},
        orig_nbformat=4,
        vscode={"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b9275f58929596ceb00d1"}},
    ),
    ("of VS Code",),
)
CONDA: Final = Real(
    "conda-environment",
    saved(
        code("print('any environment')"),
        kernelspec={
            "display_name": "Python [conda env:thesis]",
            "language": "python",
            "name": "conda-env-thesis-py",
        },
    ),
    ("any environment",),
    papermill_kernel="python3",
)
JUPYTEXT: Final = Real(
    "jupytext",
    saved(
        code("x = 1\n\n\ndef twice(y):\n    return 2 * y", lines_to_next_cell=2),
        code("print('twice', twice(x))", name="of-jupytext", slideshow={"slide_type": "slide"}),
        kernelspec=PYTHON,
        language_info=...,
        jupytext={
            "cell_metadata_filter": "-all",
            "formats": "ipynb,py:percent",
            "main_language": "python",
            "text_representation": {"extension": ".py", "format_name": "percent"},
        },
    ),
    ("twice 2",),
)
LAB: Final = Real(
    "jupyterlab",
    saved(
        prose("![drawn](attachment:dot.png)")
        | {
            "attachments": {
                "dot.png": {"image/gif": "R0lGODdhAgACAIAAAP8AAAAA/ywAAAAAAgACAAACAoRRADs="}
            }
        },
        code(
            "print('hidden source')",
            jupyter={"source_hidden": True, "outputs_hidden": False},
            scrolled=True,
        ),
        code("'editable'", editable=False, deletable=False, slideshow={"slide_type": ""}, tags=[]),
        code(""),
        **{"toc-autonumbering": True, "toc-showtags": False},
    ),
    ("editable",),
)
CLASSIC: Final = Real(
    "classic",
    saved(
        prose(
            "# Classic\n\n[back](#Classic), [other](other.ipynb), [data](data/x.csv)",
            heading_collapsed=True,
        ),
        code(
            "print('timed')",
            ExecuteTime={"start_time": "2019-05-01T10:00:00Z", "end_time": "2019-05-01T10:00:01Z"},
            collapsed=True,
            hide_input=True,
            run_control={"frozen": False},
        ),
        minor=2,
        anaconda={"a": 1},
        toc={"base_numbering": 1, "nav_menu": {}, "toc_window_display": True},
        varInspector={"cols": {"lenName": 16}, "window_display": False},
        hide_input=False,
    ),
    ("timed",),
)
NTERACT: Final = Real(
    "nteract",
    saved(
        code("print('of nteract')", inputHidden=False, outputHidden=False, outputExpanded=True),
        code("6 * 7", jupyter={"source_hidden": False}, nteract={"transient": {"deleting": False}}),
        minor=1,
        kernel_info={"name": "python3"},
        nteract={"version": "0.28.0"},
    ),
    ("of nteract",),
)
PAPERMILL: Final = Real(
    "papermill",
    saved(
        prose(
            "<span>An Exception was encountered at 'In [2]'.</span>",
            tags=["papermill-error-cell-tag"],
        ),
        code(
            "day = 'none'",
            tags=["parameters"],
            papermill={"status": "completed", "exception": False},
        ),
        code(
            '# Parameters\nday = "monday"\n',
            count=2,
            tags=["injected-parameters"],
            papermill={"status": "completed"},
        ),
        prose(
            "<span>encountered an exception here and stopped:</span>",
            tags=["papermill-error-cell-tag"],
        ),
        code(
            "print('day', day)",
            count=3,
            outputs=(OLD,),
            tags=[],
            papermill={"status": "failed", "exception": True, "duration": 0.1},
        ),
        minor=5,
        papermill={
            "default_parameters": {},
            "duration": 2.9,
            "environment_variables": {},
            "exception": True,
            "input_path": "in.ipynb",
            "output_path": "out.ipynb",
            "parameters": {"day": "monday"},
            "version": "2.6.0",
        },
    ),
    ("day friday",),
    parameters={"day": "friday"},
)
QUARTO: Final = Real(
    "quarto",
    saved(
        raw(
            "---\ntitle: A report\nformat: html\nexecute:\n  echo: false\n---",
            vscode={"languageId": "raw"},
        ),
        code("#| label: fig-one\n#| fig-cap: One\n#| export\nprint('with options')"),
        raw("\\newpage", raw_mimetype="text/latex"),
    ),
    ("with options",),
)

EDITORS: Final = (VS_CODE, CONDA, JUPYTEXT, LAB, CLASSIC, NTERACT, PAPERMILL, QUARTO)
