"""Cells of text: Markdown as Jupyter reads it, with formulas, diagrams and attachments."""

import re
from typing import TYPE_CHECKING, Any, Final

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from podbook_api.artifacts.rendering.book import Json, text_of
from podbook_api.artifacts.rendering.kinds import notes

if TYPE_CHECKING:
    from podbook_api.artifacts.rendering.kinds.outputs import Outputs

_MATHS: Final = re.compile(r"\$[^$]+\$|\\\(|\\\[|\\begin\{")


class _Renderer(IPythonRenderer):
    """nbconvert's, with diagrams drawn where Markdown has them."""

    def __init__(self, outputs: "Outputs", attachments: Json) -> None:
        super().__init__(escape=False, attachments=attachments)
        self._outputs = outputs

    def block_mermaidjs(self, code: str) -> str:
        """Return a diagram as a figure."""
        return self._outputs.figure("mermaid", code.strip())

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return an image, or a sentence where its attachment was lost."""
        name = url.removeprefix("attachment:")
        if name != url and name not in self.attachments:
            return notes.note(f"The attachment {name[:100]} is not in the notebook.")
        return str(super().image(text, url, title))


def prose(source: str, attachments: Json, outputs: "Outputs") -> str:
    """Return Markdown as HTML."""
    if _MATHS.search(source):
        outputs.needs.add("mathjax")
    renderer = _Renderer(outputs, _usable(attachments))
    html = str(MarkdownWithMath(renderer=renderer).render(source))
    return outputs.own.resolve(html)


def _usable(attachments: Json) -> dict[str, dict[str, Any]]:
    """Return the attachments that have content: a copied cell may name one that was lost."""
    joined = {
        name: {kind: text_of(data) for kind, data in bundle.items()}
        for name, bundle in attachments.items()
        if isinstance(bundle, dict)
    }
    return {name: bundle for name, bundle in joined.items() if any(bundle.values())}
