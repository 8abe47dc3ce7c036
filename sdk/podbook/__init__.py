"""What notebooks and people import: save_output, shared models, the client, the command line.

Notebooks import it in every kernel: whatever is not the standard library is imported on first use.
"""

from podbook.save_output import save_output

__all__ = ["save_output"]
