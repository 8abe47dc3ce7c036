"""The digests by which content is found again."""

from podbook_crds.content import Content, spec_digest
from podbook_crds.resources.notebook import NotebookSpec


def test_content_has_the_digest_that_it_has_once_a_cluster_stored_it() -> None:
    pushed, given_back = _with_default(100.0), _with_default(100)

    assert Content.of("growth", pushed).digest == Content.of("growth", given_back).digest
    assert spec_digest(pushed) == spec_digest(given_back)
    assert Content.of("growth", pushed).digest != Content.of("growth", _with_default(100.5)).digest


def _with_default(amount: float) -> NotebookSpec:
    schema = {"type": "object", "properties": {"amount": {"default": amount, "enum": [amount, 7]}}}
    return NotebookSpec.model_validate({"source": {"ipynb": "{}"}, "input": schema})
