"""Makes artifacts of what the runner itself holds: the notebook, the output, the traceback."""

import hashlib
import io
from typing import Final

from podbook_crds.names import NOTEBOOK_ARTIFACT
from podbook_runner.reporting.intake import Upload

NOTEBOOK_TYPE: Final = "application/x-ipynb+json"


def notebook_upload(data: bytes) -> Upload:
    """Return the executed notebook as an artifact."""
    return bytes_upload(NOTEBOOK_ARTIFACT, NOTEBOOK_TYPE, data)


def bytes_upload(name: str, media_type: str, data: bytes) -> Upload:
    """Return bytes as an artifact."""
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Upload(name, media_type, len(data), digest, lambda: io.BytesIO(data))
