"""Who vouches for the intake is told to the runner, and to nobody else."""

from typing import Any

import pytest

from podbook_crds import names
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.manifest import Site, build
from podbook_operator.rules.effective_spec import terms
from tests.support.views import a_notebook, an_execution


@pytest.mark.parametrize("authority", ["-----BEGIN", ""])
def test_a_runner_alone_is_told_who_vouches_for_the_intake(authority: str) -> None:
    site = Site("https://intake:5051", "runner", "kernel", intake_ca=authority)
    execution, config = an_execution(), OperatorConfig()
    found = terms(execution, a_notebook(), {})

    made: Any = build(execution, found, attempt=1, site=site, config=config)

    kernel, runner = made["spec"]["containers"]
    told = [each["value"] for each in runner["env"] if each["name"] == names.ENV_INTAKE_CA]
    assert told == ([authority] if authority else [])
    assert names.ENV_INTAKE_CA not in {each["name"] for each in kernel["env"]}
