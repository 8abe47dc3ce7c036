"""Types a command of the command line, in this process: what it prints and how it ends."""

from dataclasses import dataclass

from typer import Typer
from typer.testing import CliRunner


@dataclass(frozen=True, slots=True)
class Typed:
    code: int
    out: str
    err: str


def run(app: Typer, *words: str) -> Typed:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Typed(done.exit_code, done.stdout, done.stderr)
