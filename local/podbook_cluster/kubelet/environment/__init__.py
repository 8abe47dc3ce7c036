"""The environment that a container starts with."""
