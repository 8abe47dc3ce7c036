"""What the kernel left is taken only if it is a plain file of the work folder."""

import os
from pathlib import Path

import pytest

from podbook_crds.content import blob_digest
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidNotebook
from podbook_crds.protocol.job import JobFile
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.reporting import artifacts
from podbook_runner.reporting.artifacts import collect
from podbook_runner.reporting.losses import REFUSED, Losses
from rig.fake_intake import FakeIntake
from rig.runner_pod import a_job, a_pod, ipynb


def a_place(root: Path, folder: str = "") -> WorkFolder:
    (root / folder / "artifacts" / "deep").mkdir(parents=True)
    return WorkFolder(root, folder, folder)


def test_files_under_artifacts_are_collected_with_type_size_and_digest(tmp_path: Path) -> None:
    place = a_place(tmp_path, "reports")
    (tmp_path / "reports/artifacts/deep/plot.png").write_bytes(b"png")
    (tmp_path / "reports/artifacts/ünï code").write_bytes(b"")
    (tmp_path / "reports/elsewhere.txt").write_bytes(b"not asked for")

    uploads, losses = collect(place)

    assert [(u.name, u.media_type, u.size, u.digest) for u in uploads] == [
        ("files/deep/plot.png", "image/png", 3, blob_digest(b"png")),
        ("files/ünï code", "application/octet-stream", 0, blob_digest(b"")),
    ]
    assert losses.all() == []
    with uploads[0].open() as file:
        assert file.read() == b"png"


