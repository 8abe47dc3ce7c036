"""Decides which server is meant: options, then the environment, then the folder, then habit."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from podbook_cli.exits import BadInput
from podbook_cli.servers import contexts
from podbook_cli.servers.contexts import Context
from podbook_cli.servers.target import Target

# Seconds in which a pod that is replaced comes back.
_PATIENCE: Final = 60.0


def resolved(target: Target, *, context: str | None, environment: Mapping[str, str]) -> Target:
    """Return the target with the URL and token of the server that is meant.

    `--url`, `--context`, PODBOOK_URL, PODBOOK_CONTEXT, the `podbook up` that serves the folder,
    and at last what `context use` says. Raises BadInput and NoServer.
    """
    found = meant(target, context=context, environment=environment)
    return found if isinstance(found, Target) else reached(target, found, environment)


def meant(
    target: Target, *, context: str | None, environment: Mapping[str, str]
) -> Target | Context:
    """Return the same, with no way made to it: a context stays what it is. Raises BadInput."""
    if target.url is not None:
        return target
    if context is not None:
        return _named(context, environment)
    if url := environment.get("PODBOOK_URL"):
        return replace(target, url=url)
    if named := environment.get("PODBOOK_CONTEXT"):
        return _named(named, environment)
    known = contexts.read(contexts.place(environment))
    # Who names a folder means its server, be it there or not.
    is_about_a_folder = target.directory is not None or target.data_dir is not None
    if known.used is None or is_about_a_folder or target.running_url() is not None:
        return target
    return known.named(known.used)


def _named(name: str, environment: Mapping[str, str]) -> Context:
    return contexts.read(contexts.place(environment)).named(name)


def reached(target: Target, context: Context, environment: Mapping[str, str]) -> Target:
    """Return the target with URL and token of a context; raises BadInput and NoServer."""
    if context.url is not None:
        return replace(target, url=context.url, token=_chosen(target, _token(context), environment))
    from podbook_cli.servers.forwarded import forwarded

    url, token = forwarded(context, environment)
    # A pod that is replaced takes its connections along: what only reads is asked once more.
    return replace(target, url=url, token=_chosen(target, token, environment), patience=_PATIENCE)


def _chosen(target: Target, own: str | None, environment: Mapping[str, str]) -> str | None:
    """Return the token to show: what PODBOOK_TOKEN holds may be another server's."""
    is_typed = target.token is not None and target.token != environment.get("PODBOOK_TOKEN")
    return target.token if is_typed else own or target.token


def _token(context: Context) -> str | None:
    """Return what the context's token file holds now."""
    if context.token_file is None:
        return None
    try:
        return Path(context.token_file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{context.token_file} cannot be read: {error}") from error
