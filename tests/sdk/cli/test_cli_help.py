"""Every command as somebody meets it who has never seen it: `--help`, its examples, its forms."""

import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

import typer
import yaml
from rich.cells import cell_len
from typer.testing import CliRunner

from podbook_cli.app import app
from podbook_cli.printing.formats import laid_out
from podbook_cli.printing.printed_yaml import yaml_text

Path = tuple[str, ...]

# What is printed is no object: text of somebody else, a name, a file to apply, or nothing.
_NO_OBJECT: Final = {
    *("up", "mcp", "new", "adopt", "logs", "open", "render"),
    *("warm flush", "context use", "context add", "context remove"),
    *("worker start http", "worker start grpc"),
}
# What one thing is called everywhere else; see the words of the documents.
_OTHER_WORDS: Final = re.compile(r"(?i)\b(jobs?|tasks?|resubmit|repair|repeat|catalog target)\b")
# A type of Python behind an option, where a word would say what to write.
_TYPES: Final = re.compile(r"(?m)^│[ *]+-.*<(str|bool|path|list\[str\]|int|float|int range)>")


def commands(command: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL: Final = dict(commands(typer.main.get_command(app)))


def test_a_newcomer_reads_what_each_command_does_and_copies_a_call() -> None:
    for path, command in ALL.items():
        name = " ".join(path)
        shown = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*path, "--help"])
        assert shown.exit_code == 0, name
        assert max(map(cell_len, shown.stdout.splitlines())) <= 80, name
        assert "--help" in shown.stdout, name
        assert command.help, name
        assert command.help[0].isupper(), name
        assert command.help.strip().endswith("."), name
        assert not _OTHER_WORDS.search(shown.stdout), name
        for parameter in command.params:
            if not getattr(parameter, "hidden", False):
                assert re.fullmatch(r"(?s)[A-Z0-9].*\S", parameter.help or ""), (name, parameter)
        assert not _TYPES.search(shown.stdout), name
        assert _examples(command), f"podbook {name} has no example"


def _examples(command: Any) -> list[str]:
    return re.findall(r"`([^`]+)`", command.epilog or "")


def test_every_example_is_a_call_of_its_command() -> None:
    for path, command in ALL.items():
        for example in _examples(command):
            assert len(example) < 79, example
            words = shlex.split(re.split(r" [|>] ", example)[0])
            assert words[: len(path) + 1] == ["podbook", *path], example
            called, rest = _called(words[1:])
            # Raises where an option is not there, or an argument is missing.
            called.make_context(example, rest, resilient_parsing=False)


def _called(words: list[str]) -> tuple[Any, list[str]]:
    for length in range(len(words), 0, -1):
        if tuple(words[:length]) in ALL:
            return ALL[tuple(words[:length])], words[length:]
    raise AssertionError(words)


def test_what_prints_objects_takes_a_form() -> None:
    for path, command in ALL.items():
        if hasattr(command, "commands"):
            continue
        forms = [p for p in command.params if "--format" in p.opts]
        assert bool(forms) is (" ".join(path) not in _NO_OBJECT), path
        shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*path, "--help"]).stdout
        assert not forms or "<table|" in shown, path
        assert not forms or "json|yaml|jsonl>" in shown, path


def test_what_is_printed_as_yaml_is_read_as_it_was_meant_by_kubectl_too() -> None:
    """Go's reader takes more words for booleans, and more texts for numbers, than Python's."""
    odd = [
        "y",
        "N",
        "yes",
        "Off",
        "null",
        "~",
        "1e3",
        "0o14",
        "1_000",
        "1:30",
        ".inf",
        "-",
        "",
        "=",
    ]
    value = {"a": odd, "plain": "reports/daily", "lines": "1\n2", **dict.fromkeys(odd, "é 日本")}

    text = yaml_text(value)

    assert yaml.safe_load(text) == value
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        f"- '{each}'" for each in odd
    ]
    assert all(f"'{each}': é 日本\n" in text for each in odd if each)
    assert "plain: reports/daily\n" in text


def test_a_table_is_no_wider_than_the_terminal() -> None:
    long = "reports/" + "x" * 90 + "/monthly"
    lines = [["Id", "Notebook", "Phase"], ["3f2a91c4", long, "Succeeded"], ["4", "日本" * 20, "-"]]

    for line in laid_out(lines, 80):
        assert cell_len(line) <= 80
    _, first, _ = laid_out(lines, 80)
    assert re.fullmatch(r"3f2a91c4  reports/x+…x+/monthly  Succeeded", first)
    # In a pipe, or where there is room, nothing is cut.
    for width in (None, 200):
        assert laid_out(lines, width)[1] == f"3f2a91c4  {long}  Succeeded"
    # A terminal of a few places shows something of each column.
    assert all(laid_out([["a" * 20] * 9] * 2, 10))
