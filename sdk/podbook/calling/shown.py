"""What an execution and a notebook tell of themselves, to programs, people and notebooks."""

import difflib
import inspect
import keyword
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any, Final

from podbook.calling.durations import spelled
from podbook.calling.outcomes import outcome
from podbook.calling.steps import FINAL

Json = dict[str, Any]

# The phase of a row for which there is no run.
REFUSED: Final = "Refused"

_TYPES: Final = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
}


class Shown:
    """A run as the server showed it last; `view` is the whole of it."""

    view: Json
    _failed_by: Exception | None = None

    @property
    def id(self) -> str:
        """What the server calls it; empty where it refused the run."""
        return str(self.view["id"])

    @property
    def phase(self) -> str:
        """Queued, Starting, Running, Succeeded, Failed or Cancelled; of a row of a map Refused."""
        return str(self.view["phase"])

    @property
    def error(self) -> Exception | None:
        """What check() raises; None where it succeeded or has not ended."""
        return self._failed_by or outcome(self)

    @property
    def _run(self) -> str:
        """Its id, for what is asked of the server; raises what refused it where there is none."""
        if self._failed_by is not None and not self.id:
            raise self._failed_by
        return self.id

    @property
    def reason(self) -> str | None:
        """Why it is in its phase."""
        found: str | None = self.view.get("reason")
        return found

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.phase in FINAL or self.phase == REFUSED

    @property
    def explanation(self) -> Json:
        """What that means: fault, sentence, advice, and the end of a traceback."""
        found: Json = self.view.get("explanation") or {}
        return found

    @property
    def warnings(self) -> list[Json]:
        """What is worth knowing though it changed nothing about the end; a list tells none."""
        found = self.view.get("warnings")
        return found if isinstance(found, list) else []

    @property
    def created_by(self) -> str | None:
        """Who asked for it."""
        found: str | None = self.view.get("createdBy")
        return found

    @property
    def started_at(self) -> datetime | None:
        """When its cells began."""
        found = self.view.get("startedAt")
        return None if found is None else datetime.fromisoformat(found)

    @property
    def duration(self) -> float | None:
        """What its cells took, in seconds; None before its end."""
        found: float | None = self.view.get("durationSeconds")
        return found

    @property
    def page(self) -> str:
        """Where a browser shows it."""
        return str(self.view["links"]["page"])

    @property
    def artifacts(self) -> list[str]:
        """The names of the files that it left."""
        return [str(artifact["name"]) for artifact in self.view.get("artifacts") or []]

    def __repr__(self) -> str:
        """Say which run of what it is and how it stands; a failed one says what failed."""
        shown = f"{self.id} {self.view.get('notebook') or 'inline'} {self.phase}".lstrip()
        took = f" in {spelled(self.duration)}" if self.duration is not None else ""
        why = self.view.get("message") or "" if self.phase in ("Failed", REFUSED) else ""
        why = " ".join(why.split())
        reason = f" ({f'{self.reason}: ' if self.reason else ''}{why[:80]})" if why else ""
        return f"<Execution {shown}{took}{reason}>"

    def _repr_html_(self) -> str:
        cells = self.view.get("cells") or {}
        done = f"{cells['completed']} of {cells['total']} cells" if cells else ""
        said = self.view.get("message") if self.phase in ("Failed", REFUSED) else ""
        parts = [f"<b>{escape(self.phase)}</b>", escape(str(self.view.get("notebook") or "inline"))]
        parts += [escape(part) for part in (done, str(said or "")) if part]
        return f"<div>{' · '.join(parts)} · <code>{escape(self.id)}</code></div>"


class Described:
    """A notebook, called as a function: its signature and help are its contract's."""

    def __init__(self, view: Json) -> None:
        self.view = view
        self.id = str(view["id"])
        self.__doc__ = documentation(view)
        self.__name__ = self.id

    @property
    def __signature__(self) -> inspect.Signature:
        return signature(self.view.get("input"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}{self.__signature__}>"


def signature(contract: Json | None) -> inspect.Signature:
    """Return the signature of a call: the contract's parameters, by their names alone."""
    schema = contract or {}
    required: set[str] = set(schema.get("required") or ())
    found = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(name, each, required),
            annotation=_annotation(each),
        )
        for name, each in (schema.get("properties") or {}).items()
        if name.isidentifier() and not keyword.iskeyword(name)
    ]
    if contract is None or schema.get("additionalProperties", True) is not False:
        found.append(inspect.Parameter("parameters", inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(found)


def _default(name: str, schema: Any, required: set[str]) -> Any:
    if isinstance(schema, Mapping) and "default" in schema:
        return schema["default"]
    return inspect.Parameter.empty if name in required else None


def _annotation(schema: Any) -> Any:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return _TYPES.get(kind, Any) if isinstance(kind, str) else Any


def documentation(notebook: Json) -> str:
    """Return what help() shows of a notebook."""
    properties = (notebook.get("input") or {}).get("properties") or {}
    lines = [
        f"  {name}: {each['description']}"
        for name, each in properties.items()
        if isinstance(each, Mapping) and each.get("description")
    ]
    told = (notebook.get("title"), notebook.get("description"), notebook.get("contract"))
    return "\n\n".join(
        [*(str(text) for text in told if text), *(["\n".join(lines)] if lines else [])]
    )


def has_parameters(view: Json, parameters: Json | None) -> bool:
    """Tell whether a run had these, where any are asked for."""
    return parameters is None or bool(view["parameters"] == parameters)


def unknown(name: str, known: Iterable[str]) -> KeyError:
    """Return what is raised for a notebook that is not there, with the one that was meant."""
    near = difflib.get_close_matches(name, list(known), n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return KeyError(f"there is no notebook {name!r}{meant}")
