"""`podbook logs`: what the cells of a run printed."""

import json
import sys
from typing import Any

from podbook.calling.rest import ApiError, Rest


def show_logs(client: Rest, execution: str) -> None:
    """Print what the cells printed, then the whole traceback where one raised."""
    view = client.get(execution).view
    names = {artifact["name"] for artifact in view["artifacts"]}
    if "notebook.ipynb" in names:
        notebook = json.loads(client.artifact(execution, "notebook.ipynb"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                _print_stream(output)
    if "exception.txt" in names:
        sys.stderr.write(_text(client, execution, "exception.txt"))


def _print_stream(output: dict[str, Any]) -> None:
    if output.get("output_type") == "stream":
        stream = sys.stderr if output.get("name") == "stderr" else sys.stdout
        stream.write("".join(output.get("text", "")))


def _text(client: Rest, execution: str, name: str) -> str:
    try:
        return client.artifact(execution, name).decode(errors="replace")
    except ApiError as error:
        return f"{error}\n"
