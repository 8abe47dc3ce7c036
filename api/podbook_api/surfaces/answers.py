"""JSON answers of the older surfaces."""

import json
from typing import Any

from starlette.responses import Response


def json_response(
    value: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return the value as JSON; ASCII, since what callers sent may hold lone surrogates."""
    body = json.dumps(value).encode()
    return Response(body, status_code=status, headers=headers, media_type="application/json")
