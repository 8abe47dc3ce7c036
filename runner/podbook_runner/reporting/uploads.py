"""Makes artifacts of what the runner itself holds: the notebook, the output, the traceback."""

import io

from podbook_crds.formats import media_types
from podbook_crds.formats.digests import digest_of
from podbook_crds.names import NOTEBOOK_ARTIFACT
from podbook_runner.reporting.intake import Upload


def notebook_upload(data: bytes) -> Upload:
    """Return the executed notebook as an artifact."""
    return bytes_upload(NOTEBOOK_ARTIFACT, media_types.IPYNB, data)


def bytes_upload(name: str, media_type: str, data: bytes) -> Upload:
    """Return bytes as an artifact."""
    return Upload(name, media_type, len(data), digest_of(data), lambda: io.BytesIO(data))
