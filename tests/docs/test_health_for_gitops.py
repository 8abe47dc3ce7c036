"""What the documents give to Argo CD and Flux tells how notebooks and executions are."""

from pathlib import Path
from typing import Any

import cel
import lupa
import pytest
import yaml

from tests.support.documents import blocks

DOCUMENT = Path(__file__).parents[2] / "docs" / "how-to" / "catalog.md"
SHOWN = [yaml.safe_load(b.text) for b in blocks(DOCUMENT) if b.language == "yaml"]
FLUX = {each["kind"]: each for shown in SHOWN for each in shown.get("healthCheckExprs", [])}
ARGO = {
    key.rpartition("_")[2]: program
    for shown in SHOWN
    for key, program in shown.items()
    if key.startswith("resource.customizations.health.podbook.dev_")
}


def condition(kind: str, status: str, generation: int = 2) -> dict[str, Any]:
    found = {"type": kind, "status": status, "message": "why", "observedGeneration": generation}
    return {"conditions": [found]}


@pytest.mark.parametrize(
    ("kind", "status", "is_current", "is_failed", "health"),
    [
        ("Notebook", condition("Ready", "True"), True, False, "Healthy"),
        ("Notebook", condition("Ready", "False"), False, True, "Degraded"),
        ("Notebook", condition("Ready", "True", 1), False, False, "Progressing"),
        ("Notebook", {"conditions": []}, False, False, "Progressing"),
        ("NotebookExecution", {"phase": "Running", "conditions": []}, False, False, "Progressing"),
        *(
            (
                "NotebookExecution",
                {"phase": phase, **condition("Finished", "True")},
                phase == "Succeeded",
                phase != "Succeeded",
                health,
            )
            for phase, health in (
                *(("Succeeded", "Healthy"), ("Failed", "Degraded")),
                ("Cancelled", "Degraded"),
            )
        ),
    ],
)
def test_health_is_what_the_conditions_say(
    kind: str, status: dict[str, Any], is_current: bool, is_failed: bool, health: str
) -> None:
    resource = {"metadata": {"generation": 2}, "status": status}
    lua = lupa.LuaRuntime()
    judge = lua.eval("function(obj) " + ARGO[kind] + " end")

    assert cel.evaluate(FLUX[kind]["current"], resource) == is_current
    assert cel.evaluate(FLUX[kind]["failed"], resource) == is_failed
    assert judge(lua.table_from(resource, recursive=True))["status"] == health


def test_what_nobody_has_looked_at_yet_is_on_its_way() -> None:
    lua = lupa.LuaRuntime()
    for program in ARGO.values():
        judge = lua.eval("function(obj) " + program + " end")
        new = lua.table_from({"metadata": {"generation": 1}}, recursive=True)
        assert judge(new)["status"] == "Progressing"
