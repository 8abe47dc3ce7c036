"""`podbook show`: one run, for people."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from podbook.calling.rest import ApiError, Rest
from podbook.refusals import said as meant
from podbook_cli.exits import is_clusters_fault
from podbook_cli.looking.pages import page_of
from podbook_cli.printing.formats import Format, print_value
from podbook_cli.printing.terminal_text import first_line, plain
from podbook_cli.printing.times import age, duration, local
from podbook_crds.formats.durations import spelled

_LINES: Final = 20
_WIDTH: Final = 60
_EVENTS: Final = 8
_SOON: Final = timedelta(days=1)


def show_execution(client: Rest, execution: str, shape: Format | None) -> None:
    """Print what became of a run: how it stands, why, what went in and what came out."""
    print_execution(client, client.get(execution).view, shape)


def print_execution(client: Rest, view: dict[str, Any], shape: Format | None) -> None:
    """Print a run as the server showed it: for programs the whole, for people in words."""
    if shape not in (None, Format.TABLE):
        print_value(view, shape)
        return
    for line in [*_described(view), *of_its_pod(_pod_events(client, view))]:
        sys.stdout.write(f"{plain(line)}\n")
    sys.stdout.write(f"\n{page_of(client, view)}\n")


def _described(view: dict[str, Any]) -> list[str]:
    said = view.get("explanation") or {}
    took = "" if view["startedAt"] is None else f" in {duration(view)}"
    lines = [f"{view['phase']}{took} · {view['notebook'] or 'inline'} · {view['id']}"]
    if view["phase"] != "Succeeded" and said:
        lines += [f"{view['reason'] or ''}: {said['sentence']}".lstrip(": ")]
        lines += [view["message"]] if view.get("message") else []
        lines += [said["advice"]] if said.get("advice") else []
    lines += [f"warning: {meant(warning)}" for warning in view.get("warnings") or []]
    lines += ["", f"Created   {local(view['createdAt'])}   {age(view['createdAt'])} ago"]
    lines[-1] += f", by {view['createdBy']}" if view.get("createdBy") else ""
    if cells := view.get("cells"):
        lines += [f"Cells     {cells['completed']} of {cells['total']}"]
    for name, value in (view["parameters"] or {}).items():
        lines += [f"  {name} = {first_line(json.dumps(value, ensure_ascii=False), _WIDTH)}"]
    lines += _output(view)
    if said.get("lastLines"):
        lines += ["", *said["lastLines"]]
    if view["artifacts"]:
        lines += ["", f"Artifacts {', '.join(a['name'] for a in view['artifacts'])}"]
    return [*lines, *kept(view)]


def _pod_events(client: Rest, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask for what the cluster tells of a run that waits for it, or was failed by it."""
    waits = view["phase"] == "Starting"
    if not waits and not (view["reason"] and is_clusters_fault(view["reason"])):
        return []
    try:
        return client.pod_events(view["id"])
    except ApiError:  # Who may read runs may not list events, or the server is an older one.
        return []


def of_its_pod(events: list[dict[str, Any]]) -> list[str]:
    """Return lines of the last events of a pod, the newest first, a warning with its sign."""
    lines = []
    for event in reversed(events[-_EVENTS:]):
        sign = "⚠ " if event["type"] == "Warning" else ""
        often = f" ({event['count']} times)" if event["count"] > 1 else ""
        when = f"{age(event['lastAt'])} ago  " if event["lastAt"] else ""
        lines += [f"  {when}{sign}{event['reason']}{often}: {event['message']}"]
    return ["", "Pod", *lines] if lines else []


def kept(view: dict[str, Any], now: datetime | None = None) -> list[str]:
    """Return until when a run that ended and its files are there; nothing goes without a word."""
    if view.get("keep"):
        return ["Kept      until somebody deletes it"]
    ends = (("its files", view.get("artifactsExpireAt")), ("all of it", view.get("expiresAt")))
    known = {what: text for what, text in ends if text}
    if not known:
        return []
    lines = []
    for what, text in known.items():
        left = datetime.fromisoformat(text) - (now or datetime.now(UTC))
        soon = f", in {spelled(left.total_seconds())}" if left < _SOON else ""
        lines.append(f"{what} until {local(text)}{soon}")
    first, *rest = [*lines, f"longer by `podbook keep {view['id'][:8]}`"]
    return [f"Kept      {first}", *(f"          {line}" for line in rest)]


def _output(view: dict[str, Any]) -> list[str]:
    if view["output"] is None:
        large = "Output    large: `podbook artifacts ID output.json --download DIR`"
        return [large] if view["hasOutput"] else []
    text = json.dumps(view["output"], indent=2, ensure_ascii=False).splitlines()
    more = [f"… {len(text) - _LINES} more lines: podbook get"] if len(text) > _LINES else []
    return ["", *text[:_LINES], *more]
