"""`podbook cancel`, `keep` and `delete`: each names what it changes."""

import sys

from podbook.calling.rest import Rest
from podbook_cli.looking.ids import resolved


def cancel_executions(client: Rest, texts: list[str]) -> None:
    """Cancel every one; print the phase of each."""
    # All are found before the first is touched: a mistyped one stops nothing halfway.
    for name in [resolved(client, text) for text in texts]:
        sys.stdout.write(f"{client.cancel(name).phase}\n")


def keep_executions(client: Rest, texts: list[str], *, keep: bool) -> None:
    """Keep every one, or no longer; print the id of each."""
    for name in [resolved(client, text) for text in texts]:
        client.keep(name, keep=keep)
        sys.stdout.write(f"{name}\n")


def delete_executions(client: Rest, texts: list[str]) -> None:
    """Delete every one, after saying where; print the id of each."""
    names = [resolved(client, text) for text in texts]
    sys.stderr.write(f"On {client.url}\n")
    for name in names:
        client.delete(name)
        sys.stdout.write(f"{name}\n")
