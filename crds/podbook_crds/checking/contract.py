"""A contract as those hold it who check by it: its schemas, and what was found out about them."""

import json
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from cachetools import FIFOCache

from podbook_crds.checking.harmless import BOUNDLESS, Proof, patterns_in, prove, weight_of
from podbook_crds.checking.patterns import steps
from podbook_crds.content import blob_digest
from podbook_crds.resources.notebook import NotebookSpec, Schema, SharedModel

# Meta-validation takes up to a millisecond for each part of a schema, by the newest drafts.
_SMALL: Final = 100
_KEPT: Final = 256


class Contract:
    """A schema with the shared models that it refers to."""

    def __init__(self, schema: Schema, models: Mapping[str, SharedModel]) -> None:
        self.schema = schema
        self.models = models

    @cached_property
    def proof(self) -> Proof:
        """What checking a value costs at most."""
        try:
            return prove(self.schema, self.models)
        except RecursionError:
            return BOUNDLESS

    @property
    def is_small(self) -> bool:
        """Whether it can be judged itself at little cost, with the models that it may refer to."""
        schemas = [self.schema, *(model.json_schema for model in self.models.values())]
        if weight_of(schemas, limit=_SMALL) > _SMALL:
            return False
        return all(math.isfinite(steps(pattern, 0)) for pattern in patterns_in(schemas))

    @cached_property
    def wire(self) -> bytes:
        """Its form on the way to a process that checks."""
        models = {alias: model.to_wire() for alias, model in self.models.items()}
        return json.dumps({"schema": self.schema, "models": models}).encode()

    @cached_property
    def key(self) -> str:
        """What is the same for equal contracts, and differs for others."""
        return blob_digest(self.wire)

    @classmethod
    def read(cls, wire: bytes) -> "Contract":
        """Return the contract that the wire form is of."""
        read: dict[str, Any] = json.loads(wire)
        models = {
            alias: SharedModel.model_validate(model) for alias, model in read["models"].items()
        }
        return cls(read["schema"], models)


_inputs: FIFOCache[int, tuple[NotebookSpec, Contract | None]] = FIFOCache(_KEPT)


def contract_of(spec: NotebookSpec) -> Contract | None:
    """Return what a notebook's parameters have to fit, None where that is anything.

    The same one for the same spec: what was proved of it is not proved at every call.
    """
    kept = _inputs.get(id(spec))
    if kept is None or kept[0] is not spec:
        has_contract = spec.input is not None and not spec.inferred
        kept = (spec, Contract(spec.input or {}, spec.models) if has_contract else None)
        _inputs[id(spec)] = kept
    return kept[1]
