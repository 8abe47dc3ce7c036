"""Keeps the servers that people gave names, in one file that is theirs alone."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from podbook_cli.exits import BadInput
from podbook_crds.formats.whole_files import write_whole

_VERSION: Final = 1
# Where the chart is installed unless somebody says otherwise.
NAMESPACE: Final = "podbook"


@dataclass(frozen=True, slots=True)
class Context:
    """A server: at a URL, or in the cluster of a kubeconfig's context."""

    url: str | None = None
    # Read each time: whoever renews the token writes it there.
    token_file: str | None = None
    kube_context: str | None = None
    namespace: str | None = None

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.url is not None:
            return self.url
        return f"kubeconfig context {self.kube_context}, namespace {self.namespace or NAMESPACE}"


@dataclass(frozen=True, slots=True)
class Contexts:
    """All that the file holds."""

    known: dict[str, Context] = field(default_factory=dict)
    # The one that is used where nothing else says.
    used: str | None = None

    def named(self, name: str) -> Context:
        """Return the context; raises BadInput."""
        if name not in self.known:
            listed = ", ".join(sorted(self.known)) or "none"
            raise BadInput(
                f"there is no context {name!r}; known are: {listed}"
                " (`podbook context add NAME` makes one)"
            )
        return self.known[name]

    def with_one(self, name: str, context: Context) -> "Contexts":
        """Return the same with one more."""
        return replace(self, known={**self.known, name: context})

    def without(self, name: str) -> "Contexts":
        """Return the same without it; raises BadInput where it is not there."""
        self.named(name)
        known = {other: context for other, context in self.known.items() if other != name}
        return Contexts(known, None if self.used == name else self.used)

    def using(self, name: str) -> "Contexts":
        """Return the same with another one in use; raises BadInput."""
        self.named(name)
        return replace(self, used=name)


def place(environment: Mapping[str, str]) -> Path:
    """Return where the file is: by the XDG rules."""
    given = environment.get("XDG_CONFIG_HOME", "")
    folder = Path(given) if os.path.isabs(given) else Path.home() / ".config"
    return folder / "podbook" / "contexts.json"


def read(path: Path) -> Contexts:
    """Return what the file holds, nothing where there is none; raises BadInput."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {str(name): Context(**each) for name, each in found["contexts"].items()}
        return Contexts(known, found.get("used"))
    except FileNotFoundError:
        return Contexts()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} cannot be read ({error}); mend it, or take it away") from error


def write(path: Path, contexts: Contexts) -> None:
    """Write the file in one step, for its user alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {name: _plain(context) for name, context in sorted(contexts.known.items())}
    text = json.dumps({"version": _VERSION, "used": contexts.used, "contexts": known}, indent=2)
    write_whole(path, text + "\n", mode=0o600)


def _plain(context: Context) -> dict[str, str]:
    return {key: value for key, value in asdict(context).items() if value is not None}
