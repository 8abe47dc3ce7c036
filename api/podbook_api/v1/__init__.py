"""Podbook's own REST API."""
