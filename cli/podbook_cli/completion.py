"""What the shell offers after TAB: notebooks, parameters and runs of the server that is meant."""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import typer

from podbook_cli.servers.target import Target
from podbook_cli.servers.which import resolved

_RUNS: Final = 50
# Somebody waits with a finger on the key.
_SECONDS: Final = 2.0
_NAMES: Final = ("@last", "@failed")


def _quietly(offers: Callable[[Any, typer.Context], Iterator[Any]]) -> Callable[..., list[Any]]:
    """Return a completion that offers nothing where there is no server, or it refuses."""

    def completed(ctx: typer.Context, incomplete: str) -> list[Any]:
        try:
            with _target(ctx).client(timeout=_SECONDS, is_patient=False) as client:
                return [o for o in offers(client, ctx) if _text(o).startswith(incomplete)]
        except Exception:
            # Of whatever kind: a shell that completes shows no error, it offers nothing.
            return []

    return completed


def _text(offer: Any) -> str:
    return str(offer[0] if isinstance(offer, tuple) else offer)


def _target(ctx: typer.Context) -> Target:
    given = ctx.params
    target = Target(
        given.get("url"),
        given.get("token_file") or given.get("token"),
        _path(given.get("directory")),
        _path(given.get("data_dir")),
    )
    return resolved(target, context=given.get("context"), environment=os.environ)


def _path(value: Any) -> Path | None:
    return None if value is None else Path(value)


def _notebooks(client: Any, _ctx: typer.Context) -> Iterator[Any]:
    for row in client.search():
        yield row["id"], row["title"] or ""


def _parameters(client: Any, ctx: typer.Context) -> Iterator[Any]:
    # Behind an option that still lacks its value, what was given is no parameter yet.
    notebook = ctx.params.get("notebook") or ctx.args[0]
    contract = client.notebook(notebook).get("input") or {}
    given = {pair.partition("=")[0] for pair in ctx.params.get("parameter") or []}
    for name, schema in (contract.get("properties") or {}).items():
        if name not in given:
            yield f"{name}=", str(schema.get("description") or schema.get("type") or "")


def _executions(client: Any, _ctx: typer.Context) -> Iterator[Any]:
    for row in islice(client.executions(page=_RUNS), _RUNS):
        yield row["id"], f"{row['notebook'] or 'inline'} {row['phase']}"
    yield from ((name, "the newest run") for name in _NAMES)


def _pages(client: Any, ctx: typer.Context) -> Iterator[Any]:
    yield from _notebooks(client, ctx)
    yield from _executions(client, ctx)


notebooks = _quietly(_notebooks)
parameters = _quietly(_parameters)
executions = _quietly(_executions)
pages = _quietly(_pages)
