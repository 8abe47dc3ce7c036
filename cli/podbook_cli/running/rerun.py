"""`podbook rerun`: the same again, or nearly."""

import signal

from podbook.calling.rest import Rest
from podbook_cli.looking.ids import resolved
from podbook_cli.running import parameters
from podbook_cli.running.run import Asked, see_through
from podbook_cli.servers.target import Target
from podbook_crds.call_rules.typed_texts import text_names


def rerun_execution(
    execution: str, pairs: list[str], *, target: Target, asked: Asked, same_version: bool
) -> int:
    """Run the notebook of an execution with its parameters and what changes; return the code."""
    asked.check()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with target.client() as client:
        name = resolved(client, execution)
        changed = parameters.read(pairs, [], texts=_texts(client, name) if pairs else frozenset())
        again = client.rerun(name, changed, same_version=same_version)
        return see_through(client, again, target, asked, is_lasting=True)


def _texts(client: Rest, execution: str) -> frozenset[str]:
    """Return the parameters that are text; of a notebook that is in no catalog none is known."""
    notebook = client.get(execution).view["notebook"]
    return text_names(client.notebook(notebook).get("input") or {}) if notebook else frozenset()
