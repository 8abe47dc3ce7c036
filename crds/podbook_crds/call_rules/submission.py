"""When an execution was asked for, which the API writes down and the API server's clock rounds."""

import re
from collections.abc import Mapping
from typing import Any, Final

from podbook_crds import names

# As `micro_time` writes it. Whoever makes executions writes annotations as well: lists are in the
# order of this text, and what is no time would stand first for ever.
_WRITTEN: Final = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{6}Z")


def submitted_at(annotations: Mapping[str, Any], *, created: str) -> str:
    """Return it with six digits of a second; created is the object's creationTimestamp."""
    written = annotations.get(names.SUBMITTED_ANNOTATION) or ""
    return written if _WRITTEN.fullmatch(written) else created.removesuffix("Z") + ".000000Z"
