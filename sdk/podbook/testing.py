"""For tests of one's own: `run_notebook("analysis.ipynb", {…})` without a server.

Needs `podbook[runner]`. `podbook test` runs the examples of a folder as a server does.
"""

from podbook_cli.shipping.without_a_server import NotebookRaised, Ran, Unfit, run_notebook

__all__ = ["NotebookRaised", "Ran", "Unfit", "run_notebook"]
