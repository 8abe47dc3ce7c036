"""The notebooks of the namespace by their ids, as the watch shows them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from podbook_crds import names
from podbook_crds.call_rules.secret_parameters import secret_names
from podbook_crds.content import Content, spec_digest
from podbook_crds.resources.notebook import Condition, Notebook
from podbook_crds.resources.pushed import History, ManagedBy, managed_by

Resource = dict[str, Any]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One notebook of the catalog with what pins it."""

    notebook: Notebook

    @cached_property
    def content(self) -> Content:
        """Everything that decides what a run of it does."""
        return Content.of(self.notebook.id, self.notebook.spec)

    @cached_property
    def digest(self) -> str:
        """The digest that pins its content."""
        return self.content.digest

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The parameters that nobody is shown."""
        spec = self.notebook.spec
        return secret_names(spec.input, spec.models)

    @cached_property
    def blobs(self) -> frozenset[str]:
        """The digests of everything that its content names."""
        return frozenset(self.content.blobs)

    @cached_property
    def spec_digest(self) -> str:
        """A digest over all that its owner wrote, what is no content included."""
        return spec_digest(self.notebook.spec)

    @cached_property
    def history(self) -> History:
        """Its versions, as the last push left them."""
        return History.read(self.notebook.annotations)

    @property
    def managed_by(self) -> ManagedBy:
        """Who brings it up to date."""
        return managed_by(self.notebook.labels, self.notebook.annotations)

    @property
    def catalog(self) -> str | None:
        """The name of the catalog that it was pushed with."""
        return self.notebook.labels.get(names.CATALOG_LABEL)

    @property
    def problem(self) -> str | None:
        """Why it cannot be run as it stands, or None where it can."""
        if self.notebook.spec.problem is not None:
            return self.notebook.spec.problem
        condition = self._objection(names.READY_CONDITION)
        return None if condition is None else condition.message or condition.reason

    @property
    def why_none_waits(self) -> str | None:
        """Why fewer pods wait for calls than are wanted, or None where none is missing."""
        condition = self._objection(names.WARM_CONDITION)
        return None if condition is None else f"{condition.reason}: {condition.message}"

    def _objection(self, kind: str) -> Condition | None:
        """Return the operator's objection, if it is one to this very version."""
        for condition in self.notebook.status.conditions:
            judged = condition.observed_generation in (None, self.notebook.generation)
            if condition.type == kind and condition.status == "False" and judged:
                return condition
        return None


class Catalog:
    """The listener of the notebooks' watch cache; of two notebooks of one id the older serves."""

    def __init__(self, *, changed: Callable[[Entry], None]) -> None:
        self._by_name: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._changed = changed
        # Grows with every change: what is derived from the catalog is good as long as it stands.
        self.generation = 0

    def present(self, resource: Resource) -> None:
        """Take in a new or changed notebook."""
        try:
            entry = Entry(Notebook.from_resource(resource))
        except ValidationError as error:
            _log.error("notebook %s: %s", resource["metadata"]["name"], error)
            self.absent(resource["metadata"]["name"])
            return
        self._by_name[entry.notebook.name] = entry
        self._index()
        self._changed(entry)

    def absent(self, name: str) -> None:
        """Forget a notebook."""
        if self._by_name.pop(name, None) is not None:
            self._index()

    def entries(self) -> list[Entry]:
        """Return what is served, ordered by id."""
        return [self._by_id[key] for key in sorted(self._by_id)]

    def get(self, notebook_id: str) -> Entry | None:
        """Return the notebook of that id."""
        return self._by_id.get(notebook_id)

    def named(self, reference: str) -> Entry | None:
        """Return what an execution calls by its resource's name, or else by its id."""
        return self._by_name.get(reference) or self._by_id.get(reference)

    def object_name(self, resource: str, name: str) -> str:
        """Return the name in the cluster of what a caller names: a notebook's id is not always it.

        Of a notebook that is not known here there is none.
        """
        if resource != names.NOTEBOOK_PLURAL:
            return name
        entry = self._by_id.get(name)
        return "" if entry is None else entry.notebook.name

    def _index(self) -> None:
        self.generation += 1
        by_age = sorted(
            self._by_name.values(),
            key=lambda e: (e.notebook.created, e.notebook.name),
            reverse=True,
        )
        self._by_id = {entry.notebook.id: entry for entry in by_age}
