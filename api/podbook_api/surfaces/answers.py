"""JSON answers of the older surfaces."""

from typing import Any

from starlette.responses import Response

from podbook_api.http.reading import written_json


def json_response(
    value: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return the value as JSON."""
    body = written_json.dumps(value, spaced=True)
    return Response(body, status_code=status, headers=headers, media_type="application/json")
