"""A data frame comes out of a notebook as a Parquet file that its output refers to."""

import io
from typing import Any

import pandas
import pytest

from rig.ipynb import notebook
from rig.running import RunningPodbook

SALES = notebook(
    "import os, pandas, podbook\nos.chdir('/')",
    "sales = pandas.DataFrame({'month': ['May', 'June'], column: [1.5, 2.0]})",
    "podbook.save_output({'sales': sales}, frames='parquet')",
    parameters="column = 'total'",
)
CONTRACT: dict[str, Any] = {
    "input": {"properties": {"column": {"type": "string"}}},
    "output": {
        "properties": {
            "sales": {
                "type": "object",
                "properties": {
                    "rows": {"minimum": 1},
                    "columns": {"contains": {"const": "total"}},
                },
                "required": ["artifact"],
            }
        },
        "required": ["sales"],
    },
}


@pytest.fixture(scope="module", autouse=True)
def sales(podbook: RunningPodbook) -> None:
    podbook.put("sales", SALES, CONTRACT)


def test_the_file_is_an_artifact_that_reads_back(podbook: RunningPodbook) -> None:
    execution = podbook.post("sales")

    reference = execution["output"]["sales"]
    assert (reference["rows"], reference["columns"]) == (2, ["month", "total"])
    path = f"/v1/executions/{execution['id']}/artifacts/{reference['artifact']}"
    answer = podbook.http.get(path)
    assert answer.headers["content-type"] == reference["mediaType"]
    read = pandas.read_parquet(io.BytesIO(answer.content))
    assert read.to_dict("list") == {"month": ["May", "June"], "total": [1.5, 2.0]}


def test_the_contract_may_ask_for_columns(podbook: RunningPodbook) -> None:
    execution = podbook.post("sales", {"column": "sum"})

    assert execution["reason"] == "OutputInvalid"
    assert "/output/sales/columns" in execution["message"]
