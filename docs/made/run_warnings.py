"""Writes the reference of the warnings: those of runs, and those that `podbook check` tells."""

from typing import Final, NamedTuple

from podbook_crds.ends.warning_advice import MEANINGS
from podbook_crds.resources.warning import DETAIL_LIMIT, PREFIX, WARNINGS_LIMIT

_OF_RUNS: Final = f"""\
# Warnings, and what to do

## Of a run

What is worth knowing of a run and changed nothing about its end stands in `status.warnings` and in
`warnings` of its answer, on its page and in lists with a ⚠, with agents before the output: at most
{WARNINGS_LIMIT}, of at most {DETAIL_LIMIT} characters each. One is
`{{"type", "pointer", "detail", "suggestion", "cell"}}`; `type` is `{PREFIX}` and one of the
names below. The list may grow: meet a name that you do not know as you would meet any other.

| name | what happened | what to do |
|---|---|---|
"""
_OF_FOLDERS: Final = """\

## Of a folder

`podbook check` tells them with `warning: ` before the file, `podbook up` those that concern what is
served. They keep no notebook from being served, and `check` exits with 0.

| it says | what to do |
|---|---|
"""


class Told(NamedTuple):
    """A warning about a folder, with `…` for what differs, and what to do about it."""

    sentence: str
    advice: str


OF_FOLDERS: Final = (
    Told(
        "… files are not served: their names are no UTF-8",
        "Rename them: no address and no JSON can hold such a name.",
    ),
    Told("… cannot be read: …", "Let whoever serves the folder read it, or name it in `skip`."),
    Told(
        "… cannot be read, and goes along with no notebook: …",
        "Let whoever serves the folder read it; runs do not find it.",
    ),
    Told(
        "… and others do not go along by themselves with the notebooks of …: …",
        "Name what a notebook needs under `files` of its config; large data belong into a bucket.",
    ),
    Told(
        "… files are too large or too many to go along by themselves; name them under `files`",
        "The same, for this notebook.",
    ),
    Told(
        "`…` has no effect: … does not know it",
        "Name the dialect that knows the keyword by `$schema`, or write it as this one does.",
    ),
    Told(
        "the parameter `…` is called like a secret, and shown to everybody who may look: …",
        "Take it from a Secret by `runtime.envFrom`; or `writeOnly: true` masks it in every view, "
        "and the executed notebook holds it still.",
    ),
    Told(
        "there is no ….ipynb beside it",
        "Rename the config as its notebook is called, or delete it.",
    ),
    Told(
        "it is not read: a notebook's config is JSON, in ….config.json",
        "Write it as JSON into that file.",
    ),
    Told(
        "it is not read: settings of a catalog are TOML, in podbook.toml",
        "Write them as TOML into that file.",
    ),
    Told(
        "it leads out of the folder: …",
        "Nothing, where a push alone brings the folder to others; else put a copy in its place.",
    ),
)


def warnings() -> str:
    """Return the text of the document."""
    of_runs = "".join(
        f"| `{kind}` | {meaning.sentence} | {meaning.advice} |\n"
        for kind, meaning in sorted(MEANINGS.items())
    )
    of_folders = "".join(f"| {told.sentence} | {told.advice} |\n" for told in OF_FOLDERS)
    return f"{_OF_RUNS}{of_runs}{_OF_FOLDERS}{of_folders}"
