"""A version of a notebook that has moved on, made whole again from what the store kept of it."""

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.http.problems import Problem
from podbook_api.state.catalog import Entry
from podbook_crds.content import Content
from podbook_crds.resources.notebook import File, Notebook, NotebookSpec, Source


async def entry_of(contents: Contents, entry: Entry, digest: str | None) -> Entry:
    """Return the notebook as it was when it had that digest; raise Problem 409 where it is gone.

    What a digest leads to may be any blob, also one that a caller sent: only what is a version of
    this very notebook, and pins itself by this digest, can name an image or a Secret.
    """
    if digest in (None, entry.digest):
        return entry
    content = await contents.get(digest or "")
    if content is not None and content.id == entry.notebook.id:
        past = Entry(_as_it_was(entry.notebook, content))
        if past.digest == digest:
            return past
    raise Problem(
        409,
        "version-gone",
        "This version of the notebook is not kept any more",
        f"nothing is left of {digest}; run the notebook as it is now, with version: current",
    )


def _as_it_was(notebook: Notebook, content: Content) -> Notebook:
    fields = {
        name: getattr(content, name)
        for name in Content.model_fields
        if name not in ("ipynb", "files")
    }
    files = [File(path=file.path, blob=file.digest, size=file.size) for file in content.files]
    spec = NotebookSpec(source=Source(blob=content.ipynb), files=files, **fields)
    return notebook.model_copy(update={"spec": spec})
