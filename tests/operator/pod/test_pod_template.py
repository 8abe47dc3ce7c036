"""A release says of every run pod where it goes and who it is; never what Podbook promises."""

from typing import Any

import pytest

from podbook_operator.config import OperatorConfig
from podbook_operator.pod.manifest import Site, build
from podbook_operator.rules.effective_spec import terms
from tests.support.views import a_notebook, an_execution


def spec_of(config: OperatorConfig, runtime: dict[str, Any]) -> Any:
    execution, notebook = an_execution(), a_notebook(runtime=runtime)
    site = Site("http://intake:5051", "podbook-runner:1", "podbook-kernel:1")
    found = terms(execution, notebook, config.kernels)
    return build(execution, found, attempt=1, site=site, config=config)["spec"]


def test_a_release_s_template_stands_below_what_podbook_and_the_notebook_say() -> None:
    template = {
        "hostUsers": False,
        "priorityClassName": "batch",
        "affinity": {"nodeAffinity": {}},
        "nodeSelector": {"pool": "runs", "disk": "any"},
        "tolerations": [{"key": "runs"}],
        "runtimeClassName": "gvisor",
    }
    runtime = {
        "nodeSelector": {"pool": "mine", "gpu": "yes"},
        "tolerations": [{"key": "gpu"}],
        "runtimeClassName": "kata",
    }
    config = OperatorConfig.model_validate({"podTemplate": template})

    plain, own = (spec_of(config, said) for said in ({}, runtime))

    assert {name: plain[name] for name in template} == template
    assert own["nodeSelector"] == {"pool": "runs", "disk": "any", "gpu": "yes"}
    assert own["tolerations"] == [{"key": "runs"}, {"key": "gpu"}]
    assert (own["runtimeClassName"], own["hostUsers"]) == ("kata", False)
    assert set(plain) - set(template) <= set(spec_of(OperatorConfig(), {}))


@pytest.mark.parametrize(
    "field",
    ["initContainers", "containers", "volumes", "hostNetwork", "securityContext", "restartPolicy"],
)
def test_a_template_says_nothing_of_what_podbook_promises(field: str) -> None:
    with pytest.raises(ValueError, match=f"podTemplate: '{field}' is not to be set; there are"):
        OperatorConfig.model_validate({"podTemplate": {field: []}})


def test_uids_may_be_left_to_the_namespace() -> None:
    config = OperatorConfig.model_validate({"namespaceUids": True})

    left = spec_of(config, {})["securityContext"]
    named = spec_of(config, {"runAsUser": 7})

    assert left == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert named["securityContext"]["runAsUser"] == 7
