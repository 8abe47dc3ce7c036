"""Which limits there are, by what they bound: each with its home, and what happens beyond it."""

from enum import StrEnum
from typing import Final, NamedTuple


class Unit(StrEnum):
    """What a limit counts."""

    BYTES = "bytes"
    SECONDS = "seconds"
    CHARACTERS = "characters"
    COUNT = ""


class Limit(NamedTuple):
    """One limit: of what, where it is set (module:NAME), what it counts, what happens beyond."""

    what: str
    home: str
    unit: Unit
    beyond: str


_REFUSED: Final = "422"
_BROKEN: Final = "the notebook is not served, and says why"
_CRDS, _RUNNER, _API = "podbook_crds.", "podbook_runner.", "podbook_api."
_ENTRIES: Final = "podbook_catalog.entries."

TABLES: Final[dict[str, tuple[Limit, ...]]] = {
    "A notebook and its contract": (
        Limit("a notebook of the catalog", f"{_ENTRIES}draft:NOTEBOOK_LIMIT", Unit.BYTES, _BROKEN),
        Limit("its id", f"{_ENTRIES}draft:ID_LIMIT", Unit.CHARACTERS, _BROKEN),
        Limit("its config", f"{_ENTRIES}config:CONFIG_LIMIT", Unit.BYTES, _BROKEN),
        Limit(
            "contract, shared models and settings together",
            f"{_ENTRIES}catalog_entry:SPEC_LIMIT",
            Unit.BYTES,
            _BROKEN,
        ),
        Limit(
            "a contract that is read from its cells",
            f"{_ENTRIES}inference:SIZE_LIMIT",
            Unit.CHARACTERS,
            "none is shown",
        ),
        Limit("its examples", f"{_CRDS}resources.example:COUNT_LIMIT", Unit.COUNT, _BROKEN),
        Limit(
            "files beside a notebook, together",
            f"{_CRDS}names:FILES_LIMIT",
            Unit.BYTES,
            "named under `files`: it is not served; else the nearest go along, and a warning",
        ),
        Limit(
            "one file that goes along by itself",
            f"{_ENTRIES}accompanying_files:DEFAULT_FILE_LIMIT",
            Unit.BYTES,
            "left out, and a warning",
        ),
        Limit(
            "how many go along by themselves",
            f"{_ENTRIES}accompanying_files:DEFAULT_COUNT_LIMIT",
            Unit.COUNT,
            "left out, and a warning",
        ),
        Limit(
            "`podbook.toml`",
            "podbook_catalog.settings.podbook_toml:SETTINGS_LIMIT",
            Unit.BYTES,
            "it is not read, and says why",
        ),
        Limit(
            "pods that wait for calls of one notebook",
            f"{_CRDS}resources.serving.warm:WAITING_LIMIT",
            Unit.COUNT,
            _BROKEN,
        ),
        Limit(
            "versions of a notebook that are kept",
            f"{_CRDS}resources.pushed:KEPT_LIMIT",
            Unit.COUNT,
            "the oldest is forgotten",
        ),
    ),
    "A call": (
        Limit("parameters", f"{_CRDS}names:PARAMETERS_LIMIT", Unit.BYTES, _REFUSED),
        Limit("how many", f"{_CRDS}call_rules.parameters:COUNT_LIMIT", Unit.COUNT, _REFUSED),
        Limit("levels of a value", f"{_CRDS}formats.strict_json:_DEPTH", Unit.COUNT, _REFUSED),
        Limit(
            "a notebook inside a resource",
            f"{_CRDS}names:INLINE_NOTEBOOK_LIMIT",
            Unit.BYTES,
            "refused by `kubectl`; over REST it is stored beside",
        ),
        Limit(
            "errors that one answer lists",
            f"{_CRDS}call_rules.contracts:VIOLATIONS_LIMIT",
            Unit.COUNT,
            "the first ones",
        ),
        Limit("`?wait=`", f"{_API}http.waiting:LONGEST_SECONDS", Unit.SECONDS, _REFUSED),
        Limit(
            "a message of gRPC",
            f"{_API}surfaces.grpc.server:MESSAGE_LIMIT",
            Unit.BYTES,
            "`RESOURCE_EXHAUSTED`",
        ),
        Limit(
            "until a request's head is there",
            f"{_API}http.protocol:HEAD_SECONDS",
            Unit.SECONDS,
            "the connection ends",
        ),
        Limit(
            "how long a caller may read nothing of an answer",
            f"{_API}http.protocol:STALL_SECONDS",
            Unit.SECONDS,
            "the connection ends",
        ),
        Limit(
            "the same of a stream of events",
            f"{_API}http.streams:_STALLED_SECONDS",
            Unit.SECONDS,
            "it ends; `Last-Event-ID` goes on behind what was read",
        ),
        Limit("a ticket of an artifact", f"{_API}artifacts.tickets:LIFETIME", Unit.SECONDS, "403"),
        Limit(
            "any duration of a call or notebook",
            f"{_CRDS}names:DURATION_LIMIT",
            Unit.SECONDS,
            _REFUSED,
        ),
        Limit(
            "how long an ended run is kept", f"{_CRDS}names:RETENTION_LIMIT", Unit.SECONDS, _REFUSED
        ),
    ),
    "What a run shows": (
        Limit(
            "one stream of text of a cell",
            f"{_RUNNER}cells.stream_text:STREAM_LIMIT",
            Unit.CHARACTERS,
            "its beginning and its end are kept, `output-clipped`",
        ),
        Limit(
            "one form of an output, such as an image or HTML",
            f"{_RUNNER}cells.output_limits:MEDIA_LIMIT",
            Unit.BYTES,
            "a line with its size and the limit, `output-clipped`",
        ),
        Limit(
            "all outputs of a cell",
            f"{_RUNNER}cells.output_limits:CELL_LIMIT",
            Unit.BYTES,
            "the same",
        ),
        Limit(
            "all outputs of a notebook",
            f"{_RUNNER}cells.output_limits:NOTEBOOK_LIMIT",
            Unit.BYTES,
            "the same; each cell still has the next line's room",
        ),
        Limit(
            "what a cell can show when that is used up",
            f"{_RUNNER}cells.output_limits:CELL_MINIMUM",
            Unit.BYTES,
            "a line says how much is missing",
        ),
        Limit(
            "outputs of a cell that are kept from its start",
            f"{_RUNNER}cells.output_limits:FIRST_OUTPUTS",
            Unit.COUNT,
            "a line, then the last ones",
        ),
        Limit(
            "and from its end",
            f"{_RUNNER}cells.output_limits:LAST_OUTPUTS",
            Unit.COUNT,
            "",
        ),
        Limit(
            "a traceback in the notebook",
            f"{_RUNNER}cells.output_limits:TRACEBACK_LIMIT",
            Unit.CHARACTERS,
            "its beginning and its end",
        ),
        Limit(
            "one message of the kernel",
            f"{_RUNNER}kernel.messages:MESSAGE_LIMIT",
            Unit.BYTES,
            "left out, `output-unreadable`",
        ),
        Limit(
            "levels of one message",
            f"{_RUNNER}kernel.messages:DEPTH_LIMIT",
            Unit.COUNT,
            "left out, `output-unreadable`",
        ),
        Limit(
            "a pod's log that is kept of a failed run, each attempt",
            f"{_API}events.pod_logs:LIMIT",
            Unit.BYTES,
            "its end",
        ),
    ),
    "What a run leaves": (
        Limit(
            "the output",
            f"{_RUNNER}reporting.output:OUTPUT_LIMIT",
            Unit.BYTES,
            "`OutputInvalid`; write a file into `artifacts/`",
        ),
        Limit(
            "an output in the status of the resource",
            f"{_CRDS}names:INLINE_OUTPUT_LIMIT",
            Unit.BYTES,
            "`status.outputRef`: it stands in `output.json`; REST shows it all the same",
        ),
        Limit(
            "an output in an answer of REST",
            f"{_API}artifacts.stored_outcome:_INLINE",
            Unit.BYTES,
            "fetch the artifact `output.json`",
        ),
        Limit(
            "files in `artifacts/`",
            f"{_RUNNER}reporting.artifacts:FILES_LIMIT",
            Unit.COUNT,
            "the first by name are kept, `artifacts-lost`",
        ),
        Limit(
            "those files together",
            f"{_RUNNER}reporting.artifacts:SIZE_LIMIT",
            Unit.BYTES,
            "the first by name are kept, `artifacts-lost`",
        ),
        Limit(
            "folders in one another there",
            f"{_RUNNER}files.safe_files:DEPTH_LIMIT",
            Unit.COUNT,
            "`artifacts-lost`",
        ),
        Limit(
            "how long an output may be checked by its contract",
            f"{_RUNNER}reporting.judgement:SECONDS",
            Unit.SECONDS,
            "`OutputInvalid`, which says so",
        ),
        Limit(
            "places of an output that does not fit, in the status",
            f"{_CRDS}names:VIOLATIONS_LIMIT",
            Unit.COUNT,
            "the first ones",
        ),
        Limit(
            "a traceback in the status",
            f"{_CRDS}names:TRACEBACK_LIMIT",
            Unit.CHARACTERS,
            "its beginning and its end",
        ),
        Limit(
            "the message of a status",
            f"{_CRDS}names:MESSAGE_LIMIT",
            Unit.CHARACTERS,
            "its beginning",
        ),
        Limit(
            "attempts in the status", f"{_CRDS}names:ATTEMPTS_LIMIT", Unit.COUNT, "the last ones"
        ),
        Limit(
            "warnings of a run", f"{_CRDS}resources.warning:WARNINGS_LIMIT", Unit.COUNT, "the first"
        ),
        Limit(
            "characters of each",
            f"{_CRDS}resources.warning:DETAIL_LIMIT",
            Unit.CHARACTERS,
            "its beginning",
        ),
    ),
}
