"""How the parts write their logs: lines for people, or JSON objects for what collects them."""

import json
import logging
import sys
import time
from enum import StrEnum
from typing import Any, Final

# A record's attribute with what a line tells beside its sentence.
FIELDS: Final = "fields"


class LogFormat(StrEnum):
    """How each line is written."""

    TEXT = "text"
    JSON = "json"


class JsonLines(logging.Formatter):
    """One object for each line: time, level, logger, message, and what else is told."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; ASCII, so that nothing in it can begin another."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {k: v for k, v in getattr(record, FIELDS, {}).items() if k not in told}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str)


def begin(wanted: LogFormat, *, plain: str) -> None:
    """Write this process's log to its error output, from INFO on; plain is how text is laid out."""
    handler = logging.StreamHandler(sys.stderr)
    is_json = wanted is LogFormat.JSON
    handler.setFormatter(JsonLines() if is_json else logging.Formatter(plain))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
