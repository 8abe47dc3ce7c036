"""What keeps notebooks that are right by themselves from running on one certain server."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from podbook_catalog.checks.faults import Fault
from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.entries.draft import config_path
from podbook_crds.call_rules.limits import Limits, check_limits
from podbook_crds.errors import LimitExceeded

Json = dict[str, Any]


def faults_there(
    entries: Iterable[Entry], *, catalog: str, status: Json, served: Iterable[Json]
) -> Iterator[Fault]:
    """Yield what a push of the catalog, or the runs after it, would be refused for.

    status and served are what the server tells of its catalog, and its notebooks.
    """
    if not status["takesPushes"]:
        said = "pushing is switched off there: by the chart's catalog.push it is switched on"
        yield Fault("", "", said, is_error=False)
    there = {item["id"]: item for item in served}
    # An older server tells of neither.
    held, limits = status.get("environments"), Limits.model_validate(status.get("limits") or {})
    for entry in entries:
        if not entry.spec.problem:
            yield from _owner(entry, there.get(entry.id), catalog)
            yield from _environment(entry, held)
            yield from _limits(entry, limits)


def _owner(entry: Entry, there: Mapping[str, Any] | None, catalog: str) -> Iterator[Fault]:
    if there is None:
        return
    if there["managedBy"] in ("git", "up"):
        keeper = "a Git repository" if there["managedBy"] == "git" else "a folder of `podbook up`"
        yield _of(entry, f"{keeper} keeps the notebook {entry.id!r} there: change it in that")
    elif there["catalog"] != catalog:
        whose = f"the catalog {there['catalog']!r}" if there["catalog"] else "no catalog"
        yield _of(entry, f"{entry.id!r} is of {whose} there: `podbook push --take-over` takes it")


def _environment(entry: Entry, held: list[str] | None) -> Iterator[Fault]:
    runtime = entry.spec.runtime
    if held is None or runtime.environment in (None, *held) or runtime.image or runtime.command:
        return
    yield _of(
        entry,
        f"it says which packages it needs ({runtime.environment}), and no image holds them there:"
        " `podbook render DIR --dockerfile` prints one, to be named under the chart's"
        " `environments`",
    )


def _limits(entry: Entry, limits: Limits) -> Iterator[Fault]:
    try:
        check_limits({}, limits, runtime=entry.spec.runtime, defaults=entry.spec.defaults)
    except LimitExceeded as error:
        for violation in error.violations:
            is_runtimes = violation.pointer.startswith("/runtime")
            pointer = violation.pointer if is_runtimes else f"/defaults{violation.pointer}"
            yield Fault(config_path(entry.path).as_posix(), pointer, violation.message)


def _of(entry: Entry, sentence: str) -> Fault:
    return Fault(entry.path.as_posix(), "", sentence)