def test_what_is_still_written_to_is_taken_as_it_was_found(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    log = tmp_path / "artifacts/service.log"
    log.write_bytes(b"began\n")
    (upload,), _ = collect(place)
    with log.open("ab") as writer:
        writer.write(b"and went on\n")

    with upload.open() as file:
        pieces = iter(lambda: file.read(4), b"")
        assert blob_digest(b"".join(pieces)) == upload.digest
    assert upload.size == len(b"began\n")


def test_links_pipes_and_folders_that_are_links_are_left(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/inner").write_text("secret")
    place = a_place(tmp_path / "work")
    folder = tmp_path / "work/artifacts"
    (folder / "link").symlink_to(tmp_path / "token")
    (folder / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "pipe")

    uploads, losses = collect(place)

    assert uploads == []
    assert [(lost.reason, lost.message, lost.names) for lost in losses.all()] == [
        ("NotAFile", "it is a link", ["'folder'", "'link'"]),
        ("NotAFile", "it is no regular file", ["'pipe'"]),
    ]


def test_each_artifact_that_is_lost_is_told_with_a_cause_that_is_its_own(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    names = ["line\nbreak", "bell\x07", "c1\x85"]
    for name in names:
        (tmp_path / "artifacts" / name).write_text("x")

    uploads, losses = collect(place)

    assert uploads == []
    (lost,) = losses.all()
    assert (lost.reason, lost.message) == ("NameInvalid", "its name holds control characters")
    assert lost.names == [ascii(name) for name in sorted(names)]


def test_ever_new_causes_of_one_kind_come_to_a_few_entries() -> None:
    losses = Losses()
    for number in range(1_000):
        losses.add(REFUSED, f"cause {number}", f"{number}")

    found = losses.all()

    assert [lost.message for lost in found[:2]] == ["cause 0", "cause 1"]
    assert "more causes" in found[-1].message
    assert len(found) == 5
    assert sum(lost.count for lost in found) == 1_000


def test_the_artifacts_folder_may_be_no_link_itself(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/inner").write_text("secret")
    (tmp_path / "work").mkdir()
    (tmp_path / "work/artifacts").symlink_to(tmp_path / "outside")

    uploads, losses = collect(WorkFolder(tmp_path / "work", "", ""))

    assert uploads == []
    assert [lost.names for lost in losses.all()] == [["'artifacts'"]]


def test_a_file_that_became_a_link_since_it_was_collected_is_not_sent(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    path = tmp_path / "artifacts/a"
    path.write_bytes(b"a")
    (upload,) = collect(place)[0]
    path.unlink()
    path.symlink_to("/etc/hostname")

    with pytest.raises(OSError, match="symbolic links"):
        upload.open()


def test_too_many_and_too_large_files_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "FILES_LIMIT", 2)
    monkeypatch.setattr(artifacts, "SIZE_LIMIT", 10)
    place = a_place(tmp_path)
    for name, size in {"a": 6, "b": 5, "c": 4, "d": 1}.items():
        (tmp_path / "artifacts" / name).write_bytes(b"x" * size)

    uploads, losses = collect(place)

    assert [upload.name for upload in uploads] == ["files/a", "files/c"]
    assert [(lost.reason, lost.message, lost.names) for lost in losses.all()] == [
        ("TooLarge", "the files have more than 10 bytes together", ["'b'"]),
        ("TooMany", "there are more than 2 files", ["'d'"]),
    ]


def test_a_name_that_is_no_utf_8_is_told_of(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    (tmp_path / os.fsdecode(b"artifacts/caf\xe9.txt")).write_bytes(b"x")

    uploads, losses = collect(place)

    assert uploads == []
    (lost,) = losses.all()
    assert (lost.reason, lost.names) == ("NameInvalid", [r"'caf\udce9.txt'"])


def test_folders_nested_too_deep_are_told_of(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    deep = tmp_path.joinpath("artifacts", *["x"] * 40)
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"x")

    assert "nested more than 32" in collect(place)[1].all()[0].message


def test_a_thousand_that_are_lost_for_one_reason_are_one_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "FILES_LIMIT", 0)
    place = a_place(tmp_path)
    for number in range(1000):
        (tmp_path / "artifacts" / f"{number:04}").write_bytes(b"")

    (lost,) = collect(place)[1].all()

    assert (lost.count, lost.names) == (1000, [f"'{n:04}'" for n in range(5)])


def test_what_is_left_out_and_what_the_store_refuses_is_told_with_its_reason() -> None:
    cell = (
        "import os\nos.mkdir('artifacts')\nos.symlink('/etc/hostname', 'artifacts/link')\n"
        "open('artifacts/bad', 'w').close()\nopen('artifacts/good', 'w').close()"
    )
    intake = FakeIntake(failures={"/intake/v1/artifacts/files/bad": [400]})

    with a_pod(a_job(ipynb(cell)), intake=intake) as pod:
        result = pod.wait()

    assert (result.reason, result.artifacts_lost) == (Reason.NOTEBOOK_COMPLETED, False)
    assert [(lost.reason, lost.names) for lost in result.lost] == [
        ("NotAFile", ["'link'"]),
        ("Refused", ["'files/bad'"]),
    ]
    assert "files/good" in pod.intake.artifacts


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/passwd", "a/../../b", ".podbook/lib/podbook/x.py", ".ipc/k-1", ""]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(path: str, tmp_path: Path) -> None:
    file = JobFile(path=path, digest="", size=0, text="x")

    with pytest.raises(InvalidNotebook, match="must lead below the notebook's folder"):
        WorkFolder(tmp_path, "", "").lay_out([file], lambda _: b"")


def test_a_notebook_runs_in_its_folder_of_the_catalogs_tree() -> None:
    cells = (
        "import helper, shared",
        "print(open('../data/x.csv').read(), helper.NAME, shared.NAME)",
        "import os, pathlib\nprint(pathlib.Path.cwd().name)\nos.mkdir('artifacts')\n"
        "open('artifacts/report.txt', 'w').write('done')",
        "print(sorted(name for name in dir() if 'podbook' in name))",
    )
    sources = {
        "data/x.csv": "1,2",
        "sub/helper.py": "NAME = 'helper'",
        "lib/shared.py": "NAME = 'shared'",
    }
    files = [JobFile(path=p, digest="", size=0, text=text) for p, text in sources.items()]
    text = ipynb(*cells)
    job = a_job(text, notebook_id="sub/analysis", files=files, python_path=["lib"])

    with a_pod(job) as pod:
        pod.wait()

    outputs = [cell.outputs[0].text for cell in pod.notebook.cells[1:]]
    assert outputs == ["1,2 helper shared\n", "sub\n", "[]\n"]
    assert pod.intake.artifacts["files/report.txt"] == b"done"


def test_a_notebook_of_old_runs_in_the_catalogs_root() -> None:
    cell = "import os, helper\nprint(os.path.basename(os.getcwd()))"
    files = [JobFile(path="sub/helper.py", digest="", size=0, text="")]
    job = a_job(ipynb(cell), notebook_id="sub/analysis", files=files, workdir="catalog")

    with a_pod(job) as pod:
        pod.wait()

    assert pod.notebook.cells[0].outputs[0].text == "work\n"


def test_a_link_to_the_runners_token_does_not_become_an_artifact() -> None:
    cell = "import os\nos.mkdir('artifacts')\nos.symlink('../../token/token', 'artifacts/token')"

    with a_pod(a_job(ipynb(cell))) as pod:
        pod.wait()

    assert set(pod.intake.artifacts) == {"notebook.ipynb"}
