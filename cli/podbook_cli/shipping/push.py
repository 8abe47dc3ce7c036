"""Pushes a folder to a server's catalog, and tells what became of each notebook."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from podbook_catalog.pushing.gate import judged, told
from podbook_cli.exits import BAD_INPUT, SUCCEEDED
from podbook_cli.shipping.reading import catalog_server, read_folder

if TYPE_CHECKING:
    from podbook_catalog.pushing.push import Done, Options
    from podbook_cli.servers.target import Target

_SHOWN = 19  # Of a digest: `sha256:` and what tells it from any other of a catalog.


def push(
    folder: Path,
    target: "Target",
    options: "Options",
    *,
    allow_breaking: bool,
    python: Path | None,
) -> int:
    """Return the exit code: 0 where everything is as the folder is."""
    from podbook_catalog.pushing.origin import origin_of
    from podbook_catalog.pushing.plan import steps
    from podbook_catalog.pushing.push import Push

    snapshot = read_folder(folder, python)
    with catalog_server(target) as server:
        prefix = "would push" if options.dry_run else "pushing"
        sys.stdout.write(f"{prefix} {folder} to {server.url} as catalog {snapshot.name!r}\n")
        needed = steps(snapshot.entries, server.notebooks(), catalog=snapshot.name)
        verdicts = judged(needed, server)
        breaking = [v for v in verdicts.values() if v.is_breaking]
        if breaking and not allow_breaking:
            sys.stdout.flush()
            sys.stderr.write("".join(f"{line}\n" for v in breaking for line in told(v)))
            sys.stderr.write("callers would break: nothing was pushed; --allow-breaking does\n")
            return BAD_INPUT
        one = Push(
            snapshot,
            server,
            options,
            origin_of(snapshot.root),
            {notebook: found.verdict for notebook, found in verdicts.items()},
        )
        # Each is told as it is done: what ends in the middle says how far it came.
        refused = [done for done in one.carry_out(needed) if _tell(done, options)]
    return BAD_INPUT if refused else SUCCEEDED


def _tell(done: "Done", options: "Options") -> bool:
    """Print one line; tell whether the notebook was refused."""
    from podbook_catalog.pushing.plan import Change

    word = done.step.change.value
    if done.refused:
        sys.stdout.flush()
        sys.stderr.write(f"refused    {done.step.id}: {done.refused}\n")
        return True
    if done.step.change is Change.REMOVED and not options.prune:
        sys.stdout.write(f"left       {done.step.id}  the folder has it no more; see --prune\n")
        return False
    version = "" if done.version is None else f"  version {done.version}"
    sys.stdout.write(f"{word:<10} {done.step.id}  {(done.digest or '')[:_SHOWN]}{version}\n")
    return False
