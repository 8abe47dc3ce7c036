"""One line of the log for each write that a caller asked for: who did what to which run."""

import json
import logging

from podbook_api.auth.rbac import User
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.formats.log_lines import FIELDS
from podbook_crds.resources.execution import Execution

_log = logging.getLogger("podbook_api.access")


def wrote(verb: str, execution: Execution, *, by: User, surface: Surface) -> None:
    """Tell of a create, a cancel or a delete, as one line of JSON; ASCII, so it stays one line."""
    notebook_id = execution.annotations.get(names.NOTEBOOK_ID_ANNOTATION)
    told = {
        "caller": by.shown,
        "verb": verb,
        "notebook": notebook_id or execution.spec.notebook.name,
        "execution": execution.name,
        "surface": surface.value,
    }
    _log.info(json.dumps(told), extra={FIELDS: told})


def changed(verb: str, notebook_id: str, *, by: User) -> None:
    """Tell of a push or a deletion of a notebook, likewise."""
    told = {"caller": by.shown, "verb": verb, "notebook": notebook_id, "surface": Surface.V1.value}
    _log.info(json.dumps(told), extra={FIELDS: told})
