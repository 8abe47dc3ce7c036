"""The intake's protocol: the routes and bodies that runner and API have to agree on."""

from typing import Final

from pydantic import Field

from podbook_crds import names
from podbook_crds.resources.model import Model

CLAIM_PATH: Final = "/intake/v1/claim"
# Of a warm pod. `?wait=SECONDS`: answered by 204 as soon as the pod was given to an execution,
# which it claims then, and by 202 where that did not happen in time. It is no claim: who asked may
# be gone when the answer is there, and what was claimed counts as run.
CALLED_PATH: Final = "/intake/v1/called"
PREPARATION_PATH: Final = "/intake/v1/preparation"
PREPARED_PATH: Final = "/intake/v1/prepared"
BLOBS_PATH: Final = "/intake/v1/blobs"
ARTIFACTS_PATH: Final = "/intake/v1/artifacts"
PROGRESS_PATH: Final = "/intake/v1/progress"
RESULT_PATH: Final = "/intake/v1/result"
# A batch of events as lines of JSON: `?first=` is the number of its first event, `?stored=` up to
# which the runner knows them stored, `?snapshot=true` that they say everything again, `?last=true`
# that the run ends as soon as they are stored. A large text that the log has may be named, see
# podbook_crds.log.references; a batch whose names are refused (422) is sent again without any.
EVENTS_PATH: Final = "/intake/v1/events"

# Sent with an artifact: the store keeps it only if the bytes that arrived have this digest.
DIGEST_HEADER: Final = "X-Podbook-Digest"


class Gone(Model):
    """Body of a 410: this pod has nothing (more) to do here."""

    reason: str
    message: str = ""


class Prepared(Model):
    """What a warm pod says when it waits for a call, or cannot."""

    ok: bool
    message: str = Field(default="", max_length=names.MESSAGE_LIMIT)


class Progress(Model):
    """How far the cells are; kept in the store, never in the resource."""

    cells_total: int
    cells_completed: int
    cell: int | None = None


class EventsTaken(Model):
    """Body of the 200 to a batch of events."""

    # Up to which number the store has them: what is later has to be kept, to be sent again.
    stored: int
    # When the next batch is wanted, in seconds: sooner while somebody watches.
    next_seconds: float


class EventsGap(Model):
    """Body of a 409 to a batch of events: it has to be sent from another number on."""

    expected: int


class ResultTaken(Model):
    """Body of the 200 to a result: whether the intake made the execution final."""

    final: bool


class ArtifactsMissing(Model):
    """Body of a 409 to a result: artifacts that it names and the store lacks."""

    missing: list[str]
