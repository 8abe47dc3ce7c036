"""Builds Podbook's images without a registry and brings them into the node's containerd."""

import ast
import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

from tests.cluster import binaries, commands, place

TARGETS = ("api", "operator", "runner", "catalog", "kernel")
BASE = "localhost/podbook/base:bookworm"
# The same with what the target catalog needs of the distribution.
GIT_BASE = "localhost/podbook/git-base:bookworm"
PAUSE = "localhost/podbook/pause:dev"
_STORAGE = place.CACHE / "images"
_LAYOUT = place.CACHE / "images.oci"
_BUILT = place.CACHE / "images.built"
# All images afresh take 1.7 GB there; each change of the sources adds some hundred MB.
_STORAGE_LIMIT = 12 * 10**9
_MADE_OF = (
    *("Dockerfile", ".dockerignore", "pyproject.toml", "README.md", "images"),
    *("api", "catalog", "cli", "crds", "kube", "local", "operator", "runner", "sdk"),
)
_BASE_PACKAGES = "python3,python3-venv,ca-certificates"
_GIT_PACKAGES = f"{_BASE_PACKAGES},git,openssh-client"
# What a Debian needs to run Python it needs without these.
_UNREAD = (
    "var/cache/apt",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
)
_REFERENCE = "org.opencontainers.image.ref.name"
_CERTIFICATES = Path("/etc/ssl/certs")


def name(target: str) -> str:
    """Return the name under which the node knows a target of the Dockerfile."""
    return f"localhost/podbook/{target}:dev"


def build() -> None:
    """Build every image whose source has changed and lay all of them out for the node."""
    fingerprint = _fingerprint()
    if _BUILT.exists() and _BUILT.read_text() == fingerprint:
        return
    _start_afresh_when_large()
    _STORAGE.mkdir(parents=True, exist_ok=True)
    for base, packages in ((BASE, _BASE_PACKAGES), (GIT_BASE, _GIT_PACKAGES)):
        if not _exists(base):
            _build_base(base, packages)
    _build_pause()
    for target in TARGETS:
        build_target(target)
    _lay_out([PAUSE, *map(name, TARGETS)])
    _BUILT.write_text(fingerprint)


def _start_afresh_when_large() -> None:
    """Layers of earlier sources stay in the storage, and nothing tells which one is of use."""
    if _STORAGE.exists() and _bytes_below(_STORAGE) > _STORAGE_LIMIT:
        for folder in (_STORAGE, _LAYOUT):
            commands.run("rm", "-rf", "--one-file-system", folder)


def _bytes_below(folder: Path) -> int:
    return 1024 * int(commands.run("du", "-sk", folder).split()[0])


def build_target(target: str) -> None:
    """Build one target of the Dockerfile; unchanged layers come from the cache."""
    _buildah(
        *("bud", "--layers", "--quiet", "--network", "host", "--target", target),
        *("--build-arg", f"BASE={BASE}", "--build-arg", f"GIT_BASE={GIT_BASE}"),
        *("--tag", name(target)),
        *_reach_packages(),
        str(place.REPOSITORY),
    )


def bring_in(layout: Path = _LAYOUT) -> None:
    """Import the images into the running containerd."""
    archive = place.STATE / f"{layout.name}.tar"
    commands.run("tar", "-C", layout, "-cf", archive, ".")
    commands.run("ctr", "-a", place.CONTAINERD_SOCKET, "-n", "k8s.io", "images", "import", archive)
    archive.unlink()


def of_users(dockerfile: str, *, name: str, files: dict[str, str] | None = None) -> str:
    """Build an image as users build theirs, from the text of a Dockerfile, and bring it in."""
    context = place.STATE / "context"
    shutil.rmtree(context, ignore_errors=True)
    context.mkdir()
    for path, text in {**(files or {}), "Dockerfile": dockerfile}.items():
        (context / path).write_text(text)
        (context / path).chmod(0o644)
    _buildah(
        *("bud", "--layers", "--quiet", "--network", "host", "--tag", name),
        *_reach_packages(),
        str(context),
    )
    layout = place.STATE / "of-users.oci"
    _lay_out([name], layout)
    bring_in(layout)
    return name


def sizes() -> list[str]:
    """Say what each image weighs, and the layers that it adds to the base."""
    lines = []
    for image in [BASE, GIT_BASE, *map(name, TARGETS)]:
        about = json.loads(_buildah("inspect", "--type", "image", image))
        manifest = json.loads(about["Manifest"])
        layers = [layer["size"] / 1e6 for layer in manifest["layers"]]
        added = " + ".join(f"{size:.0f}" for size in layers)
        lines.append(f"{image:45} {sum(layers):6.0f} MB = {added}")
    return lines


