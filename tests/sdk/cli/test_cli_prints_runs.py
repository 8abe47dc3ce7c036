"""`--format` of `run` and `rerun`: all that is known of the run, for programs."""

import json
import re
from typing import Any

import yaml
from typer.testing import CliRunner

from podbook_cli.app import app
from rig.ipynb import notebook
from rig.running import RunningPodbook


def test_a_run_is_printed_whole_however_it_ended(podbook: RunningPodbook) -> None:
    runner = CliRunner(env={"PODBOOK_URL": podbook.url})
    save = "from podbook import save_output\nsave_output('x' * size)\nprint(1 / (size - 1))"
    podbook.put("whole", notebook(save, parameters="size = 3"))

    def told(shape: str, *words: str, code: int = 0) -> Any:
        done = runner.invoke(app, [*words, "--format", shape])
        assert (done.exit_code, "/executions/" in done.stderr) == (code, True), done.stderr
        # YAML has JSON within it: nothing but the run stands on stdout.
        assert shape != "jsonl" or done.stdout.count("\n") == 1
        return yaml.safe_load(done.stdout) if shape == "yaml" else json.loads(done.stdout)

    succeeded = told("json", "run", "whole")
    failed = told("yaml", "rerun", succeeded["id"], "-p", "size=1", code=1)
    left = told("json", "run", "whole", "--no-wait")
    over = told("json", "rerun", left["id"], "--timeout", "0.001", code=124)
    # More than the server answers within an execution.
    large = told("jsonl", "run", "whole", "-p", f"size={5 << 20}")

    assert (succeeded["phase"], succeeded["output"]) == ("Succeeded", "xxx")
    assert (failed["reason"], failed["rerunOf"]) == ("NotebookRaised", succeeded["id"])
    assert (podbook.finished(left["id"])["phase"], left["finishedAt"]) == ("Succeeded", None)
    assert podbook.finished(over["id"])["rerunOf"] == left["id"]
    assert large["output"] == "x" * (5 << 20)
    shown = runner.invoke(app, ["run", "whole", "--format", "table"]).stdout
    assert re.match(r"Succeeded in .* · whole · ", shown)
    for run in (succeeded, failed):
        assert podbook.http.get(f"/v1/executions/{run['id']}").json() == run
