"""Where a request goes, below what a proxy puts before every path."""

from typing import Any


def root_of(scope: Any) -> str:
    """Return the prefix of every path of this API, without a slash at its end."""
    return str(scope.get("root_path") or "").rstrip("/")


def path_of(scope: Any) -> str:
    """Return the path below the prefix, whether or not the proxy left the prefix there."""
    path, root = str(scope["path"]), root_of(scope)
    if root and (path == root or path.startswith(f"{root}/")):
        return path[len(root) :]
    return path


def base_url(scope: Any) -> str:
    """Return the absolute address of the API, prefix included."""
    host = next((v for k, v in scope["headers"] if k == b"host"), b"localhost").decode("latin-1")
    return f"{scope.get('scheme', 'http')}://{host}{root_of(scope)}"
