"""Notebooks with what each hosted service leaves in a file."""

from typing import Final

from tests.support.real.entry import Json, Real, code, printed, prose, saved

WIDGETS: Final = "application/vnd.jupyter.widget-state+json"

COLAB: Final = Real(
    "colab",
    saved(
        prose(
            '<a href="https://colab.research.google.com/github/a/b/blob/main/x.ipynb" '
            'target="_parent"><img src="https://colab.research.google.com/assets/colab-badge.svg" '
            'alt="Open In Colab"/></a>',
            id="view-in-github",
            colab_type="text",
        ),
        code(
            '#@title Settings { display-mode: "form" }\n'
            'steps = 3 #@param {type:"slider", min:1, max:10, step:1}\n'
            'name = "first" #@param ["first", "second"] {allow-input: true}',
            id="mPz1",
            cellView="form",
            tags=["parameters"],
        ),
        code("%%capture\n!echo installed", id="qW2e"),
        code(
            "print('steps', steps, name)",
            outputs=(printed("from an earlier run\n"),),
            count=14,
            id="tY6u",
            colab={"base_uri": "https://localhost:8080/", "height": 49},
            outputId="5f3c-11",
        ),
        minor=0,
        language_info={"name": "python"},
        kernelspec={"name": "python3", "display_name": "Python 3"},
        accelerator="GPU",
        colab={"provenance": [], "gpuType": "T4", "toc_visible": True, "include_colab_link": True},
        widgets={WIDGETS: {"0a1b": {"model_name": "HTMLModel", "model_module": "x", "state": {}}}},
    ),
    ("steps 7 second",),
    parameters={"steps": 7, "name": "second"},
)
_HIDDEN: Final[Json] = {"_kg_hide-input": True, "trusted": True}
KAGGLE: Final = Real(
    "kaggle",
    saved(
        code(
            "# This Python 3 environment comes with many helpful analytics libraries\n"
            "import os\n"
            "for folder, _, names in os.walk('/kaggle/input'):\n"
            "    for name in names:\n"
            "        print(os.path.join(folder, name))",
            _uuid="8f2839f25d086af736a60e9eeb907d3b93b6e0e5",
            _cell_guid="b1076dfc-b9ad-4769-8c92-a6c4dae69d19",
            execution={"iopub.status.busy": "2026-03-01T10:00:00.000Z"},
            trusted=True,
        ),
        code("print('submission written')", **_HIDDEN),
        minor=4,
        kaggle={
            "accelerator": "none",
            "dataSources": [{"sourceId": 3136, "sourceType": "competition"}],
            "dockerImageVersionId": 30886,
            "isInternetEnabled": False,
            "language": "python",
            "sourceType": "notebook",
        },
    ),
    ("submission written",),
)
_BRICK: Final = "application/vnd.databricks.v1+"


def _of_a_cell(number: int) -> Json:
    about = {
        "cellMetadata": {"byteLimit": 2048000, "rowLimit": 10000},
        "inputWidgets": {},
        "nuid": f"1f2e3d4c-0000-0000-0000-{number:012}",
        "showTitle": False,
        "title": "",
    }
    return {f"{_BRICK}cell": about}


_OF_THE_NOTEBOOK: Final[Json] = {
    f"{_BRICK}notebook": {
        "dashboards": [],
        "environmentMetadata": {"base_environment": "", "client": "1"},
        "language": "python",
        "notebookMetadata": {"pythonIndentUnit": 4},
        "notebookName": "daily",
        "widgets": {},
    }
}


DATABRICKS: Final = Real(
    "databricks",
    saved(
        code("print('before Spark')", **_of_a_cell(1)),
        code("day = dbutils.widgets.get('day')", **_of_a_cell(2)),
        code("print('after')", **_of_a_cell(3)),
        minor=0,
        kernelspec=...,
        language_info={"name": "python"},
        **_OF_THE_NOTEBOOK,
    ),
    ("before Spark", "NameError"),
    reason="NotebookRaised",
    says="NameError: name 'dbutils' is not defined",
    papermill_kernel="python3",
)

HOSTED: Final = (COLAB, KAGGLE, DATABRICKS)
