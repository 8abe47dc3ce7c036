"""What an execution runs, pinned: the digest over a notebook's ipynb, files, contract, runtime.

The digest is that of a small JSON document, the content record, which names every blob. The API
keeps the record as a blob of its own, so the digest alone leads to everything that it covers.
"""

import hashlib
import json
from typing import Any, Self

from pydantic import Field

from podbook_crds.formats.digests import digest_of
from podbook_crds.resources.model import Model
from podbook_crds.resources.notebook import (
    Defaults,
    File,
    NotebookSpec,
    OutputValidation,
    Runtime,
    Schema,
    SharedModel,
    Source,
)
from podbook_crds.resources.overrides import Overrides


def blob_digest(data: bytes) -> str:
    """Return the name of a blob: sha256 of its bytes."""
    return digest_of(data)


def digest_hex(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def blob_path(digest: str) -> str:
    """Return where a blob stands in the artifact store: two letters of fan-out, then the digest."""
    algorithm, _, hexadecimal = digest.partition(":")
    return f"blobs/{algorithm}/{hexadecimal[:2]}/{hexadecimal}"


class ContentFile(Model):
    """A file of the content, by digest."""

    path: str
    digest: str
    size: int


class Content(Model):
    """Everything that decides what a run does, apart from its parameters."""

    id: str
    # Of the ipynb below the work folder, which mirrors the catalog's; by default id + ".ipynb".
    path: str | None = None
    ipynb: str  # Digest of the blob.
    files: list[ContentFile] = Field(default_factory=list)
    input: Schema | None = None
    output: Schema | None = None
    inferred: bool = False
    models: dict[str, SharedModel] = Field(default_factory=dict)
    output_validation: OutputValidation = OutputValidation.ENFORCE
    runtime: Runtime = Runtime()
    # None where nothing is allowed: what was pinned before there were overrides keeps its digest.
    overrides: Overrides | None = None
    defaults: Defaults = Defaults()

    @classmethod
    def of(cls, notebook_id: str, spec: NotebookSpec) -> Self:
        """Return the content of a catalog entry."""
        return cls(
            id=notebook_id,
            path=spec.path,
            ipynb=_source_digest(spec.source),
            files=[_content_file(file) for file in sorted(spec.files, key=lambda f: f.path)],
            input=spec.input,
            output=spec.output,
            inferred=spec.inferred,
            models=spec.models,
            output_validation=spec.output_validation,
            runtime=spec.runtime,
            overrides=spec.overrides,
            defaults=spec.defaults,
        )

    def spec(self) -> NotebookSpec:
        """Return the catalog entry that has this content: what is no content is not in it."""
        return NotebookSpec(
            id=self.id,
            path=self.path,
            source=Source(blob=self.ipynb),
            files=[File(path=f.path, blob=f.digest, size=f.size) for f in self.files],
            input=self.input,
            output=self.output,
            inferred=self.inferred,
            models=self.models,
            output_validation=self.output_validation,
            runtime=self.runtime,
            overrides=self.overrides,
            defaults=self.defaults,
        )

    @property
    def blobs(self) -> set[str]:
        """The digests of everything that it names."""
        return {self.ipynb, *(file.digest for file in self.files)}

    def record(self) -> bytes:
        """Return the content record: canonical JSON, so that equal content has equal bytes.

        Also that of a folder, and what a cluster gives back of it: it does not tell 1.0 from 1.
        """
        return canonical(_as_stored(self.to_wire()))

    @property
    def digest(self) -> str:
        """The digest that pins this content."""
        return blob_digest(self.record())


def spec_digest(spec: NotebookSpec) -> str:
    """Return a digest over all of a catalog entry, what is no content included."""
    return blob_digest(canonical(_as_stored(spec.to_wire())))


def _as_stored(value: Any) -> Any:
    """Return the value with its numbers as a cluster gives them back."""
    if isinstance(value, dict):
        return {key: _as_stored(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_stored(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def inline_blobs(spec: NotebookSpec) -> dict[str, bytes]:
    """Return the blobs that stand as text inside a catalog entry, by digest."""
    texts = [spec.source.ipynb, *(file.text for file in spec.files)]
    blobs = [text.encode("utf-8", "surrogatepass") for text in texts if text is not None]
    return {blob_digest(blob): blob for blob in blobs}


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and no blanks, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _source_digest(source: Source) -> str:
    if source.blob is not None:
        return source.blob
    return blob_digest((source.ipynb or "").encode("utf-8", "surrogatepass"))


def _content_file(file: File) -> ContentFile:
    if file.blob is not None:
        return ContentFile(path=file.path, digest=file.blob, size=file.size or 0)
    data = (file.text or "").encode("utf-8", "surrogatepass")
    return ContentFile(path=file.path, digest=blob_digest(data), size=len(data))
