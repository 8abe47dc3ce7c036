"""What the condition Ready of a notebook says, and which notebook stands behind an older one."""

from typing import Final

from podbook_crds import names
from podbook_crds.resources.notebook import Notebook

READY: Final = names.READY_CONDITION
DUPLICATE: Final = "DuplicateId"


def is_duplicate(notebook: Notebook) -> bool:
    """Tell whether another notebook of the same id was found to be older."""
    return any(c.type == READY and c.reason == DUPLICATE for c in notebook.status.conditions)
