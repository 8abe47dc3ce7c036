"""What a runtime may ask of its node, and what is said of the rest."""

from typing import Any

import pytest

from podbook_crds.call_rules.overriding.check import check_overrides
from podbook_crds.errors import OverrideNotAllowed
from podbook_crds.resources.amounts import mistakes
from podbook_crds.resources.execution import RuntimeOverride
from podbook_crds.resources.notebook import NotebookSpec, Runtime, Source


def wrong(requests: dict[str, Any] | None = None, **limits: Any) -> list[str]:
    resources = {"requests": requests or {}, "limits": limits}
    return mistakes(Runtime.model_validate({"resources": resources}))


@pytest.mark.parametrize(
    "amount", [1, 0, 0.5, 2.0, "1", "500m", "1.5", "1e3", "128Mi", "1G", "100k", ".5", "1."]
)
def test_an_amount_is_a_quantity_as_in_every_pod(amount: Any) -> None:
    assert wrong(cpu=amount) == []


def test_a_number_is_kept_as_the_text_that_it_means() -> None:
    runtime = Runtime.model_validate({"resources": {"limits": {"nvidia.com/gpu": 1, "cpu": 0.5}}})

    assert runtime.to_wire()["resources"]["limits"] == {"nvidia.com/gpu": "1", "cpu": "0.5"}


@pytest.mark.parametrize("amount", ["1GB", "1 Gi", "1gb", "one", "", "1Gi ", "5 m", "0x10", "1K"])
def test_what_is_no_quantity_is_named_with_its_place(amount: str) -> None:
    assert wrong(memory=amount) == [
        f"/runtime/resources/limits/memory: {amount!r} is no quantity such as 500m, 2 or 256Mi"
    ]


@pytest.mark.parametrize(
    ("requests", "limits", "says"),
    [
        pytest.param(
            {"memory": "2Gi"},
            {"memory": "1500M"},
            "/runtime/resources/requests/memory: 2Gi is more than the limit of 1500M",
            id="asks for more than it may use",
        ),
        pytest.param(
            {}, {"cpu": -1}, "/runtime/resources/limits/cpu: -1 is less than nothing", id="negative"
        ),
        pytest.param(
            {},
            {"nvidia.com/gpu": 0.5},
            "/runtime/resources/limits/nvidia.com~1gpu: 0.5 is no whole number",
            id="half a device",
        ),
    ],
)
def test_what_no_node_can_give_is_said(
    requests: dict[str, Any], limits: dict[str, Any], says: str
) -> None:
    (sentence,) = wrong(requests, **limits)

    assert sentence.startswith(says)


def test_as_much_as_the_limit_in_other_words_is_no_mistake() -> None:
    assert wrong({"cpu": "1000m", "memory": "1024Mi"}, cpu=1, memory="1Gi") == []


def test_shared_memory_is_an_amount_too() -> None:
    assert mistakes(Runtime(shm_size="1GB"))[0].startswith("/runtime/shmSize: '1GB'")


def test_who_sends_a_notebook_along_is_told_the_same() -> None:
    asked = RuntimeOverride.model_validate({"resources": {"limits": {"memory": "1GB"}}})

    with pytest.raises(OverrideNotAllowed, match="/runtime/resources/limits/memory: '1GB'"):
        check_overrides(asked, None, inline=True)


@pytest.mark.parametrize(("said", "means"), [(True, {}), (False, {"not": {}}), ({}, {})])
def test_true_and_false_are_schemas(said: Any, means: dict[str, Any]) -> None:
    spec = NotebookSpec(source=Source(ipynb="{}"), input=said, output=said)

    assert spec.output == spec.input == means
