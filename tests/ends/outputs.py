"""Ends that the output decides."""

from typing import Final

from tests.support.ends import End

_ONE_NUMBER: Final = {
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
}
_SAVES: Final = "from podbook import save_output\n"
_SAVES_TEXT: Final = (_SAVES + "save_output({'number': 'five'})",)
_OUTPUT: Final = frozenset({"output.json"})

OUTPUTS: Final[list[End]] = [
    End(
        sentence="an output that fits",
        cells=(_SAVES + "save_output({'number': 5})",),
        config={"output": _ONE_NUMBER},
        reason="NotebookCompleted",
        output={"number": 5},
        artifacts=_OUTPUT,
    ),
    End(
        sentence="an output that does not fit",
        cells=_SAVES_TEXT,
        config={"output": _ONE_NUMBER},
        reason="OutputInvalid",
        said="/number",
        output={"number": "five"},
        artifacts=_OUTPUT,
    ),
    End(
        sentence="an output that does not fit where that is reported",
        cells=_SAVES_TEXT,
        config={"output": _ONE_NUMBER, "outputValidation": "report"},
        reason="NotebookCompleted",
        said="/number",
        output={"number": "five"},
        artifacts=_OUTPUT,
    ),
    End(
        sentence="an output that does not fit where nobody looks",
        cells=_SAVES_TEXT,
        config={"output": _ONE_NUMBER},
        options={"outputValidation": "off"},
        reason="NotebookCompleted",
        output={"number": "five"},
        artifacts=_OUTPUT,
    ),
    End(
        sentence="an output that was never saved",
        config={"output": _ONE_NUMBER},
        reason="OutputMissing",
    ),
    End(
        sentence="an output that is no JSON",
        cells=(_SAVES + "save_output(object())",),
        config={"output": _ONE_NUMBER},
        reason="NotebookRaised",
        said="cannot be saved as JSON",
        raised="NotSerialisable",
        artifacts=frozenset({"exception.txt"}),
    ),
    End(
        sentence="an output too large for the status",
        cells=(_SAVES + "save_output({'number': 5, 'text': 'x' * 20_000})",),
        config={"output": _ONE_NUMBER},
        reason="NotebookCompleted",
        output={"number": 5, "text": "x" * 20_000},
        artifacts=_OUTPUT,
    ),
    End(
        sentence="an output too large for any answer",
        cells=(_SAVES + "save_output(['x' * 1_000_000] * 6)",),
        reason="NotebookCompleted",
        artifacts=_OUTPUT,
    ),
    End(
        sentence="an output beyond every limit",
        cells=(_SAVES + "save_output('x' * 40_000_000)",),
        config={"output": {"type": "string"}},
        reason="OutputInvalid",
        said="the limit is",
    ),
    End(
        sentence="an output beyond every limit where nobody looks",
        cells=(_SAVES + "save_output('x' * 40_000_000)",),
        options={"outputValidation": "off"},
        reason="NotebookCompleted",
        said="the limit is",
    ),
    End(
        sentence="an output that was saved before a cell raised",
        cells=(_SAVES + "save_output({'number': 5})", "1 / 0"),
        config={"output": _ONE_NUMBER},
        reason="NotebookRaised",
        raised="ZeroDivisionError",
        output={"number": 5},
        artifacts=_OUTPUT | {"exception.txt"},
    ),
    End(
        sentence="an output that is null",
        cells=(_SAVES + "save_output(None)",),
        reason="NotebookCompleted",
        output=None,
        artifacts=_OUTPUT,
    ),
]
