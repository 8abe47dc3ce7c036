"""Brings a server's catalog to what a checked-out folder is, as far as it can run."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from podbook_catalog.pushing.breaking_changes import judged, told
from podbook_catalog.pushing.plan import Change, Step, steps
from podbook_catalog.pushing.push import Done, Options, Push
from podbook_catalog.pushing.rest import CatalogServer
from podbook_catalog.snapshot import Snapshot
from podbook_crds.protocol.followed_catalog import CatalogFault, fault
from podbook_crds.resources.pushed import Origin, Verdict

_GIT = "git"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done with a notebook that stands against something."""

    # All or nothing: one that cannot run keeps the others as they were, too.
    strict: bool = False
    allow_breaking: bool = True
    take_over: bool = False


@dataclass(slots=True)
class Brought:
    """What a pass came to."""

    # How many notebooks, by what became of them.
    changes: dict[Change, int] = field(default_factory=dict)
    faults: list[CatalogFault] = field(default_factory=list)


def bring(snapshot: Snapshot, server: CatalogServer, origin: Origin, rules: Rules) -> Brought:
    """Write what differs; raises NoAnswer and Declined where the server cannot be asked.

    What one notebook is refused for keeps no other back. A notebook that cannot run, or is not
    there any more while others cannot run, stays as it was.
    """
    broken = [entry for entry in snapshot.entries if entry.spec.problem]
    brought = Brought(faults=[_of(entry.id, entry.spec.problem) for entry in broken])
    needed = _wanted(snapshot, server, has_faults=bool(brought.faults))
    if rules.strict and brought.faults:
        return brought
    if not snapshot.entries and any(step.change is Change.REMOVED for step in needed):
        brought.faults.append(fault("the folder holds no notebook: nothing is taken out"))
        return brought
    verdicts: dict[str, Verdict] = {}
    held = set()
    for notebook, judgement in judged(needed, server).items():
        verdicts[notebook] = judgement.verdict
        if judgement.is_breaking and not rules.allow_breaking:
            held.add(notebook)
            brought.faults.append(
                _of(notebook, f"callers would break: {'; '.join(told(judgement))}")
            )
    options = Options(prune=True, take_over=rules.take_over, managed_by=_GIT)
    push = Push(snapshot, server, options, origin, verdicts)
    _count(push.carry_out(step for step in needed if step.id not in held), brought)
    return brought


def _wanted(snapshot: Snapshot, server: CatalogServer, *, has_faults: bool) -> list[Step]:
    whole = [entry for entry in snapshot.entries if not entry.spec.problem]
    needed = steps(whole, server.notebooks(), catalog=snapshot.name, managed_by=_GIT)
    # A config that cannot be read does not even say which notebook it was of.
    return [step for step in needed if not (has_faults and step.change is Change.REMOVED)]


def _count(done: Iterable[Done], brought: Brought) -> None:
    for each in done:
        if each.refused:
            brought.faults.append(_of(each.step.id, each.refused))
        else:
            change = each.step.change
            brought.changes[change] = brought.changes.get(change, 0) + 1


def _of(notebook: str, message: str | None) -> CatalogFault:
    return fault(message or "", notebook)
