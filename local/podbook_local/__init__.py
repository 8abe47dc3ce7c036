"""A small Kubernetes-compatible cluster on one machine, and what starts Podbook on it."""
