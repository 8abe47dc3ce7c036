"""The sets of names that programs match on, and that may grow.

Where one stands in an answer it is `Enum | str`. For phases, reasons and faults the enum is the
contract's own; these are told by a name after a prefix.
"""

from typing import Annotated, Final, get_args

from pydantic import WithJsonSchema
from typing_extensions import TypeAliasType

from podbook_api.http import problems
from podbook_crds.resources import warning

_MORE: Final = "More may come: take what you do not know as what it is, a text."

ProblemType = TypeAliasType(
    "ProblemType",
    Annotated[
        str,
        WithJsonSchema(
            {
                "type": "string",
                "description": f"What kind of problem it is, for programs. {_MORE}",
                "enum": [f"{problems.PROBLEM_PREFIX}{kind}" for kind in get_args(problems.Kind)],
            }
        ),
    ],
)
WarningType = TypeAliasType(
    "WarningType",
    Annotated[
        str,
        WithJsonSchema(
            {
                "type": "string",
                "description": f"What a warning is about, for programs. {_MORE}",
                "enum": [f"{warning.PREFIX}{kind}" for kind in warning.Kind],
            }
        ),
    ],
)
