"""What a document points to is there, files and the headings in them; the index has them all."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|/|<")


def test_every_link_between_documents_leads_somewhere() -> None:
    assert [missing for document in _documents() for missing in _missing(document)] == []


def test_every_document_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}
    pages = {path for path in _documents() if index.parent in path.parents} - {index}

    assert pages - listed == set()


def _documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split()]


def _missing(document: Path) -> list[str]:
    text = re.sub(r"^```.*?^```|`[^`\n]+`", "", document.read_text(), flags=re.M | re.S)
    return [
        f"{document.relative_to(ROOT)}: {link}"
        for link in LINK.findall(text)
        if not ELSEWHERE.match(link) and not _is_there(document, link)
    ]


def _is_there(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(document: Path) -> set[str]:
    """The headings of a document as a browser addresses them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