def _fingerprint() -> str:
    """Digest everything that the images are made of."""
    named = [place.REPOSITORY / name for name in _MADE_OF]
    files = [
        file for path in named for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
    ]
    digest = hashlib.sha256(binaries.program("pause").read_bytes())
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            relative = file.relative_to(place.REPOSITORY)
            digest.update(f"{relative}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _build_base(base: str, packages: str) -> None:
    """Make a small Debian with these of the distribution's own packages."""
    root = place.CACHE / "base"
    shutil.rmtree(root, ignore_errors=True)
    mirror = commands.run(
        "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"
    ).splitlines()[0]
    commands.run(
        *("debootstrap", "--variant=minbase", f"--include={packages}"),
        *("bookworm", root, mirror),
    )
    for unread in _UNREAD:
        shutil.rmtree(root / unread, ignore_errors=True)
        (root / unread).mkdir()
    _commit_folder(root, base)
    shutil.rmtree(root)


def _build_pause() -> None:
    root = place.CACHE / "pause"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    shutil.copy(binaries.program("pause"), root / "pause")
    _commit_folder(root, PAUSE, "--entrypoint", '["/pause"]', "--user", "65535:65535")
    shutil.rmtree(root)


def _commit_folder(root: Path, image: str, *config: str) -> None:
    archive = root.with_suffix(".tar")
    commands.run("tar", "-C", root, "-cf", archive, ".")
    container = _buildah("from", "scratch").strip()
    _buildah("add", "--quiet", container, str(archive), "/")
    if config:
        _buildah("config", *config, container)
    _buildah("commit", "--quiet", "--rm", container, image)
    archive.unlink()


def _reach_packages() -> list[str]:
    """Let pip in the build find what it finds on this machine: settings, certificates, wheels."""
    settings = commands.run(sys.executable, "-m", "pip", "config", "list").splitlines()
    # "global.cert='/x'" and ":env:.cert='/x'" both say cert = /x.
    told = dict(re.sub(r"^(\w+|:env:)\.", "", line).split("=", 1) for line in settings)
    config = place.CACHE / "pip.conf"
    lines = [f"{key} = {ast.literal_eval(value)}" for key, value in told.items()]
    config.write_text("\n".join(["[global]", *lines, ""]))
    config.chmod(0o600)
    wheels = [Path(word) for word in ast.literal_eval(told.get("find-links", "''")).split()]
    folders = [folder for folder in (_CERTIFICATES, *wheels) if folder.is_dir()]
    return [f"--volume={config}:/etc/pip.conf:ro", *(f"--volume={f}:{f}:ro" for f in folders)]


def _lay_out(images: list[str], layout: Path = _LAYOUT) -> None:
    """Write all images into one OCI layout, where they share their layers.

    What is in the layout already is not compressed again.
    """
    for image in images:
        _buildah("push", "--quiet", image, f"oci:{layout}:{image}")
    index = layout / "index.json"
    content = json.loads(index.read_text())
    # An image that was built anew stays in the index, without a name.
    content["manifests"] = [
        one for one in content["manifests"] if _REFERENCE in one.get("annotations", {})
    ]
    for manifest in content["manifests"]:
        manifest["annotations"]["io.containerd.image.name"] = manifest["annotations"][_REFERENCE]
    index.write_text(json.dumps(content))
    _drop_unused(layout, [manifest["digest"] for manifest in content["manifests"]])


def _drop_unused(layout: Path, manifests: list[str]) -> None:
    """Remove the blobs of images that were since built anew."""
    used = set(manifests)
    for digest in manifests:
        manifest = json.loads(_blob(layout, digest).read_text())
        used |= {part["digest"] for part in [manifest["config"], *manifest["layers"]]}
    for file in (layout / "blobs" / "sha256").iterdir():
        if f"sha256:{file.name}" not in used:
            file.unlink()


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def _exists(image: str) -> bool:
    return bool(_buildah("images", "--quiet", "--filter", f"reference={image}").strip())


def _buildah(*arguments: str) -> str:
    isolated = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "overlay"}
    storage = ("--root", str(_STORAGE), "--runroot", str(_STORAGE / "run"))
    return commands.run("nice", "buildah", *storage, *arguments, env=isolated)
