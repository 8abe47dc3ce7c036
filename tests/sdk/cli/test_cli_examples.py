"""The examples in a notebook's config are shown to its callers, and run by their names."""

import json

from rig.running import RunningPodbook
from tests.sdk.cli.test_cli import cli, ran
from tests.sdk.conftest import ECHO

EXAMPLES = [
    {"name": "fails", "parameters": {"value": 0}, "reason": "NotebookRaised"},
    {"name": "a text", "description": "as people write it", "parameters": {"value": "x"}},
]


def test_an_example_is_shown_and_run_by_its_name(podbook: RunningPodbook) -> None:
    podbook.put("exemplified", ECHO, {"input": {"properties": {"value": {}}}, "examples": EXAMPLES})

    shown = podbook.http.get("/v1/notebooks/exemplified").json()["examples"]
    assert [(e["name"], e["parameters"]) for e in shown] == [
        ("fails", {"value": 0}),
        ("a text", {"value": "x"}),
    ]
    document = podbook.http.get("/openapi.json?notebook=exemplified").json()
    operation = document["paths"]["/v1/notebooks/exemplified/executions"]["post"]
    # One that is to succeed.
    assert '{"parameters": {"value": "x"}}' in json.dumps(operation["requestBody"])

    assert ran(podbook, "exemplified", "--example", "a text") == {"got": "x"}
    assert ran(podbook, "exemplified", "--example", "a text", "-p", "value=1") == {"got": 1}
    refused = cli(podbook, "run", "exemplified", "--example", "no")
    assert (refused.returncode, refused.stderr) == (
        2,
        "--example no: there is none; known are: fails, a text\n",
    )


def test_editors_find_the_schemas_of_the_settings_files(podbook: RunningPodbook) -> None:
    for name in ("config", "podbook"):
        schema = podbook.http.get(f"/schemas/{name}.json").json()
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert podbook.http.get("/schemas/no.json").status_code == 404
