"""What pushes come to, and the versions that they left."""

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from podbook_api.v1.answers.notebook import Notebook
from podbook_api.v1.answers.values import Count, Time
from podbook_crds.resources.pushed import ManagedBy, Verdict


class PushedNotebook(Notebook):
    """A notebook after a push."""

    changed: Annotated[bool, Field(description="Whether anything was written.")]


class Flush(TypedDict):
    """Since when the pods that wait for calls of a notebook are made anew."""

    id: str
    flushedAt: Time


class Blob(TypedDict):
    """Something that notebooks are made of, and its bytes."""

    digest: str
    size: Count


class VersionOrigin(TypedDict):
    """Where a version comes from, as whoever pushed it said."""

    repository: NotRequired[str]
    ref: NotRequired[str]
    commit: NotRequired[str]
    path: NotRequired[str]
    dirty: Annotated[
        NotRequired[bool], Field(description="Whether files differed from the commit.")
    ]


class Version(TypedDict):
    """One version of a notebook."""

    number: int
    digest: str
    pushedAt: Time
    pushedBy: str
    source: VersionOrigin | None
    verdict: Verdict | str | None
    rollbackOf: Annotated[int | None, Field(description="The version whose content it has.")]
    current: bool
    available: Annotated[bool, Field(description="Whether one can still go back to it.")]


class VersionList(TypedDict):
    """What a notebook was, the newest first."""

    id: str
    digest: str
    managedBy: ManagedBy | str
    catalog: str | None
    items: list[Version]


class CatalogOf(TypedDict):
    """The notebooks of one catalog name that are kept in one way."""

    name: str | None
    managedBy: ManagedBy | str
    notebooks: Count


class GitFault(TypedDict):
    """Something of the repository that is not served as it stands."""

    notebook: Annotated[str | None, Field(description="Its id; null where it is no one's.")]
    message: str


class Followed(TypedDict):
    """The repository whose folder is the catalog, and how far that is so."""

    name: str | None
    repository: str
    ref: str
    path: str
    revision: Annotated[str | None, Field(description="The commit that was looked at last.")]
    served: Annotated[
        str | None, Field(description="The last commit of which everything is served.")
    ]
    checkedAt: Time
    faults: list[GitFault]


class CatalogStatus(TypedDict):
    """Where the notebooks of a server come from."""

    takesPushes: Annotated[bool, Field(description="Whether `podbook push` is taken here.")]
    catalogs: list[CatalogOf]
    git: Annotated[Followed | None, Field(description="null where no repository is followed.")]
    environments: Annotated[
        list[str],
        Field(description="What a notebook's `runtime.environment` may say: an image holds it."),
    ]
    limits: Annotated[
        dict[str, Any], Field(description="The most that an execution may ask for; {}: no limit.")
    ]
