"""Who names a kernel gets that one, or is told which there are."""

import json
from typing import Any

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_operator.config import Kernel
from podbook_operator.rules.effective_spec import terms
from tests.support.views import an_execution


@pytest.mark.parametrize(
    ("asked", "program"),
    [
        ("lab", "lab-kernel"),
        ("LAB", "lab-kernel"),
        ("python3", "python"),
        ("Python3", "python"),
        ("ir", "R"),
        ("julia-1.10", "julia"),
        ("bash", "python"),
        ("python3x", None),
        ("nobody knows it", None),
        ("", None),
    ],
)
def test_a_caller_gets_the_kernel_that_it_named_or_none(asked: str, program: str | None) -> None:
    kernels = {"lab": Kernel(command=["lab-kernel", "{connection_file}"])}
    ipynb = json.dumps({"metadata": {"kernelspec": {"name": "made-up", "language": "python"}}})
    spec: dict[str, Any] = {"notebook": {"ipynb": ipynb}, "runtime": {"kernel": asked}}
    found = terms(an_execution(**spec), None, kernels)

    if program is not None:
        assert found.command[0] == program
    else:
        assert found.problem is not None
        assert found.problem.reason is Reason.KERNEL_NOT_FOUND
        assert f"'{asked}'" in found.problem.message
        assert "bash, ir, julia, lab, python3" in found.problem.message
