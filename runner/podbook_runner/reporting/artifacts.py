"""Collects the files that the notebook left under artifacts/, and uploads what the run made."""

import hashlib
import mimetypes
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from podbook_crds import names
from podbook_crds.ends.finish import UPLOAD_TIMEOUT
from podbook_crds.formats import digests, media_types
from podbook_crds.formats.control_characters import CONTROL
from podbook_crds.resources.execution import Artifact
from podbook_runner.files.safe_files import Beginning, UnsafeFile, found_files, open_beneath
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.reporting.intake import Intake, Rejected, Unreachable, Upload
from podbook_runner.reporting.losses import (
    NAME_INVALID,
    NOT_A_FILE,
    REFUSED,
    TOO_LARGE,
    TOO_MANY,
    UNREADABLE,
    Losses,
)
from podbook_runner.reporting.retries import Until

FILES_LIMIT: Final = 1000
# Bytes, of all files together.
SIZE_LIMIT: Final = 1024 * 1024 * 1024
UPLOADS_AT_A_TIME: Final = 4

# What no path of the intake may hold.
_CONTROL: Final = re.compile(f"[{CONTROL}]")
_CHUNK: Final = 1024 * 1024


def collect(place: WorkFolder) -> tuple[list[Upload], Losses]:
    """Return the files under artifacts/ of the working folder, and what is left out and why."""
    uploads: list[Upload] = []
    losses = Losses()
    room = SIZE_LIMIT
    below = f"{place.workdir}/{names.ARTIFACTS_FOLDER}".lstrip("/")
    for path, problem in found_files(place.root, below):
        name = path.removeprefix(f"{below}/")
        if problem:
            losses.add(NOT_A_FILE, problem, name)
            continue
        if len(uploads) == FILES_LIMIT:
            losses.add(TOO_MANY, f"there are more than {FILES_LIMIT:,} files", name)
            continue
        if (upload := _upload_or_loss(place, path, name, losses)) is None:
            continue
        if upload.size > room:
            losses.add(TOO_LARGE, f"the files have more than {SIZE_LIMIT:,} bytes together", name)
            continue
        room -= upload.size
        uploads.append(upload)
    return uploads, losses


def send(
    intake: Intake, uploads: Iterable[Upload], *, until: Until
) -> tuple[list[Artifact], Losses]:
    """Upload in parallel; return what the store has now, and what it would not take.

    Raises Gone where the intake wants nothing more from this pod.
    """
    stored: list[Artifact] = []
    losses = Losses()
    with ThreadPoolExecutor(UPLOADS_AT_A_TIME) as pool:
        tries = [(upload, pool.submit(intake.upload, upload, until=until)) for upload in uploads]
        for upload, attempt in tries:
            try:
                attempt.result()
            except Rejected as error:
                losses.add(REFUSED, f"the store refused it ({error})", upload.name)
            except Unreachable as error:
                losses.add(
                    UPLOAD_TIMEOUT, f"the store did not take it in time ({error})", upload.name
                )
            except OSError as error:
                losses.add(UNREADABLE, f"it cannot be read ({error.strerror})", upload.name)
            else:
                stored.append(described(upload))
    return stored, losses


def described(upload: Upload) -> Artifact:
    """Return how the result names an artifact."""
    return Artifact(
        name=upload.name, media_type=upload.media_type, size=upload.size, digest=upload.digest
    )


def _upload_or_loss(place: WorkFolder, path: str, name: str, losses: Losses) -> Upload | None:
    try:
        name.encode()  # A name that is no text cannot be a URL.
        if _CONTROL.search(name):
            losses.add(NAME_INVALID, "its name holds control characters", name)
            return None
        return _upload(place, path, name)
    except UnicodeError:
        losses.add(NAME_INVALID, "its name is not UTF-8", name)
    except UnsafeFile:
        losses.add(NOT_A_FILE, "it is no regular file", name)
    except OSError as error:
        losses.add(UNREADABLE, f"it cannot be read ({error.strerror})", name)
    return None


def _upload(place: WorkFolder, path: str, name: str) -> Upload:
    digest = hashlib.sha256()
    whole = open_beneath(place.root, path)
    size = os.fstat(whole.fileno()).st_size
    # What the notebook started may write on for ever: as much is taken as is there now.
    with Beginning(whole, size) as file:
        while size <= SIZE_LIMIT and (chunk := file.read(_CHUNK)):
            digest.update(chunk)
    kind = media_types.of_name(name) or mimetypes.guess_type(name)[0]
    return Upload(
        f"{names.FILES_PREFIX}{name}",
        kind or media_types.BYTES,
        size,
        digests.written(digest.hexdigest()),
        partial(_opened, place, path, size),
    )


def _opened(place: WorkFolder, path: str, size: int) -> Beginning:
    return Beginning(open_beneath(place.root, path), size)
