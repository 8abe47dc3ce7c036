"""`podbook test`: runs the examples of a folder, and says where something is not as expected."""

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from podbook.calling.rest import Rest
from podbook_cli.exits import CLUSTER_FAULT, NOTEBOOK_FAILED, SUCCEEDED, BadInput
from podbook_cli.printing.formats import Format, is_for_programs, print_rows
from podbook_cli.servers.own_server import own_server
from podbook_cli.servers.target import Target
from podbook_cli.shipping import junit, updates
from podbook_cli.shipping.trials import Outcome, Trial, attempt
from podbook_crds.formats.durations import spelled
from podbook_crds.resources.example import Example

if TYPE_CHECKING:
    from podbook_catalog.checks.checked import Checked
    from podbook_catalog.checks.faults import Fault
    from podbook_catalog.entries.catalog_entry import Entry

# A server has its own slots: so many only wait at once.
_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command's options say."""

    folder: Path
    python: Path | None = None
    junit: Path | None = None
    update: bool = False
    keep: Path | None = None
    shape: Format | None = None


def try_folder(wanted: Wanted, target: Target) -> int:
    """Run everything, print what differs, and return the exit code."""
    from podbook_catalog.checks.checked import check_folder

    if not wanted.folder.is_dir():
        raise BadInput(f"{wanted.folder}: there is no such folder")
    root = Path(os.path.abspath(wanted.folder))
    checked = check_folder(root, python=wanted.python, environment=os.environ)
    outcomes, trials = planned(checked)
    kept = wanted.keep or Path(tempfile.mkdtemp(prefix="podbook-test-"))
    kept.mkdir(parents=True, exist_ok=True)
    outcomes += _run(trials, root, kept, wanted, target)
    if wanted.junit is not None:
        wanted.junit.write_bytes(junit.report(outcomes))
    if wanted.update:
        outcomes = updates.updated(outcomes, root)
    outcomes.sort(key=lambda o: o.trial.entry.path)
    if is_for_programs(wanted.shape):
        rows = [*(o.to_json() for o in outcomes), *map(_row, _elsewhere(checked))]
        print_rows(rows, wanted.shape, columns={}, fields=())
    else:
        _say(outcomes, checked)
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    sys.stderr.write(f"{len(outcomes)} looked at, {failed} failed; runs are kept in {kept}\n")
    return _code(outcomes, checked)


def planned(checked: "Checked") -> tuple[list[Outcome], list[Trial]]:
    """Return what is known without a run, and what is to be run."""
    known, trials = [], []
    for entry in checked.entries:
        config = entry.path.with_name(f"{entry.path.stem}.config.json").as_posix()
        files = {entry.path.as_posix(), config}
        wrong = [str(fault) for fault in checked.errors if fault.file in files]
        contract = Trial(entry, "contract", Example(name="contract"))
        known.append(Outcome(contract, wrong, kind="Contract"))
        if entry.spec.problem:
            continue
        trials += [
            Trial(entry, f"example {example.name}", example, index)
            for index, example in enumerate(entry.spec.examples)
        ]
        if not entry.spec.examples:
            defaults, missing = _defaults(entry)
            why = f"it requires {', '.join(missing)}: write an example"
            if missing:
                known.append(Outcome(defaults, skipped=why))
            else:
                trials.append(defaults)
    return known, trials


def _defaults(entry: "Entry") -> tuple[Trial, list[str]]:
    """Return a trial with what the contract itself shows, and what it requires and does not."""
    schema: dict[str, Any] = entry.spec.input or {}
    declared = schema.get("properties") or {}
    shown = {
        name: inner["examples"][0]
        for name, inner in declared.items()
        if isinstance(inner, dict) and isinstance(inner.get("examples"), list) and inner["examples"]
    }
    missing = [name for name in schema.get("required") or [] if name not in shown]
    return Trial(entry, "defaults", Example(name="defaults", parameters=shown)), missing


def _run(
    trials: list[Trial], root: Path, kept: Path, wanted: Wanted, target: Target
) -> list[Outcome]:
    if not trials:
        return []
    with _client(root, wanted, target) as client, ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda trial: attempt(trial, client, kept), trials))


@contextmanager
def _client(root: Path, wanted: Wanted, target: Target) -> Iterator[Rest]:
    """Give a client of the server that is named, else of one that is there for this alone."""
    if target.is_named:
        with target.client() as client:
            yield client
        return
    with (
        tempfile.TemporaryDirectory(prefix="podbook-test-data-") as data,
        own_server(root, data_dir=Path(data), python=wanted.python) as url,
        Rest(url) as client,
    ):
        yield client


def _say(outcomes: list[Outcome], checked: "Checked") -> None:
    for outcome in outcomes:
        name = f"{outcome.trial.entry.id}: {outcome.trial.name}"
        sys.stdout.write(f"{outcome.verdict:4}  {name}  ({spelled(outcome.seconds)})\n")
        for line in (outcome.skipped, *outcome.failures):
            sys.stdout.write(f"      {line}\n" if line else "")
        if outcome.failures and outcome.kept:
            sys.stdout.write(f"      {outcome.kept}\n")
    for fault in _elsewhere(checked):
        sys.stdout.write(f"FAIL  {fault}\n")


def _elsewhere(checked: "Checked") -> "Iterator[Fault]":
    """Yield what is wrong in files that are of no single notebook."""
    known = {entry.path.as_posix() for entry in checked.entries}
    for fault in checked.errors:
        if fault.file not in known and not any(fault.file.startswith(p[:-6]) for p in known):
            yield fault


def _row(fault: "Fault") -> dict[str, Any]:
    """Return a row like those of outcomes."""
    own = {"notebook": None, "name": fault.file, "verdict": "FAIL", "seconds": 0.0}
    return {**own, "failures": [str(fault)], "kept": None}


def _code(outcomes: list[Outcome], checked: "Checked") -> int:
    failed = [outcome for outcome in outcomes if outcome.failures]
    if any(outcome.is_our_fault for outcome in failed):
        return CLUSTER_FAULT
    return NOTEBOOK_FAILED if failed or checked.errors else SUCCEEDED
