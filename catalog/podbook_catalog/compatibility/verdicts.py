"""Judges one notebook's change: which callers break, where, and by which example."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from podbook_catalog.compatibility.comparison import Comparison, Finding, Place
from podbook_catalog.compatibility.nodes import root_of
from podbook_catalog.compatibility.witness import counter_example
from podbook_crds.call_rules.contracts import is_plain
from podbook_crds.checking.contract import Contract
from podbook_crds.content import canonical
from podbook_crds.resources.notebook import SharedModel
from podbook_crds.resources.pushed import Verdict

Json = dict[str, Any]
# Where one of these stands, /v1 does not refuse members that are declared nowhere.


@dataclass(frozen=True, slots=True)
class Side:
    """A notebook's contract as callers know it; None where anything goes."""

    input: Contract | None = None
    output: Contract | None = None
    # Whether an output that does not fit fails the run.
    is_enforced: bool = True

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "Side":
        """Read a notebook's spec, or what a server shows of it: both by the same names."""
        models = {
            alias: SharedModel.model_validate(model)
            for alias, model in (view.get("models") or {}).items()
        }
        is_known = not view.get("inferred")

        def contract(name: str) -> Contract | None:
            schema = view.get(name)
            return Contract(schema, models) if schema is not None and is_known else None

        is_enforced = view.get("outputValidation", "enforce") == "enforce"
        return cls(contract("input"), contract("output"), is_enforced)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a change of one notebook means to its callers."""

    notebook: str
    verdict: Verdict
    findings: list[Finding] = field(default_factory=list)
    # By "input" or "output": a value that was fine, and why it is not any more.
    examples: dict[str, tuple[Any, str]] = field(default_factory=dict)

    @property
    def is_breaking(self) -> bool:
        """Whether somebody's call, or what somebody does with an output, breaks."""
        return self.verdict is Verdict.BREAKING


def judge(notebook: str, old: Side, new: Side) -> Judgement:
    """Return whether a call that was valid stays valid, and outputs what callers were promised."""
    if _text(old) == _text(new):
        return Judgement(notebook, Verdict.SAME)
    inward = _inward(old.input, new.input)
    outward = _outward(old, new)
    examples: dict[str, tuple[Any, str]] = {}
    if inward and (shown := counter_example(*_as_called(old.input, new.input))):
        examples["input"] = shown
    if outward and new.output and (shown := counter_example(*_both(new.output, old.output))):
        examples["output"] = shown
    findings = [*inward, *outward]
    verdict = Verdict.BREAKING if findings else Verdict.COMPATIBLE
    return Judgement(notebook, verdict, findings, examples)


def removed(notebook: str) -> Judgement:
    """Return what it means that a notebook is gone."""
    return Judgement(notebook, Verdict.BREAKING, [Finding("", "the notebook is removed")])


def _inward(old: Contract | None, new: Contract | None) -> list[Finding]:
    if new is None:
        return []
    before, after = _as_called(old, new)
    comparison = Comparison(declared_only=True)
    return comparison.findings([root_of(before)], root_of(after), Place("/input"))


def _as_called(old: Contract | None, new: Contract | None) -> tuple[Contract, Contract]:
    """Return the contracts as /v1 reads them; without one nothing was refused."""
    before, after = _both(old, new)
    return before if old is None else _closed(before), after if new is None else _closed(after)


def _outward(old: Side, new: Side) -> list[Finding]:
    if old.output is None:
        return []
    if new.output is None:
        return [Finding("/output", "nothing is promised of the output any more")]
    found = Comparison(declared_only=True).findings(
        [root_of(new.output)], root_of(old.output), Place("/output")
    )
    if old.is_enforced and not new.is_enforced:
        message = "outputs that do not fit do not fail any more (outputValidation)"
        found.append(Finding("/output", message))
    return found


def _both(one: Contract | None, other: Contract | None) -> tuple[Contract, Contract]:
    return one or Contract({}, {}), other or Contract({}, {})


def _closed(contract: Contract) -> Contract:
    """Return the contract as /v1 reads it; see calls.contracts.violations."""
    if not is_plain(contract.schema):
        return contract
    return Contract({**contract.schema, "additionalProperties": False}, contract.models)


def _text(side: Side) -> list[Any]:
    wires = [contract and contract.wire for contract in (side.input, side.output)]
    return [*(canonical(wire and wire.decode()) for wire in wires), side.is_enforced]
