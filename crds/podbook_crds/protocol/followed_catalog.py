"""How a catalog that follows a Git repository stands: the loader writes it, the API shows it.

It is the only entry of a ConfigMap in the namespace of the runs.
"""

from typing import Final

from pydantic import Field, ValidationError

from podbook_crds.resources.model import MicroTime, Model

# The ConfigMap's key.
STATUS_KEY: Final = "status.json"
# A ConfigMap holds a megabyte; nobody reads more than this of it.
FAULTS_LIMIT: Final = 50
_SENTENCE: Final = 2000


class CatalogFault(Model):
    """Something in the repository, or on the way to it, that is not served as it stands."""

    notebook: str | None = Field(default=None, description="Its id; none where it is no one's.")
    message: str


class FollowedCatalog(Model):
    """What is followed, how far, and what is wrong."""

    name: str | None = Field(default=None, description="Of the catalog, as podbook.toml says.")
    repository: str
    ref: str
    path: str = ""
    revision: str | None = Field(default=None, description="The commit that was looked at last.")
    served: str | None = Field(
        default=None, description="The last commit of which everything is served."
    )
    checked_at: MicroTime
    faults: list[CatalogFault] = Field(default_factory=list)

    @property
    def is_as_it_should_be(self) -> bool:
        """Whether everything of the repository is served."""
        return not self.faults

    def is_like(self, other: "FollowedCatalog | None") -> bool:
        """Tell whether the other one says the same, but for when."""
        return other is not None and self == other.model_copy(
            update={"checked_at": self.checked_at}
        )


def fault(message: str, notebook: str | None = None) -> CatalogFault:
    """Return a fault with as much of the message as is kept."""
    return CatalogFault(notebook=notebook, message=message[:_SENTENCE])


def parse(text: str) -> FollowedCatalog | None:
    """Return what the loader wrote; None where it wrote nothing that can be read."""
    try:
        return FollowedCatalog.model_validate_json(text)
    except ValidationError:
        return None
