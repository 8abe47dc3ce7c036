"""A small Kubernetes-compatible API server on SQLite: the resources Podbook uses, nothing more."""
