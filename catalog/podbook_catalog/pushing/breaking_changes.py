"""Judges what a push would change for callers, and says it in words."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from podbook_catalog.compatibility.verdicts import Judgement, Side, judge
from podbook_catalog.pushing.plan import Change, Step
from podbook_catalog.pushing.rest import CatalogServer

_SHOWN: Final = 200


def judged(steps: Iterable[Step], server: CatalogServer) -> dict[str, Judgement]:
    """Return what each change of a notebook that is there means to its callers."""
    found = {}
    for step in steps:
        if step.change is Change.CHANGED and step.entry is not None:
            there = server.notebook(step.id)
            if there is not None:
                found[step.id] = judge(step.id, Side.of(there), Side.of(step.entry.wire))
    return found


def told(found: Judgement) -> Iterator[str]:
    """Yield the lines that say what breaks, and by which example."""
    for finding in found.findings:
        yield f"{found.notebook}: {finding.pointer or '/'}: {finding.message}"
    for name, (value, why) in found.examples.items():
        before = "a call that was valid" if name == "input" else "an output that is valid now"
        yield f"{found.notebook}: {before}: {_shown(value)}  ({why.strip(': ')})"


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
