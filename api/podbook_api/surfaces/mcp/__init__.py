"""Notebooks as tools for agents: the Model Context Protocol, of 2026 and of the years before."""
