"""Pushes a folder to a server's catalog, and tells what became of each notebook."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from podbook_catalog.pushing.breaking_changes import judged, told
from podbook_cli.exits import BAD_INPUT, SUCCEEDED
from podbook_cli.printing.formats import Format
from podbook_cli.shipping.reading import catalog_server, read_folder
from podbook_cli.shipping.told_steps import ToldSteps

if TYPE_CHECKING:
    from podbook_catalog.pushing.push import Options
    from podbook_cli.servers.target import Target


def push(
    folder: Path,
    target: "Target",
    options: "Options",
    *,
    allow_breaking: bool,
    python: Path | None,
    shape: Format | None,
) -> int:
    """Return the exit code: 0 where everything is as the folder is."""
    from podbook_catalog.pushing.origin import origin_of
    from podbook_catalog.pushing.plan import steps
    from podbook_catalog.pushing.push import Push

    snapshot = read_folder(folder, python)
    told_steps = ToldSteps(shape, prune=options.prune)
    with catalog_server(target) as server, told_steps:
        prefix = "would push" if options.dry_run else "pushing"
        told_steps.begin(f"{prefix} {folder} to {server.url} as catalog {snapshot.name!r}")
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
        refused = [done for done in map(told_steps.tell, one.carry_out(needed)) if done.refused]
    return BAD_INPUT if refused else SUCCEEDED
