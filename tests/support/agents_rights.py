"""What an agent with a token of each account is shown, and what it may call."""

from typing import Any, Final

from podbook_crds import names
from tests.support.role_table import ID, MINE, OTHER, Rules

N, E = names.NOTEBOOK_PLURAL, names.EXECUTION_PLURAL
# Beside the accounts of the table: one for an agent that is there for a single notebook.
AGENTS_OWN: Final = "has-one-notebook"
OWN_RULES: Final[Rules] = [
    *((["list"], N, []), (["execute"], N, ["book"])),
    *((["create"], E, []), (["get"], E, [])),
]

ALWAYS_LISTED: Final = ["describe_notebook", "get_execution", "get_artifact"]
# What is listed beside those: six tools that are always there, and the notebooks by name.
LISTED: Final[dict[str, set[str]]] = {
    "nothing": set(),
    "lists-notebooks": {"list_notebooks"},
    "reads-one-notebook": set(),
    "runs": {"run_notebook"},
    AGENTS_OWN: {"list_notebooks", "run_notebook", "team_book"},
    "cancels": {"cancel_execution"},
    "does-everything": {
        *("list_notebooks", "run_notebook", "cancel_execution"),
        *("team_book", "rest"),
    },
}
# Who calls which tool with what: a part of what is said, or None where it may.
CALLED: Final[list[tuple[str, str, dict[str, Any], str | None]]] = [
    ("lists-notebooks", "list_notebooks", {}, None),
    ("runs", "list_notebooks", {}, "may not list notebooks"),
    ("reads-notebooks", "describe_notebook", {"notebook": "rest"}, None),
    ("reads-one-notebook", "describe_notebook", {"notebook": ID}, None),
    ("reads-one-notebook", "describe_notebook", {"notebook": "rest"}, "may not get notebooks"),
    # Not a word of whether there is such a notebook.
    ("reads-one-notebook", "describe_notebook", {"notebook": "none"}, "may not get notebooks"),
    ("lists-notebooks", "team_book", {}, "may not create notebookexecutions"),
    ("lists-notebooks", "run_notebook", {"notebook": ID}, "may not create notebookexecutions"),
    ("nothing", "run_notebook", {"notebook": "none"}, "may not create notebookexecutions"),
    ("nothing", "no_such_tool", {}, "may not create notebookexecutions"),
    ("runs", "rset", {}, "no tool is called 'rset'; list_notebooks"),
    ("does-everything", "rset", {}, "did you mean 'rest'?"),
    ("runs-another", "team_book", {}, "may not execute notebook 'team/book'"),
    ("runs-another", "run_notebook", {"notebook": "none"}, "may not execute notebook 'none'"),
    ("runs-another", "no_such_tool", {}, "may not execute notebook 'no_such_tool'"),
    (AGENTS_OWN, "rest", {}, "may not execute notebook 'rest'"),
    (AGENTS_OWN, "run_notebook", {"notebook": ID, "parameters": []}, "/parameters"),
    (AGENTS_OWN, "team_book", {"no": 1}, "/parameters/no"),
    ("reads-one", "get_execution", {"executionId": MINE}, None),
    ("reads-one", "get_execution", {"executionId": OTHER}, "may not get notebookexecutions"),
    ("reads-one", "get_artifact", {"executionId": OTHER, "name": "output.json"}, "may not get"),
    ("cancels", "get_execution", {"executionId": MINE}, "may not get notebookexecutions"),
    ("cancels-one", "cancel_execution", {"executionId": OTHER}, "may not update"),
]
