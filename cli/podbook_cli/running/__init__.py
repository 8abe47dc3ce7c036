"""Runs a notebook and tells how far it is."""
