"""Collects the files that the notebook left under artifacts/, and uploads what the run made."""

import hashlib
import mimetypes
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from podbook_crds import names
from podbook_crds.resources.execution import Artifact
from podbook_runner.files.safe_files import Beginning, UnsafeFile, open_beneath, regular_files
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.handing_in.intake import Gone, Intake, Rejected, Unreachable, Upload
from podbook_runner.handing_in.retries import Until

FILES_LIMIT: Final = 1000
# Bytes, of all files together.
SIZE_LIMIT: Final = 1024 * 1024 * 1024
UPLOADS_AT_A_TIME: Final = 4

# What Python's own table lacks; as registered.
_TYPES: Final = {".parquet": "application/vnd.apache.parquet"}

_CHUNK: Final = 1024 * 1024


def collect(place: WorkFolder) -> tuple[list[Upload], list[str]]:
    """Return the files under artifacts/ of the working folder, and what was left out and why."""
    uploads: list[Upload] = []
    left_out: list[str] = []
    room = SIZE_LIMIT
    below = f"{place.workdir}/{names.ARTIFACTS_FOLDER}".lstrip("/")
    for path in regular_files(place.root, below):
        if len(uploads) == FILES_LIMIT:
            left_out.append(f"{path} and what follows: more than {FILES_LIMIT} files")
            break
        try:
            upload = _upload(place, path, path.removeprefix(f"{below}/"))
        except (OSError, UnsafeFile, UnicodeError) as error:
            left_out.append(f"{path!r}: {error}")
            continue
        if upload.size > room:
            left_out.append(f"{path}: the files have more than {SIZE_LIMIT:,} bytes")
            continue
        room -= upload.size
        uploads.append(upload)
    return uploads, left_out


def send(
    intake: Intake, uploads: Iterable[Upload], *, until: Until
) -> tuple[list[Artifact], list[str]]:
    """Upload in parallel; return what the store has now, and what it would not take.

    Raises Gone where the intake wants nothing more from this pod.
    """
    stored: list[Artifact] = []
    lost: list[str] = []
    with ThreadPoolExecutor(UPLOADS_AT_A_TIME) as pool:
        tries = [(upload, pool.submit(intake.upload, upload, until=until)) for upload in uploads]
        for upload, attempt in tries:
            try:
                attempt.result()
            except Gone:
                raise
            except (Rejected, Unreachable, OSError) as error:
                lost.append(f"{upload.name}: {error}")
            else:
                stored.append(described(upload))
    return stored, lost


def described(upload: Upload) -> Artifact:
    """Return how the result names an artifact."""
    return Artifact(
        name=upload.name, media_type=upload.media_type, size=upload.size, digest=upload.digest
    )


def _upload(place: WorkFolder, path: str, name: str) -> Upload:
    name.encode()  # A name that is no text cannot be a URL.
    digest = hashlib.sha256()
    whole = open_beneath(place.root, path)
    size = os.fstat(whole.fileno()).st_size
    # What the notebook started may write on for ever: as much is taken as is there now.
    with Beginning(whole, size) as file:
        while size <= SIZE_LIMIT and (chunk := file.read(_CHUNK)):
            digest.update(chunk)
    kind = _TYPES.get(os.path.splitext(name)[1]) or mimetypes.guess_type(name)[0]
    return Upload(
        f"{names.FILES_PREFIX}{name}",
        kind or "application/octet-stream",
        size,
        f"sha256:{digest.hexdigest()}",
        partial(_opened, place, path, size),
    )


def _opened(place: WorkFolder, path: str, size: int) -> Beginning:
    return Beginning(open_beneath(place.root, path), size)
