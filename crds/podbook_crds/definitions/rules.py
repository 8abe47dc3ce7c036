"""The CEL rules of the CustomResourceDefinitions: what no write may do, whoever makes it.

A rule cannot see below x-kubernetes-preserve-unknown-fields; what is about parameters stands in
policy.py.
"""

from typing import Final

from podbook_crds.ends.phases import FINAL

_FINAL: Final = ", ".join(f"'{phase}'" for phase in sorted(FINAL))

# At the root of the schema: on `status` itself, writing `status: null` would slip past.
ROOT_RULES: Final = [
    {
        "rule": (
            "!has(oldSelf.status) || !has(oldSelf.status.phase) ||"
            f" !(oldSelf.status.phase in [{_FINAL}]) ||"
            " (has(self.status) && has(self.status.phase)"
            " && self.status.phase == oldSelf.status.phase"
            " && has(self.status.reason) == has(oldSelf.status.reason)"
            " && (!has(self.status.reason) || self.status.reason == oldSelf.status.reason)"
            " && has(self.status.finishedAt) == has(oldSelf.status.finishedAt)"
            " && (!has(self.status.finishedAt)"
            " || self.status.finishedAt == oldSelf.status.finishedAt))"
        ),
        "message": "a final phase, its reason and its finishedAt never change",
    }
]

SPEC_RULES: Final = [
    {
        "rule": "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)",
        "message": "cancel, once true, stays true",
    }
]

NOTEBOOK_REF_RULES: Final = [
    {
        "rule": "[has(self.name), has(self.ipynb), has(self.blob)].filter(x, x).size() == 1",
        "message": "notebook holds exactly one of name, ipynb and blob",
    },
    {"rule": "self == oldSelf", "message": "notebook is immutable"},
]

SOURCE_RULES: Final = [
    {"rule": "has(self.ipynb) != has(self.blob)", "message": "a source is either ipynb or blob"}
]
